"""What the golden scripts share: a small ResNet in PyTorch, one MoCo step, and a writer of safetensors files.

Written from the papers (arXiv:1911.05722, arXiv:2003.04297) to be read beside src/methods; it shares no code with it.
Needs torch and numpy. Each script is run by hand, in this folder:  python v1.py
"""

import json
import math

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

GROUPS = 2  # batch-norm groups of the batch
EPSILON, STATISTICS_MOMENTUM = 1e-5, 0.1  # PyTorch's defaults


class GroupedBatchNorm(nn.Module):
    """Batch norm over interleaved groups: sample n is in group n mod GROUPS. Running statistics: mean over groups."""

    def __init__(self, channels, groups, affine=True):
        super().__init__()
        self.groups = groups
        self.weight = nn.Parameter(torch.ones(channels)) if affine else None
        # Offsets of two standard deviations keep most values away from the rectifier's kink, see `relu`.
        self.bias = nn.Parameter(torch.where(torch.arange(channels) % 4 == 3, -2.0, 2.0)) if affine else None
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))

    def forward(self, x):
        if not self.training:
            return F.batch_norm(x, self.running_mean, self.running_var, self.weight, self.bias, False, 0.0, EPSILON)
        y = torch.empty_like(x)
        means, variances = [], []
        for g in range(self.groups):
            mean, variance = self.running_mean.clone(), self.running_var.clone()
            y[g :: self.groups] = F.batch_norm(
                x[g :: self.groups], mean, variance, self.weight, self.bias, True, STATISTICS_MOMENTUM, EPSILON
            )
            means.append(mean)
            variances.append(variance)
        self.running_mean.copy_(torch.stack(means).mean(0))
        self.running_var.copy_(torch.stack(variances).mean(0))
        return y


nearest_kink = [math.inf]


def relu(x):
    """ReLU that notes how near a differentiated value came to zero.

    A value that rounding moves across zero changes a gradient by a jump, after which two correct float32 programs part.
    The seeds of the golden cases are chosen such that none comes near: the cases test semantics, not luck.
    """
    if torch.is_grad_enabled():
        nearest_kink[0] = min(nearest_kink[0], x.detach().abs().min().item())
    return F.relu(x)


class ReLU(nn.Module):
    def forward(self, x):
        return relu(x)


def convolution(inputs, outputs, size, stride=1):
    layer = nn.Conv2d(inputs, outputs, size, stride, padding=size // 2, bias=False)
    nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
    return layer


class BasicBlock(nn.Module):
    expansion = 1

    def __init__(self, inputs, width, stride, groups):
        super().__init__()
        self.conv1 = convolution(inputs, width, 3, stride)
        self.bn1 = GroupedBatchNorm(width, groups)
        self.conv2 = convolution(width, width, 3)
        self.bn2 = GroupedBatchNorm(width, groups)
        self.downsample = downsample(inputs, width, stride, groups)

    def forward(self, x):
        y = relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return relu(y + (x if self.downsample is None else self.downsample(x)))


class Bottleneck(nn.Module):
    expansion = 4

    def __init__(self, inputs, width, stride, groups):
        super().__init__()
        self.conv1 = convolution(inputs, width, 1)
        self.bn1 = GroupedBatchNorm(width, groups)
        self.conv2 = convolution(width, width, 3, stride)
        self.bn2 = GroupedBatchNorm(width, groups)
        self.conv3 = convolution(width, 4 * width, 1)
        self.bn3 = GroupedBatchNorm(4 * width, groups)
        self.downsample = downsample(inputs, 4 * width, stride, groups)

    def forward(self, x):
        y = relu(self.bn1(self.conv1(x)))
        y = relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        return relu(y + (x if self.downsample is None else self.downsample(x)))


def downsample(inputs, outputs, stride, groups):
    if inputs == outputs and stride == 1:
        return None
    return nn.Sequential(convolution(inputs, outputs, 1, stride), GroupedBatchNorm(outputs, groups))


class ResNet(nn.Module):
    """torchvision's names; pooled features, no classifier."""

    def __init__(self, block, depths, width, stem, groups):
        super().__init__()
        self.stem = stem
        self.conv1 = convolution(3, width, 7, 2) if stem == "imagenet" else convolution(3, width, 3)
        self.bn1 = GroupedBatchNorm(width, groups)
        inputs = width
        for stage, depth in enumerate(depths):
            blocks = []
            for index in range(depth):
                stride = 2 if stage > 0 and index == 0 else 1
                blocks.append(block(inputs, width * 2**stage, stride, groups))
                inputs = width * 2**stage * block.expansion
            setattr(self, f"layer{stage + 1}", nn.Sequential(*blocks))
        self.features = inputs

    def forward(self, x):
        x = relu(self.bn1(self.conv1(x)))
        if self.stem == "imagenet":
            x = F.max_pool2d(x, 3, 2, padding=1)
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return x.mean(dim=(2, 3))


class Encoder(nn.Module):
    """ResNet-18 with the small-image stem and 4 channels in its first stage, the head of v1 or v2, unit rows."""

    def __init__(self, head, dimension):
        super().__init__()
        self.backbone = ResNet(BasicBlock, [2, 2, 2, 2], 4, "small", GROUPS)
        width = self.backbone.features
        self.head = nn.Linear(width, dimension)
        if head == "mlp":
            self.head = nn.Sequential(nn.Linear(width, width), ReLU(), nn.Linear(width, dimension))

    def forward(self, x):
        return F.normalize(self.head(self.backbone(x)))


class Moco:
    """The state of training, and one step over it."""

    def __init__(self, query, key, queue, momentum, temperature, weight_decay, symmetric=False):
        self.query, self.key = query, key
        self.queue, self.filled = queue, 0  # [K, dimension], oldest first; how many rows are keys of images
        self.optimizer = torch.optim.SGD(query.parameters(), lr=0.0, momentum=0.9, weight_decay=weight_decay)
        self.momentum, self.temperature, self.symmetric = momentum, temperature, symmetric

    def to(self, dtype):
        for network in (self.query, self.key):
            network.to(dtype)
        self.queue = self.queue.to(dtype)

    def step(self, view_q, view_k, shuffle, learning_rate):
        # The key encoder moves first, towards the query encoder as it was. Parameters only, not the statistics.
        with torch.no_grad():
            for k, q in zip(self.key.parameters(), self.query.parameters()):
                k.copy_(self.momentum * k + (1 - self.momentum) * q)

        loss, new_keys = self.one_way(view_q, view_k, shuffle)
        if self.symmetric:
            other_loss, other_keys = self.one_way(view_k, view_q, shuffle)
            loss, new_keys = loss + other_loss, torch.cat([new_keys, other_keys])

        self.optimizer.param_groups[0]["lr"] = learning_rate
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()

        self.queue = torch.cat([self.queue, new_keys])[len(new_keys) :]
        self.filled = min(self.filled + len(new_keys), len(self.queue))
        return loss.item()

    def one_way(self, view_q, view_k, shuffle):
        q = self.query(view_q)
        with torch.no_grad():
            k = self.key(view_k[shuffle])[torch.argsort(shuffle)]
        positives = (q * k).sum(1, keepdim=True)
        logits = torch.cat([positives, q @ self.queue.T], 1) / self.temperature  # [N, 1 + K]
        return F.cross_entropy(logits, torch.zeros(len(q), dtype=torch.long)), k

    def tensors(self):
        """The state by our names. The velocity is absent before the first step."""
        state = {"queue.keys": self.queue, "queue.filled": np.array(self.filled, np.int32)}
        for side, network in [("query", self.query), ("key", self.key)]:
            state |= named(f"{side}.params", network.named_parameters())
            state |= named(f"{side}.buffers", network.named_buffers())
        buffers = [(name, self.optimizer.state[p].get("momentum_buffer")) for name, p in self.query.named_parameters()]
        return state | named("optimizer.velocity", [(name, v) for name, v in buffers if v is not None])


def views(steps, batch=8, size=9, seed=3):
    """Two noisy views of random images for each step [N, size, size, 3], and the permutation of the key batch."""
    random = np.random.default_rng(seed)
    tensors = {}
    for step in range(steps):
        coarse = random.normal(size=(batch, 3, 3, 3))
        image = coarse.repeat(size // 3, axis=1).repeat(size // 3, axis=2)
        tensors[f"{step}.query"] = (image + 0.5 * random.normal(size=image.shape)).astype(np.float32)
        tensors[f"{step}.key"] = (image + 0.5 * random.normal(size=image.shape)).astype(np.float32)
        tensors[f"{step}.shuffle"] = random.permutation(batch).astype(np.int32)
    return tensors


def run(moco, batches, rates):
    """One step for each rate; the loss of each."""
    losses = []
    for step, rate in enumerate(rates):
        view_q, view_k = (image(batches[f"{step}.{side}"]) for side in ("query", "key"))
        losses.append(moco.step(view_q, view_k, torch.from_numpy(batches[f"{step}.shuffle"]).long(), rate))
    return losses


def image(array):
    """[N, H, W, C] to PyTorch's [N, C, H, W], in the precision of the run."""
    return torch.from_numpy(array).permute(0, 3, 1, 2).to(torch.get_default_dtype())


def distance(actual, expected):
    """The largest difference of two tensors, relative to the largest value."""
    expected = torch.as_tensor(expected).double()
    return ((torch.as_tensor(actual).double() - expected).abs().max() / expected.abs().max()).item()


def vanishes(value):
    """Whether a tensor is zero but for rounding, such as the mean that follows a batch norm without offset."""
    value = torch.as_tensor(value)
    return value.is_floating_point() and value.abs().max().item() < 1e-12


def golden(make, batches, rates, seed):
    """Initial and final state and the losses, computed in float64 from values that float32 holds exactly.

    Also runs in float32 and prints how far the two are apart: how well conditioned the case is.
    """
    results = {}
    for dtype in (torch.float32, torch.float64):
        torch.manual_seed(seed)
        torch.set_default_dtype(torch.float32)
        moco = make()  # the same float32 values in both runs
        torch.set_default_dtype(dtype)
        moco.to(dtype)
        initial = {name: torch.as_tensor(value).clone() for name, value in moco.tensors().items()}
        nearest_kink[0] = math.inf
        losses = run(moco, batches, rates)
        results[dtype] = initial, losses, moco.tensors()
    initial, losses, final = results[torch.float64]
    _, losses32, final32 = results[torch.float32]
    print("loss", np.round(losses, 4).tolist())
    apart = {name: distance(final32[name], value) for name, value in final.items() if not vanishes(value)}
    apart["loss"] = max(abs(a - b) / abs(b) for a, b in zip(losses32, losses))
    worst = max(apart, key=apart.get)
    print(f"float32 against float64: loss {apart['loss']:.1e}, worst tensor {worst} {apart[worst]:.1e}; "
          f"nearest kink {nearest_kink[0]:.1e}")
    return initial, {"loss": np.array(losses), "learning_rate": np.array(rates)} | final


def named(prefix, values):
    """Tensors in TensorFlow's layouts: convolutions [height, width, in, out], linear layers [in, out]."""
    return {f"{prefix}.{name}": our_layout(value) for name, value in values}


def our_layout(value):
    value = value.detach()
    if value.ndim == 4:
        return value.permute(2, 3, 1, 0)
    return value.T if value.ndim == 2 else value


def step_rate(base, epoch, milestones):
    return base * 0.1 ** sum(epoch >= milestone for milestone in milestones)


def cosine_rate(base, epoch, epochs):
    return base / 2 * (1 + math.cos(math.pi * epoch / epochs))


def save(path, tensors):
    """A safetensors file: length of the header, header as JSON, data. float32 and int32."""
    header, data = {}, b""
    for name, value in tensors.items():
        array = np.ascontiguousarray(value.numpy() if isinstance(value, torch.Tensor) else value)
        if array.dtype.kind == "f":
            array = array.astype("<f4")
        kind = {"f": "F32", "i": "I32"}[array.dtype.kind]
        raw = array.astype("<f4" if kind == "F32" else "<i4").tobytes()
        shape = list(np.shape(value))
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text + data)
