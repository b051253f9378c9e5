"""The memory bank: a stored key for each of 24 images. 9 steps, three epochs of three, at one rate, T = 0.1.

Begins with the query encoder of v2.py and an empty bank. Written from arXiv:1805.01978, sections 3.1 and 3.2, with the
loss of arXiv:1911.05722 (section 4.1). An image that was not seen has no key: its query takes no part in the loss.
"""

import math

import numpy as np
import torch
from torch.nn import functional as F

import v2
from golden import golden, named, save, views

IMAGES, BATCH, NEGATIVES, DIMENSION, STEPS = 24, 8, 12, 16, 9
TEMPERATURE, MOMENTUM = 0.1, 0.5


def places(seed=5):
    """Of each step, which images the batch has, and whose keys are its negatives: never those of the batch."""
    random = np.random.default_rng(seed)
    tensors = {}
    for step in range(STEPS):
        if step % (IMAGES // BATCH) == 0:
            order = random.permutation(IMAGES)
        begin = step % (IMAGES // BATCH) * BATCH
        index = order[begin : begin + BATCH]
        others = np.setdiff1d(np.arange(IMAGES), index)
        tensors[f"{step}.index"] = index.astype(np.int32)
        tensors[f"{step}.sample"] = random.choice(others, NEGATIVES).astype(np.int32)
    return tensors


class MemoryBank:
    def __init__(self, moco):
        self.query = moco.query
        self.stored = {}  # the key of each image that was seen
        self.steps = 0
        self.optimizer = torch.optim.SGD(self.query.parameters(), lr=0.0, momentum=0.9, weight_decay=1e-3)

    def to(self, dtype):
        self.query.to(dtype)

    def step(self, view, _, __, learning_rate):
        index, sample = (PLACES[f"{self.steps}.{name}"].tolist() for name in ("index", "sample"))
        q = self.query(view)
        nothing = q.new_zeros(DIMENSION)
        loss = 0
        for image, feature in zip(index, q):
            if image not in self.stored:
                loss = loss + math.log(1 + NEGATIVES) / BATCH  # that of guessing
                continue
            candidates = torch.stack([self.stored[image], *(self.stored.get(other, nothing) for other in sample)])
            loss = loss - F.log_softmax(candidates @ feature / TEMPERATURE, 0)[0] / BATCH

        self.optimizer.param_groups[0]["lr"] = learning_rate
        self.optimizer.zero_grad()
        for parameter in self.query.parameters():
            parameter.grad = torch.zeros_like(parameter)  # weight decay acts where the loss has no gradient, too
        if isinstance(loss, torch.Tensor):
            loss.backward()
        self.optimizer.step()

        for image, feature in zip(index, q.detach()):
            before = self.stored.get(image, feature)
            self.stored[image] = F.normalize(MOMENTUM * before + (1 - MOMENTUM) * feature, dim=0)
        self.steps += 1
        return loss.item() if isinstance(loss, torch.Tensor) else loss

    def tensors(self):
        state = named("query.params", self.query.named_parameters()) | named("query.buffers", self.query.named_buffers())
        velocity = [(name, self.optimizer.state[p].get("momentum_buffer")) for name, p in self.query.named_parameters()]
        state |= named("optimizer.velocity", [(name, v) for name, v in velocity if v is not None])
        if self.stored:  # all of them after the first epoch
            state["bank.keys"] = torch.stack([self.stored[image] for image in range(IMAGES)])
        return state


if __name__ == "__main__":
    torch.set_num_threads(1)
    PLACES = places()
    _, expected = golden(lambda: MemoryBank(v2.make(False)), views(20), [0.05] * STEPS, seed=15)
    save("memory_bank_expected.safetensors", expected | PLACES)
