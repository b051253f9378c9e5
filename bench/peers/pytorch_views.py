"""MoCo v2's augmentation with torchvision's transforms (version 2, on tensors), in the processes of a DataLoader."""

import os

import torch
from torch.utils.data import DataLoader, Dataset, Sampler

import torchvision_operators  # noqa: F401
from torchvision import __version__ as torchvision_version  # noqa: F401
from torchvision.transforms import v2


class Views(Dataset):
    """Two views of each image."""

    def __init__(self, images, work):
        self.images = torch.from_numpy(images).permute(0, 3, 1, 2)  # uint8 [N, C, height, width]
        self.augment = v2.Compose([
            v2.RandomResizedCrop(work.input[0], scale=(0.2, 1), antialias=False),
            v2.RandomApply([v2.ColorJitter(0.4, 0.4, 0.4, 0.1)], p=0.8),
            v2.RandomGrayscale(0.2),
            v2.RandomApply([v2.GaussianBlur(3, (0.1, 2))], p=0.5),
            v2.RandomHorizontalFlip(),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize([0.449], [0.226]),
        ])

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        return self.augment(self.images[index]), self.augment(self.images[index])


class SomeImages(Sampler):
    """As many images as are asked for, in a random order: so that no worker runs ahead while it is another's turn."""

    def __init__(self, images):
        self.images, self.count = images, 0

    def __iter__(self):
        return iter(torch.randperm(self.images)[: self.count].tolist())

    def __len__(self):
        return self.count


def loader(dataset, work):
    """From a number of steps to the batches of as many; the processes that make them stay alive."""
    sampler = SomeImages(len(dataset))
    cores = len(os.sched_getaffinity(0))
    batches = DataLoader(
        dataset,
        work.batch,
        sampler=sampler,
        num_workers=cores,
        persistent_workers=True,
        pin_memory=torch.cuda.is_available(),
    )

    def take(steps):
        sampler.count = steps * work.batch
        return batches

    return take
