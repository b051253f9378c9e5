"""SimCLR: one encoder over both views at once, each view against all others. 5 steps at one rate, T = 0.05.

Begins with the query encoder of v2.py. Written from arXiv:2002.05709, algorithm 1.
"""

import torch
from torch.nn import functional as F

import v2
from golden import golden, named, save, views

STEPS = 5


class Simclr:
    def __init__(self, moco):
        self.query = moco.query
        self.optimizer = torch.optim.SGD(self.query.parameters(), lr=0.0, momentum=0.9, weight_decay=1e-3)

    def to(self, dtype):
        self.query.to(dtype)

    def step(self, view_1, view_2, _, learning_rate):
        z = self.query(torch.cat([view_1, view_2]))
        similarity = z @ z.T / 0.05
        loss = 0
        for i in range(len(z)):
            pair = (i + len(view_1)) % len(z)
            others = torch.cat([similarity[i, :i], similarity[i, i + 1 :]])  # a view is no candidate of its own
            loss = loss + (torch.logsumexp(others, 0) - similarity[i, pair]) / len(z)
        self.optimizer.param_groups[0]["lr"] = learning_rate
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def tensors(self):
        state = named("query.params", self.query.named_parameters()) | named("query.buffers", self.query.named_buffers())
        velocity = [(name, self.optimizer.state[p].get("momentum_buffer")) for name, p in self.query.named_parameters()]
        return state | named("optimizer.velocity", [(name, v) for name, v in velocity if v is not None])


if __name__ == "__main__":
    torch.set_num_threads(1)
    _, expected = golden(lambda: Simclr(v2.make(False)), views(20), [0.2] * STEPS, seed=15)
    save("simclr_expected.safetensors", expected)
