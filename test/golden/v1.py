"""MoCo v1: linear head, T = 0.07, the learning rate drops at milestones. 20 steps, 5 to an epoch; K is three batches."""

import copy

import torch
from torch.nn import functional as F

from golden import Encoder, Moco, golden, save, step_rate, views

STEPS, STEPS_PER_EPOCH = 20, 5


def make():
    query = Encoder("linear", 16)
    return Moco(
        query,
        copy.deepcopy(query),
        F.normalize(torch.randn(24, 16)),
        momentum=0.9,
        temperature=0.07,
        weight_decay=1e-3,
    )


if __name__ == "__main__":
    torch.set_num_threads(1)
    batches = views(STEPS)
    rates = [step_rate(0.02, step // STEPS_PER_EPOCH, [2, 3]) for step in range(STEPS)]
    initial, expected = golden(make, batches, rates, seed=2)
    save("views.safetensors", batches)
    save("v1_initial.safetensors", initial)
    save("v1_expected.safetensors", expected)
