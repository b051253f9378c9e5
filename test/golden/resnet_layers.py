"""ResNet-50 with the ImageNet stem at 1/32 of its width on 33 x 33 images: bottlenecks, strides at odd sizes, max-pool.

Features and statistics in training mode, features in evaluation mode, and the gradient of sum(features * cotangent).
"""

import torch

import golden
from golden import Bottleneck, GroupedBatchNorm, ResNet, named, save

if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.manual_seed(6)
    network = ResNet(Bottleneck, [3, 4, 6, 3], 2, "imagenet", groups=1)
    with torch.no_grad():
        for norm in network.modules():
            if isinstance(norm, GroupedBatchNorm):
                norm.bias.normal_(mean=1)  # some channels are cut by the rectifier and most are not
    x = torch.randn(4, 3, 33, 33)
    cotangent = torch.randn(4, network.features)
    tensors = {"input": x.permute(0, 2, 3, 1), "cotangent": cotangent} | named("params", network.named_parameters())
    tensors = {name: value.clone() for name, value in tensors.items()}

    network, x = network.double(), x.double().requires_grad_()
    features = network(x)
    (features * cotangent).sum().backward()
    print(f"nearest kink {golden.nearest_kink[0]:.1e}")
    gradients = [
        (name, p.grad)
        for name, p in network.named_parameters()
        if name.startswith(("conv1", "bn1", "layer1.0", "layer2.0", "layer3.0"))
    ]
    tensors |= {"training.features": features.detach(), "gradients.input": x.grad.permute(0, 2, 3, 1)}
    tensors |= named("gradients", gradients) | named("training.buffers", network.named_buffers())
    tensors["evaluation.features"] = network.eval()(x).detach()
    save("resnet_layers.safetensors", tensors)
