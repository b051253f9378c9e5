"""A vision transformer in PyTorch on images that are not square, and its features and gradients: golden case of src/nn/vit.ts.

Written from arXiv:2010.11929 (equations 1 to 4) and arXiv:2104.02057 (section 5) with PyTorch's own layers: its
LayerNorm, its exact GELU and its multi-head attention. Two cases: class token with sine-cosine positions, and the mean
over tokens with learned ones. Needs torch and numpy; run by hand, in this folder:  python vit.py
"""

import math

import torch
from torch import nn

from golden import save

DIMENSION, HEADS, DEPTH, PATCH, GRID, CHANNELS = 24, 3, 2, 4, (2, 3), 3


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1 = nn.LayerNorm(DIMENSION, eps=1e-6)
        self.attn = nn.MultiheadAttention(DIMENSION, HEADS, batch_first=True)
        self.norm2 = nn.LayerNorm(DIMENSION, eps=1e-6)
        self.fc1 = nn.Linear(DIMENSION, 4 * DIMENSION)
        self.fc2 = nn.Linear(4 * DIMENSION, DIMENSION)

    def forward(self, x):
        y = self.norm1(x)
        x = x + self.attn(y, y, y, need_weights=False)[0]
        return x + self.fc2(nn.functional.gelu(self.fc1(self.norm2(x))))


class Transformer(nn.Module):
    def __init__(self, pool, learned):
        super().__init__()
        self.pool = pool
        self.proj = nn.Conv2d(CHANNELS, DIMENSION, PATCH, PATCH)
        tokens = GRID[0] * GRID[1] + (pool == "class")
        if pool == "class":
            self.cls = nn.Parameter(torch.randn(1, 1, DIMENSION))
            self.norm = nn.LayerNorm(DIMENSION, eps=1e-6)
        self.positions = nn.Parameter(torch.randn(1, tokens, DIMENSION)) if learned else sine_cosine()
        self.blocks = nn.ModuleList(Block() for _ in range(DEPTH))

    def forward(self, images):
        x = self.proj(images).flatten(2).transpose(1, 2)
        if self.pool == "class":
            x = torch.cat([self.cls.expand(len(x), -1, -1), x], 1)
        x = x + self.positions.to(x.dtype)
        for block in self.blocks:
            x = block(x)
        return self.norm(x)[:, 0] if self.pool == "class" else x.mean(1)


def sine_cosine():
    """Row before column, sines before cosines, a quarter of the channels each; zero for the class token."""
    quarter = DIMENSION // 4
    rows = [[0.0] * DIMENSION]
    for row in range(GRID[0]):
        for column in range(GRID[1]):
            angles = [[p / 10000 ** (i / quarter) for i in range(quarter)] for p in (row, column)]
            rows.append([f(a) for axis in angles for f in (math.sin, math.cos) for a in axis])
    return torch.tensor([rows], dtype=torch.float64)


def named(network, of):
    """The tensors of the network's leaves, as timm names them and in our layouts."""
    tensors = {"patch_embed.proj.weight": of(network.proj.weight).permute(2, 3, 1, 0)}
    tensors["patch_embed.proj.bias"] = of(network.proj.bias)
    for name, leaf in (("cls_token", getattr(network, "cls", None)), ("pos_embed", network.positions)):
        if isinstance(leaf, nn.Parameter):
            tensors[name] = of(leaf)
    linears = {}
    for i, block in enumerate(network.blocks):
        tensors[f"blocks.{i}.attn.qkv.weight"] = of(block.attn.in_proj_weight).t()
        tensors[f"blocks.{i}.attn.qkv.bias"] = of(block.attn.in_proj_bias)
        linears |= {f"blocks.{i}.attn.proj": block.attn.out_proj, f"blocks.{i}.mlp.fc1": block.fc1}
        linears |= {f"blocks.{i}.mlp.fc2": block.fc2}
        linears |= {f"blocks.{i}.norm1": block.norm1, f"blocks.{i}.norm2": block.norm2}
    if network.pool == "class":
        linears["norm"] = network.norm
    for name, layer in linears.items():
        tensors[f"{name}.weight"] = of(layer.weight).t()
        tensors[f"{name}.bias"] = of(layer.bias)
    return tensors


def case(pool, learned):
    network = Transformer(pool, learned)
    with torch.no_grad():
        for parameter in network.parameters():  # nothing at zero or one, so that every term counts
            parameter.add_(0.2 * torch.randn_like(parameter))
    images = torch.randn(3, CHANNELS, GRID[0] * PATCH, GRID[1] * PATCH)
    cotangent = torch.randn(3, DIMENSION)
    tensors = {"input": images.permute(0, 2, 3, 1), "cotangent": cotangent}
    tensors |= {f"params.{name}": value.clone() for name, value in named(network, lambda p: p.detach()).items()}
    network, images = network.double(), images.double().requires_grad_()
    features = network(images)
    (features * cotangent).sum().backward()
    tensors |= {"features": features.detach(), "gradients.input": images.grad.permute(0, 2, 3, 1)}
    tensors |= {f"gradients.{name}": value for name, value in named(network, lambda p: p.grad).items()}
    if not learned:
        tensors["positions"] = network.positions
    return tensors


if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.manual_seed(8)
    save("vit_class.safetensors", case("class", learned=False))
    save("vit_mean.safetensors", case("mean", learned=True))
