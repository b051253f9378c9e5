"""What the golden scripts of MoCo v3 share: its step, its optimizers' rates and the heads, in PyTorch.

Written from the paper (arXiv:2104.02057) to be read beside src/methods/moco_v3.ts; it shares no code with it, and none with
the authors' repository.
"""

import math

import torch
from torch import nn
from torch.nn import functional as F

from golden import GroupedBatchNorm, ReLU, named, our_layout


def mlp(widths, last_norm):
    """Linear layers without bias, batch norm and ReLU between them; the last norm, if any, without scale and offset."""
    layers = []
    for index, (inputs, outputs) in enumerate(zip(widths, widths[1:])):
        layers.append(nn.Linear(inputs, outputs, bias=False))
        if index < len(widths) - 2:
            layers += [GroupedBatchNorm(outputs, 1), ReLU()]
        elif last_norm:
            layers.append(GroupedBatchNorm(outputs, 1, affine=False))
    return nn.Sequential(*layers)


class Encoder(nn.Module):
    def __init__(self, backbone, projector):
        super().__init__()
        self.backbone, self.projector = backbone, projector

    def forward(self, x):
        return self.projector(self.backbone(x))

    def leaves(self, of):
        """of(p) for each trained parameter p, by our names and in our layouts."""
        return {name: our_layout(of(p)) for name, p in self.named_parameters()}


class MocoV3:
    """The state of training, and one step over it."""

    def __init__(self, query, key, predictor, optimizer, momentum_at, temperature):
        self.query, self.key, self.predictor = query, key, predictor
        self.optimizer, self.momentum_at, self.temperature = optimizer, momentum_at, temperature
        self.steps = 0

    def to(self, dtype):
        for network in (self.query, self.key, self.predictor):
            network.to(dtype)

    def step(self, view_1, view_2, _, learning_rate):
        momentum = self.momentum_at(self.steps)
        q1 = self.predictor(self.query(view_1))
        q2 = self.predictor(self.query(view_2))
        with torch.no_grad():
            for k, q in zip(self.key.parameters(), self.query.parameters()):
                k.copy_(momentum * k + (1 - momentum) * q)
            k1, k2 = self.key(view_1), self.key(view_2)
        loss = self.contrast(q1, k2) + self.contrast(q2, k1)

        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.steps += 1
        return loss.item()

    def contrast(self, q, k):
        logits = F.normalize(q) @ F.normalize(k).T / self.temperature  # [N, N]
        return 2 * self.temperature * F.cross_entropy(logits, torch.arange(len(q)))

    def tensors(self):
        """The state by our names. The optimizer's is absent before the first step."""
        state = {}
        for side in ("query", "key"):
            state |= below(f"{side}.params", getattr(self, side).leaves(lambda p: p.detach()))
            state |= named(f"{side}.buffers", getattr(self, side).named_buffers())
        state |= named("predictor.params", self.predictor.named_parameters())
        state |= named("predictor.buffers", self.predictor.named_buffers())
        for ours, theirs in [("velocity", "velocity"), ("first", "exp_avg"), ("second", "exp_avg_sq")]:
            if all(theirs in self.optimizer.state[p] for p in self.predictor.parameters()):
                of = lambda p: self.optimizer.state[p][theirs]
                state |= below(f"optimizer.{ours}", self.query.leaves(of))
                predictor = [(name, of(p)) for name, p in self.predictor.named_parameters()]
                state |= named(f"optimizer.{ours}.predictor", predictor)
        return state


class LARS(torch.optim.Optimizer):
    """trust |w| / |g + wd w| as the rate of each tensor of two axes and more, momentum, the learning rate outside."""

    def __init__(self, parameters, weight_decay, momentum=0.9, trust=0.001):
        super().__init__(parameters, dict(lr=0.0, weight_decay=weight_decay, momentum=momentum, trust=trust))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                direction = p.grad
                if p.ndim > 1:
                    direction = direction + group["weight_decay"] * p
                    size, slope = p.norm(), direction.norm()
                    if size > 0 and slope > 0:
                        direction = direction * (group["trust"] * size / slope)
                state = self.state[p]
                if "velocity" not in state:
                    state["velocity"] = torch.zeros_like(p)
                state["velocity"] = group["momentum"] * state["velocity"] + direction
                p.sub_(group["lr"] * state["velocity"])


def below(prefix, tensors):
    return {f"{prefix}.{name}": value for name, value in tensors.items()}


def away(network):
    """Moves a copy from its original, as after some training, so that the first EMA update counts."""
    with torch.no_grad():
        for p in network.parameters():
            if p.requires_grad:
                p += 0.2 * p.abs().mean() * torch.randn_like(p)
    return network


def rate(base, epoch, epochs, warmup):
    """Linear from zero, then half a cosine; the epoch is a fraction."""
    if epoch < warmup:
        return base * epoch / warmup
    return base / 2 * (1 + math.cos(math.pi * (epoch - warmup) / (epochs - warmup)))


def momentum(base, epoch, epochs):
    return 1 - (1 - base) / 2 * (1 + math.cos(math.pi * epoch / epochs))
