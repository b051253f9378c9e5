"""MoCo in PyTorch: python pytorch_peer.py VARIANT WORKLOAD cpu|gpu [IMAGES]; pytorch_variant.py says which variants."""

import sys

import torch

from peer import images_of, random_views, serve, workload
from pytorch_moco import methods
from pytorch_variant import Variant


def main(variant, name, device, path=None):
    torch.manual_seed(0)
    work = workload(name, device)
    variant = Variant(variant, device)
    moco = methods[work.method](work, variant)
    versions = {"torch": torch.__version__}
    if path is None:
        views = [variant.view(torch.from_numpy(view)) for view in random_views(work, (0, 3, 1, 2))]
        batches = lambda steps: [views] * steps
    else:
        from pytorch_views import Views, loader, torchvision_version

        versions["torchvision"] = torchvision_version
        batches = loader(Views(images_of(path, work), work), work)

    def run(steps):
        for views in batches(steps):
            loss = moco.step(*views)
        return loss.item()  # waits for all that the device was given

    serve(run, moco.parameters, versions)


if __name__ == "__main__":
    main(*sys.argv[1:])
