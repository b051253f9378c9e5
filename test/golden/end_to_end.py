"""The end-to-end mechanism: two encoders, both trained, the keys of the batch as dictionary. 5 steps at one rate, T = 0.05.

Begins where v2.py does, the key encoder away from the query encoder. Written from arXiv:1911.05722, sections 3.2 and 3.3.
"""

import torch
from torch.nn import functional as F

import v2
from golden import golden, named, save, views

STEPS = 5


class EndToEnd:
    def __init__(self, moco):
        self.query, self.key = moco.query, moco.key
        parameters = [*self.query.parameters(), *self.key.parameters()]
        self.optimizer = torch.optim.SGD(parameters, lr=0.0, momentum=0.9, weight_decay=1e-3)

    def to(self, dtype):
        self.query.to(dtype)
        self.key.to(dtype)

    def step(self, view_q, view_k, shuffle, learning_rate):
        q = self.query(view_q)
        k = self.key(view_k[shuffle])[torch.argsort(shuffle)]  # the gradient flows through here as well
        loss = F.cross_entropy(q @ k.T / 0.05, torch.arange(len(q)))
        self.optimizer.param_groups[0]["lr"] = learning_rate
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def tensors(self):
        state = {}
        for side in ("query", "key"):
            network = getattr(self, side)
            state |= named(f"{side}.params", network.named_parameters())
            state |= named(f"{side}.buffers", network.named_buffers())
            velocity = [(name, self.optimizer.state[p].get("momentum_buffer")) for name, p in network.named_parameters()]
            state |= named(f"optimizer.velocity.{side}", [(name, v) for name, v in velocity if v is not None])
        return state


if __name__ == "__main__":
    torch.set_num_threads(1)
    _, expected = golden(lambda: EndToEnd(v2.make(False)), views(20), [0.05] * STEPS, seed=15)
    save("end_to_end_expected.safetensors", expected)
