"""MoCo v2 as Lightly's documentation has it, with this bench's network and numbers: python lightly_peer.py docs WORKLOAD cpu|gpu IMAGES"""

import sys

import torch

import torchvision_operators  # noqa: F401
import lightly
from lightly.loss import NTXentLoss
from lightly.models.utils import update_momentum
from lightly.transforms import MoCoV2Transform
from PIL import Image
from torch import nn
from torch.utils.data import Dataset

from lightly_network import MoCo
from peer import images_of, serve, workload
from pytorch_network import parameters_of, sgd
from pytorch_variant import Variant
from pytorch_views import loader


class Views(Dataset):
    def __init__(self, images, work):
        self.images = images[..., 0]  # grey
        self.transform = MoCoV2Transform(work.input[0], normalize={"mean": [0.449], "std": [0.226]})

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        return self.transform(Image.fromarray(self.images[index]))


def main(_variant, name, device, path):
    torch.manual_seed(0)
    work = workload(name, device)
    variant = Variant("eager", device)
    model = variant.placed(MoCo(work))
    trained = nn.ModuleList([model.backbone, model.projection_head])
    optimizer = sgd(trained, work)
    criterion = NTXentLoss(temperature=work.temperature, memory_bank_size=(work.queue, work.dimension)).to(variant.device)
    batches = loader(Views(images_of(path, work), work), work)

    def step(views):
        x_query, x_key = (variant.view(view) for view in views)
        update_momentum(model.backbone, model.backbone_momentum, m=work.momentum)
        update_momentum(model.projection_head, model.projection_head_momentum, m=work.momentum)
        query = model(x_query)
        key = model.forward_momentum(x_key)
        loss = criterion(query, key)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        return loss.detach()

    def run(steps):
        return [step(views) for views in batches(steps)][-1].item()

    serve(run, parameters_of(trained), {"lightly": lightly.__version__, "torch": torch.__version__})


if __name__ == "__main__":
    main(*sys.argv[1:])
