"""ResNet and MoCo v2's head in PyTorch, as torchvision has them, for any width and for small images."""

import torch
from torch import nn


def convolution(inputs, outputs, size, stride=1):
    layer = nn.Conv2d(inputs, outputs, size, stride, padding=size // 2, bias=False)
    nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
    return layer


class Block(nn.Module):
    """A residual block: two 3x3 convolutions, or where `expansion` is 4 a 3x3 one between two 1x1 ones."""

    def __init__(self, inputs, channels, stride, expansion):
        super().__init__()
        outputs = channels * expansion
        relu = nn.ReLU(inplace=True)
        if expansion == 1:
            layers = [convolution(inputs, channels, 3, stride), nn.BatchNorm2d(channels), relu]
            layers += [convolution(channels, channels, 3), nn.BatchNorm2d(channels)]
        else:
            layers = [convolution(inputs, channels, 1), nn.BatchNorm2d(channels), relu]
            layers += [convolution(channels, channels, 3, stride), nn.BatchNorm2d(channels), relu]
            layers += [convolution(channels, outputs, 1), nn.BatchNorm2d(outputs)]
        self.branch = nn.Sequential(*layers)
        self.relu = relu
        self.downsample = nn.Identity()
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(convolution(inputs, outputs, 1, stride), nn.BatchNorm2d(outputs))

    def forward(self, x):
        return self.relu(self.branch(x) + self.downsample(x))


def resnet(work):
    """Images [N, C, height, width] to features [N, F], and F."""
    depths, expansion = {"resnet18": ([2, 2, 2, 2], 1), "resnet50": ([3, 4, 6, 3], 4)}[work.encoder]
    channels = round(64 * work.width)
    small = work.stem == "small"
    layers = [convolution(work.input[2], channels, *((3, 1) if small else (7, 2)))]
    layers += [nn.BatchNorm2d(channels), nn.ReLU(inplace=True)]
    if not small:
        layers.append(nn.MaxPool2d(3, stride=2, padding=1))
    inputs = channels
    for stage, depth in enumerate(depths):
        for index in range(depth):
            stride = 2 if stage > 0 and index == 0 else 1
            layers.append(Block(inputs, channels * 2**stage, stride, expansion))
            inputs = channels * 2**stage * expansion
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten()), inputs


def encoder(work):
    """Images to what is contrasted [N, dimension]."""
    backbone, features = resnet(work)
    head = nn.Sequential(nn.Linear(features, features), nn.ReLU(inplace=True), nn.Linear(features, work.dimension))
    return nn.Sequential(backbone, head)


def trained_of(network):
    return [p for p in network.parameters() if p.requires_grad]


def parameters_of(network):
    return sum(p.numel() for p in trained_of(network))


def sgd(network, work):
    return torch.optim.SGD(
        network.parameters(), work.learningRate, work.velocity, weight_decay=work.weightDecay, fused=True
    )
