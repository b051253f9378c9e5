"""MoCo v2 trained as Lightly's documentation has it, by recipe.json, on a folder of images with subfolders by class.

    python lightly_moco.py REQUEST

REQUEST is JSON: path, limit, epochs, every, seed, precision, out. After every so many epochs the features of all training
and test images are written to `out`, as raw float32 beside raw int32 labels, and one line of JSON to standard output:
the epoch, and the seconds of training until then.
"""

import json
import math
import os
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parents[1] / "peers"))

import torchvision_operators  # noqa: E402, F401
import lightly  # noqa: E402
from lightly.data import LightlyDataset  # noqa: E402
from lightly.loss import NTXentLoss  # noqa: E402
from lightly.models.utils import update_momentum  # noqa: E402
from lightly.transforms import MoCoV2Transform  # noqa: E402
from torch.utils.data import DataLoader, Subset  # noqa: E402
from torchvision import transforms  # noqa: E402
from torchvision.datasets import ImageFolder  # noqa: E402

from lightly_network import MoCo  # noqa: E402

RECIPE = SimpleNamespace(**json.loads((Path(__file__).parent / "recipe.json").read_text()))
WORKERS = len(os.sched_getaffinity(0))


def some(labels, limit):
    """The places that remain under a limit: the classes take turns, each giving its images in order."""
    if limit is None:
        return list(range(len(labels)))
    turns, turn_of = {}, []
    for label in labels:
        turn_of.append(turns.get(label, 0))
        turns[label] = turn_of[-1] + 1
    return sorted(sorted(range(len(labels)), key=turn_of.__getitem__)[:limit])


def plain_images(folder, limit=None):
    """Images as evaluation sees them."""
    normal = transforms.Compose([transforms.ToTensor(), transforms.Normalize(RECIPE.mean, RECIPE.std)])
    images = ImageFolder(folder, normal)
    return Subset(images, some(images.targets, limit))


@torch.no_grad()
def write_features(model, images, path):
    model.eval()
    features, labels = zip(*((model.backbone(x), y) for x, y in DataLoader(images, 250, num_workers=WORKERS)))
    torch.cat(features).float().numpy().astype("<f4").tofile(f"{path}.features")
    torch.cat(labels).numpy().astype("<i4").tofile(f"{path}.labels")
    model.train()


def main(request):
    torch.manual_seed(request.seed)
    np.random.seed(request.seed)
    network = {"encoder": "resnet18", "stem": "small", "input": [RECIPE.size, RECIPE.size, 3]}
    model = MoCo(SimpleNamespace(**vars(RECIPE), **network))
    transform = MoCoV2Transform(
        RECIPE.size,
        min_scale=RECIPE.cropScale[0],
        gaussian_blur=0.0,
        normalize={"mean": RECIPE.mean, "std": RECIPE.std},
    )
    data = LightlyDataset(os.path.join(request.path, "train"), transform=transform)
    views = Subset(data, some(data.dataset.targets, request.limit))
    batches = DataLoader(
        views, RECIPE.batch, shuffle=True, drop_last=True, num_workers=WORKERS, persistent_workers=True
    )
    criterion = NTXentLoss(temperature=RECIPE.temperature, memory_bank_size=(RECIPE.queue, RECIPE.dimension))
    trained = [*model.backbone.parameters(), *model.projection_head.parameters()]
    optimizer = torch.optim.SGD(trained, RECIPE.learningRate, RECIPE.velocity, weight_decay=RECIPE.weightDecay)
    measured = {
        "train": plain_images(os.path.join(request.path, "train"), request.limit),
        "test": plain_images(os.path.join(request.path, "test")),
    }
    seconds = 0
    for epoch in range(request.epochs):
        start = time.perf_counter()
        optimizer.param_groups[0]["lr"] = RECIPE.learningRate / 2 * (1 + math.cos(math.pi * epoch / request.epochs))
        for (x_query, x_key), *_ in batches:
            update_momentum(model.backbone, model.backbone_momentum, m=RECIPE.momentum)
            update_momentum(model.projection_head, model.projection_head_momentum, m=RECIPE.momentum)
            with torch.autocast("cpu", torch.bfloat16, enabled=request.precision == "bfloat16"):
                query = model(x_query)
                key = model.forward_momentum(x_key)
            loss = criterion(query.float(), key.float())
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
        seconds += time.perf_counter() - start
        if (epoch + 1) % request.every == 0 or epoch + 1 == request.epochs:
            for part, images in measured.items():
                write_features(model, images, os.path.join(request.out, f"{epoch + 1}.{part}"))
            print(json.dumps({"epoch": epoch + 1, "seconds": seconds}), flush=True)
    print(json.dumps({"versions": {"lightly": lightly.__version__, "torch": torch.__version__}}), flush=True)


if __name__ == "__main__":
    main(SimpleNamespace(**json.loads(sys.argv[1])))
