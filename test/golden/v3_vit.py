"""MoCo v3 with a tiny ViT: AdamW, T = 0.2, warm-up and cosine per iteration. 10 steps, 2 to an epoch.

Two cases: the patch projection frozen, and learned. A frozen one is a parameter without gradient here, and stands among
our statistics.
"""

import copy

import torch

import vit
from golden import golden, our_layout, save, views
from v3 import Encoder, MocoV3, away, below, mlp, momentum, rate

STEPS, STEPS_PER_EPOCH, EPOCHS = 10, 2, 5

vit.DIMENSION, vit.HEADS, vit.DEPTH, vit.PATCH, vit.GRID = 12, 3, 2, 3, (3, 3)  # images of 9 x 9

# Some gradients are zero by mathematics (of a key's bias in attention, of a shift before batch norm), and zero but for
# rounding in float32. Adam's quotient would make steps of that rounding; an epsilon above it does not.
EPSILON = 1e-4


class VitEncoder(Encoder):
    def leaves(self, of):
        backbone = vit.named(self.backbone, lambda p: of(p) if p.requires_grad else torch.zeros_like(p))
        names = [name for name in backbone if frozen(self) == [] or not name.startswith("patch_embed.")]
        projector = {name: our_layout(of(p)) for name, p in self.projector.named_parameters()}
        return below("backbone", {name: backbone[name] for name in names}) | below("projector", projector)


def frozen(encoder):
    return [p for p in encoder.parameters() if not p.requires_grad]


class VitMoco(MocoV3):
    def tensors(self):
        state = super().tensors()
        for side in ("query", "key"):
            backbone = getattr(self, side).backbone
            buffers = {"pos_embed": backbone.positions}
            if not backbone.proj.weight.requires_grad:
                projection = vit.named(backbone, lambda p: p.detach())
                buffers |= {name: value for name, value in projection.items() if name.startswith("patch_embed.")}
            state |= below(f"{side}.buffers.backbone", buffers)
        return state


def make(learned):
    backbone = vit.Transformer("class", learned=False)
    with torch.no_grad():
        for p in backbone.parameters():  # nothing at zero or one, so that every term counts
            p.add_(0.2 * torch.randn_like(p))
    backbone.proj.requires_grad_(learned)
    query = VitEncoder(backbone, mlp([vit.DIMENSION, 20, 20, 16], last_norm=True))
    predictor = mlp([16, 20, 16], last_norm=True)
    trained = [p for p in [*query.parameters(), *predictor.parameters()] if p.requires_grad]
    return VitMoco(
        query,
        away(copy.deepcopy(query)),
        predictor,
        torch.optim.AdamW(trained, weight_decay=0.1, eps=EPSILON),
        momentum_at=lambda step: momentum(0.9, step / STEPS_PER_EPOCH, EPOCHS),
        temperature=0.2,
    )


if __name__ == "__main__":
    torch.set_num_threads(1)
    rates = [rate(0.005, step / STEPS_PER_EPOCH, EPOCHS, warmup=1) for step in range(STEPS)]
    for name, learned in [("frozen", False), ("learned", True)]:
        initial, expected = golden(lambda: make(learned), views(20), rates, seed=3)
        expected["momentum"] = torch.tensor([momentum(0.9, step / STEPS_PER_EPOCH, EPOCHS) for step in range(STEPS)])
        save(f"v3_vit_{name}_initial.safetensors", initial)
        save(f"v3_vit_{name}_expected.safetensors", expected)
