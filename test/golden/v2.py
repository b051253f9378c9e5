"""MoCo v2: MLP head, T = 0.2, cosine learning rate, one-way and symmetric. 20 steps, 5 to an epoch; K is six batches.

The key encoder starts away from the query encoder, as after some training, so that the first EMA update counts.
"""

import copy

import torch
from torch.nn import functional as F

from golden import Encoder, Moco, cosine_rate, golden, save, views

STEPS, STEPS_PER_EPOCH = 20, 5


def make(symmetric):
    query = Encoder("mlp", 16)
    key = copy.deepcopy(query)
    with torch.no_grad():
        for p in key.parameters():
            p += 0.2 * p.abs().mean() * torch.randn_like(p)
    return Moco(
        query,
        key,
        F.normalize(torch.randn(48, 16)),
        momentum=0.99,
        temperature=0.2,
        weight_decay=1e-3,
        symmetric=symmetric,
    )


if __name__ == "__main__":
    torch.set_num_threads(1)
    batches = views(STEPS)
    rates = [cosine_rate(0.02, step // STEPS_PER_EPOCH, STEPS // STEPS_PER_EPOCH) for step in range(STEPS)]
    for name, symmetric in [("v2", False), ("v2_symmetric", True)]:
        initial, expected = golden(lambda: make(symmetric), batches, rates, seed=15)
        save(f"{name}_expected.safetensors", expected)
    save("v2_initial.safetensors", initial)  # the same for both
