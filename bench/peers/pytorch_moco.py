"""A step of MoCo v2 and of v3 in PyTorch.

The fast paths that PyTorch has are taken in every variant: in-place activations, fused optimizers, one operation for the
momentum update of all parameters.
"""

import copy

import torch
from torch import nn
from torch.nn import functional as F
from torch.optim.swa_utils import get_ema_multi_avg_fn

import pytorch_network
import pytorch_vit
from pytorch_network import parameters_of, sgd, trained_of


class Moco:
    """The state of training, and one step over it: arXiv:1911.05722, algorithm 1, with the head of arXiv:2003.04297."""

    def __init__(self, work, variant):
        self.work, self.variant = work, variant
        self.query = variant.placed(pytorch_network.encoder(work))
        self.key = copy.deepcopy(self.query).requires_grad_(False)
        self.queue = F.normalize(torch.randn(work.queue, work.dimension, device=variant.device))
        self.at = 0
        self.target = torch.zeros(work.batch, dtype=torch.long, device=variant.device)  # the positive stands first
        self.optimizer = sgd(self.query, work)
        self.follow = get_ema_multi_avg_fn(work.momentum)
        self.loss = variant.compile(self.contrast)
        self.parameters = parameters_of(self.query)

    def contrast(self, query, key, queue):
        q = F.normalize(self.query(query))
        with torch.no_grad():
            k = F.normalize(self.key(key))
        positive = (q * k).sum(1, keepdim=True)
        logits = torch.cat([positive, q @ queue.T], 1) / self.work.temperature  # [N, 1 + K]
        return F.cross_entropy(logits, self.target), k

    def step(self, query, key):
        """The loss, on the device: reading it would wait for the step."""
        self.variant.begin()
        query, key = self.variant.view(query), self.variant.view(key)
        self.follow(list(self.key.parameters()), list(self.query.parameters()), None)
        with self.variant.autocast():
            loss, keys = self.loss(query, key, self.queue)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.queue[self.at : self.at + len(keys)] = keys
        self.at = (self.at + len(keys)) % self.work.queue
        return loss.detach()


class MocoV3:
    """The state of training, and one step over it: arXiv:2104.02057, algorithm 1."""

    def __init__(self, work, variant):
        self.work, self.variant = work, variant
        self.query = variant.placed(pytorch_vit.encoder(work))
        self.key = copy.deepcopy(self.query).requires_grad_(False)
        self.predictor = variant.placed(pytorch_vit.predictor(work))
        self.target = torch.arange(work.batch, device=variant.device)  # the same image's key
        trained = nn.ModuleList([self.query, self.predictor])
        self.optimizer = torch.optim.AdamW(
            trained_of(trained), work.learningRate, weight_decay=work.weightDecay, fused=True
        )
        self.follow = get_ema_multi_avg_fn(work.momentum)
        self.loss = variant.compile(self.symmetric)
        self.parameters = parameters_of(trained)

    def symmetric(self, view_1, view_2):
        with torch.no_grad():
            k1, k2 = self.key(view_1), self.key(view_2)
        q1, q2 = self.predictor(self.query(view_1)), self.predictor(self.query(view_2))
        return self.contrast(q1, k2) + self.contrast(q2, k1)

    def contrast(self, q, k):
        logits = F.normalize(q) @ F.normalize(k).T / self.work.temperature  # [N, N]
        return 2 * self.work.temperature * F.cross_entropy(logits, self.target)

    def step(self, view_1, view_2):
        """The loss, on the device: reading it would wait for the step."""
        self.variant.begin()
        view_1, view_2 = self.variant.view(view_1), self.variant.view(view_2)
        self.follow(list(self.key.parameters()), list(self.query.parameters()), None)
        with self.variant.autocast():
            loss = self.loss(view_1, view_2)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.detach()


methods = {"v2": Moco, "v3": MocoV3}
