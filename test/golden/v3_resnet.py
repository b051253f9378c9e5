"""MoCo v3 with a small ResNet: LARS, T = 1, warm-up and cosine per iteration. 10 steps, 2 to an epoch.

Residual branches begin at zero. Batch norm is over the whole batch, one view at a time.
"""

import copy

import torch
from torch import nn

from golden import BasicBlock, ResNet, golden, save, views
from v3 import LARS, Encoder, MocoV3, away, mlp, momentum, rate

STEPS, STEPS_PER_EPOCH, EPOCHS = 10, 2, 5


def make():
    backbone = ResNet(BasicBlock, [2, 2, 2, 2], 4, "small", groups=1)
    for module in backbone.modules():
        if isinstance(module, BasicBlock):
            nn.init.zeros_(module.bn2.weight)
    query = Encoder(backbone, mlp([backbone.features, 24, 16], last_norm=True))
    predictor = mlp([16, 24, 16], last_norm=False)
    return MocoV3(
        query,
        away(copy.deepcopy(query)),
        predictor,
        LARS([*query.parameters(), *predictor.parameters()], weight_decay=1e-3, trust=0.01),
        momentum_at=lambda step: momentum(0.9, step / STEPS_PER_EPOCH, EPOCHS),
        temperature=1.0,
    )


if __name__ == "__main__":
    torch.set_num_threads(1)
    rates = [rate(0.5, step / STEPS_PER_EPOCH, EPOCHS, warmup=1) for step in range(STEPS)]
    initial, expected = golden(make, views(20), rates, seed=19)
    expected["momentum"] = torch.tensor([momentum(0.9, step / STEPS_PER_EPOCH, EPOCHS) for step in range(STEPS)])
    save("v3_resnet_initial.safetensors", initial)
    save("v3_resnet_expected.safetensors", expected)
