"""MoCo v2's two encoders as Lightly's documentation has them, over this bench's ResNet."""

import copy

from lightly.models.modules import MoCoProjectionHead
from lightly.models.utils import deactivate_requires_grad
from torch import nn

from pytorch_network import resnet


class MoCo(nn.Module):
    def __init__(self, work):
        super().__init__()
        self.backbone, features = resnet(work)
        self.projection_head = MoCoProjectionHead(features, features, work.dimension)
        self.backbone_momentum = copy.deepcopy(self.backbone)
        self.projection_head_momentum = copy.deepcopy(self.projection_head)
        deactivate_requires_grad(self.backbone_momentum)
        deactivate_requires_grad(self.projection_head_momentum)

    def forward(self, x):
        return self.projection_head(self.backbone(x))

    def forward_momentum(self, x):
        return self.projection_head_momentum(self.backbone_momentum(x)).detach()
