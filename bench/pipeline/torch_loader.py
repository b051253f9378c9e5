"""PyTorch's DataLoader with torchvision's RandomResizedCrop, two workers: a contestant of ../pipeline.ts.

python torch_loader.py FOLDER uint8|float32. Each line of input is a number of batches; the answer is the seconds.
"""

import os
import sys
import time

import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

BATCH, WORKERS = 64, 2
folder, dtype = sys.argv[1:]
to_tensor = transforms.ToTensor() if dtype == "float32" else transforms.PILToTensor()


class Photographs(Dataset):
    def __init__(self):
        self.paths = sorted(os.path.join(folder, name) for name in os.listdir(folder))
        self.view = transforms.Compose([transforms.RandomResizedCrop(224, scale=(0.2, 1.0)), to_tensor])

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, index):
        image = Image.open(self.paths[index]).convert("RGB")
        return [self.view(image) for _ in range(2)]


def forever():
    torch.set_num_threads(1)
    loader = DataLoader(Photographs(), batch_size=BATCH, shuffle=True, drop_last=True, num_workers=WORKERS)
    while True:
        yield from loader


batches = forever()
for line in sys.stdin:
    start = time.perf_counter()
    for _ in range(int(line)):
        next(batches)
    print(time.perf_counter() - start, flush=True)
