"""MoCo v2 in PyTorch: python pytorch_peer.py eager|channels-last|compiled|bfloat16 WORKLOAD [IMAGES]

The fast paths that PyTorch has for a processor are taken in every variant: in-place activations, fused SGD, one
operation for the momentum update of all parameters.
"""

import copy
import sys

import torch
from torch.nn import functional as F
from torch.optim.swa_utils import get_ema_multi_avg_fn

from peer import images_of, random_views, serve, workload
from pytorch_network import encoder, parameters_of, sgd


class Moco:
    """The state of training, and one step over it: arXiv:1911.05722, algorithm 1, with the head of arXiv:2003.04297."""

    def __init__(self, work, variant):
        self.work = work
        self.bfloat16 = variant == "bfloat16"
        self.layout = torch.contiguous_format if variant == "eager" else torch.channels_last
        self.query = encoder(work).to(memory_format=self.layout)
        self.key = copy.deepcopy(self.query).requires_grad_(False)
        self.queue = F.normalize(torch.randn(work.queue, work.dimension))
        self.at = 0
        self.optimizer = sgd(self.query, work)
        self.follow = get_ema_multi_avg_fn(work.momentum)
        self.loss = torch.compile(self.contrast) if variant == "compiled" else self.contrast

    def contrast(self, query, key, queue):
        q = F.normalize(self.query(query))
        with torch.no_grad():
            k = F.normalize(self.key(key))
        positive = (q * k).sum(1, keepdim=True)
        logits = torch.cat([positive, q @ queue.T], 1) / self.work.temperature  # [N, 1 + K]
        return F.cross_entropy(logits, torch.zeros(len(q), dtype=torch.long)), k

    def step(self, query, key):
        query, key = (view.contiguous(memory_format=self.layout) for view in (query, key))
        self.follow(list(self.key.parameters()), list(self.query.parameters()), None)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.bfloat16):
            loss, keys = self.loss(query, key, self.queue)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.queue[self.at : self.at + len(keys)] = keys
        self.at = (self.at + len(keys)) % self.work.queue
        return loss.item()


def main(variant, name, path=None):
    torch.manual_seed(0)
    work = workload(name)
    moco = Moco(work, variant)
    versions = {"torch": torch.__version__}
    if path is None:
        views = [torch.from_numpy(view) for view in random_views(work, (0, 3, 1, 2))]

        def run(steps):
            return [moco.step(*views) for _ in range(steps)][-1]
    else:
        from pytorch_views import Views, loader, torchvision_version

        versions["torchvision"] = torchvision_version
        batches = loader(Views(images_of(path, work), work), work)

        def run(steps):
            return [moco.step(*views) for views in batches(steps)][-1]

    serve(run, parameters_of(moco.query), versions)


if __name__ == "__main__":
    main(*sys.argv[1:])
