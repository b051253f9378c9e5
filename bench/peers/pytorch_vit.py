"""MoCo v3's vision transformer and its heads in PyTorch: arXiv:2010.11929, equations 1 to 4; arXiv:2104.02057."""

import torch
from torch import nn
from torch.nn import functional as F

DIMENSION, DEPTH, HEADS, PATCH = 384, 12, 12, 16  # ViT-small as MoCo v3 has it


def linear(inputs, outputs, parts=1):
    """A linear layer of `parts` side by side, each of which begins as Xavier has it."""
    layer = nn.Linear(inputs, outputs * parts)
    nn.init.zeros_(layer.bias)
    for part in layer.weight.chunk(parts):
        nn.init.xavier_uniform_(part.data)
    return layer


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv, self.proj = linear(DIMENSION, DIMENSION, parts=3), linear(DIMENSION, DIMENSION)

    def forward(self, x):
        n, tokens, _ = x.shape
        q, k, v = self.qkv(x).view(n, tokens, 3, HEADS, -1).permute(2, 0, 3, 1, 4)  # 3 x [N, H, T, d]
        seen = F.scaled_dot_product_attention(q, k, v)
        return self.proj(seen.transpose(1, 2).reshape(n, tokens, DIMENSION))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = (nn.LayerNorm(DIMENSION, eps=1e-6) for _ in range(2))
        self.attention = Attention()
        self.mlp = nn.Sequential(linear(DIMENSION, 4 * DIMENSION), nn.GELU(), linear(4 * DIMENSION, DIMENSION))

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class VisionTransformer(nn.Module):
    """Images [N, C, height, width] to the class token's features [N, D]; the patch projection stays as it starts."""

    def __init__(self, height, width, channels):
        super().__init__()
        projection = nn.Conv2d(channels, DIMENSION, PATCH, PATCH)
        nn.init.xavier_uniform_(projection.weight.data.view(DIMENSION, -1))
        nn.init.zeros_(projection.bias)
        self.projection = projection.requires_grad_(False)
        self.class_token = nn.Parameter(1e-6 * torch.randn(1, 1, DIMENSION))
        self.register_buffer("positions", positions(height // PATCH, width // PATCH))
        self.blocks = nn.Sequential(*(Block() for _ in range(DEPTH)))
        self.norm = nn.LayerNorm(DIMENSION, eps=1e-6)

    def forward(self, images):
        patches = self.projection(images).flatten(2).transpose(1, 2)  # [N, rows columns, D]
        x = torch.cat([self.class_token.expand(len(patches), -1, -1), patches], 1) + self.positions
        return self.norm(self.blocks(x)[:, 0])


def positions(rows, columns):
    """Sines and cosines of row and of column, a quarter of the channels each; zero for the class token: [1, T, D]."""
    quarter = DIMENSION // 4
    frequencies = 10000 ** (-torch.arange(quarter) / quarter)
    row, column = (axis.flatten() for axis in torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij"))
    angles = [place[:, None] * frequencies for place in (row, column)]
    patches = torch.cat([f(angle) for angle in angles for f in (torch.sin, torch.cos)], 1)
    return torch.cat([torch.zeros(1, DIMENSION), patches])[None]


def batch_norm_head(widths):
    """Linear layers without bias; batch norm and ReLU between them; batch norm without scale and shift after the last."""
    layers = []
    for inputs, outputs in zip(widths[:-2], widths[1:-1]):
        layers += [nn.Linear(inputs, outputs, bias=False), nn.BatchNorm1d(outputs), nn.ReLU(inplace=True)]
    return nn.Sequential(*layers, nn.Linear(*widths[-2:], bias=False), nn.BatchNorm1d(widths[-1], affine=False))


def encoder(work):
    """Images to projections [N, dimension]."""
    projector = batch_norm_head([DIMENSION, work.hidden, work.hidden, work.dimension])
    return nn.Sequential(VisionTransformer(*work.input), projector)


def predictor(work):
    return batch_norm_head([work.dimension, work.hidden, work.dimension])
