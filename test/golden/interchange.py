"""Weights in other programs' layouts, with the features that PyTorch has of them, all random.

    python test/golden/interchange.py test/fixtures/interchange          # tiny networks: what CI reads
    python test/golden/interchange.py --whole FOLDER           # ResNet-18, ResNet-50 and ViT-S/16 as published
    deno run -A test/golden/interchange.ts FOLDER              # then: imports them, and compares

Needs torch, torchvision, timm, transformers and safetensors.
"""

import argparse
import pathlib
import tempfile

import timm
import torch
import torchvision
import transformers
from safetensors.torch import load_file, save_file
from torch import nn
from torchvision.models.resnet import BasicBlock, Bottleneck, ResNet


class Narrow(ResNet):
    """torchvision's ResNet with 2 channels where it has 64."""

    def _make_layer(self, block, planes, blocks, **options):
        if planes == 64:
            self.inplanes = 2
        return super()._make_layer(block, planes // 32, blocks, **options)

    def __init__(self, block, depths):
        # A bottleneck of fewer than 64 planes keeps its width: torchvision computes it from 64 as the base.
        super().__init__(block, depths, num_classes=5)
        self.conv1, self.bn1 = nn.Conv2d(3, 2, 7, 2, 3, bias=False), nn.BatchNorm2d(2)
        self.fc = nn.Linear(16 * block.expansion, 5)


def random_statistics(model):
    """Statistics and scales that are not those of a fresh layer, so that no mistake is hidden."""
    for module in model.modules():
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
            module.running_mean.uniform_(-0.2, 0.2)
            module.running_var.uniform_(0.5, 1.5)
            if module.affine:
                nn.init.uniform_(module.weight, 0.7, 1.3)
                nn.init.uniform_(module.bias, -0.2, 0.2)
        if isinstance(module, nn.LayerNorm):
            nn.init.uniform_(module.weight, 0.7, 1.3)
            nn.init.uniform_(module.bias, -0.2, 0.2)
        if isinstance(module, nn.Linear) and module.bias is not None:
            nn.init.uniform_(module.bias, -0.2, 0.2)
    for name, parameter in model.named_parameters():
        if "cls_token" in name or "class_token" in name or "pos" in name:
            nn.init.uniform_(parameter, -0.5, 0.5)
    return model.eval()


def mlp(layers, last_affine_norm, *sizes):
    """A head of MoCo v3, as its authors build it."""
    made = []
    for index in range(layers):
        made.append(nn.Linear(sizes[index], sizes[index + 1], bias=False))
        if index < layers - 1:
            made += [nn.BatchNorm1d(sizes[index + 1]), nn.ReLU()]
        elif last_affine_norm is not None:
            made.append(nn.BatchNorm1d(sizes[index + 1], affine=last_affine_norm))
    return random_statistics(nn.Sequential(*made))


def prefixed(prefix, state):
    return {prefix + name: value for name, value in state.items()}


def without(state, *prefixes):
    return {name: value for name, value in state.items() if not name.startswith(prefixes)}


def as_saved(model):
    """The tensors that transformers writes."""
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        return load_file(f"{folder}/model.safetensors")


def detectron2(state):
    """The names of the authors' detection/convert-pretrain-to-detectron2.py."""
    renamed = {}
    for name, value in without(state, "fc.").items():
        if name.endswith("num_batches_tracked"):
            continue
        if "layer" not in name:
            name = "stem." + name
        for stage in (4, 3, 2, 1):
            name = name.replace(f"layer{stage}", f"res{stage + 1}")
        for place in (1, 2, 3):
            name = name.replace(f"bn{place}", f"conv{place}.norm")
        renamed["backbone.bottom_up." + name.replace("downsample.0", "shortcut").replace("downsample.1", "shortcut.norm")] = value
    return renamed


@torch.no_grad()
def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--whole", action="store_true")
    arguments = parser.parse_args()
    out = arguments.out
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)

    size, vit_size = (224, 224) if arguments.whole else (32, 8)
    images = {"resnet": torch.randn(2, 3, size, size), "vit": torch.randn(2, 3, vit_size, vit_size)}
    features = {}

    if arguments.whole:
        resnet18, resnet50 = torchvision.models.resnet18(), torchvision.models.resnet50()
        vit = timm.create_model("vit_small_patch16_224", num_classes=7)
        torchvision_vit = torchvision.models.vit_b_16()
        hidden = {"hidden_size": 384, "num_attention_heads": 6, "intermediate_size": 1536}
        hf_vit = transformers.ViTModel(transformers.ViTConfig(**hidden, layer_norm_eps=1e-6), add_pooling_layer=True)
        hf_resnet = transformers.ResNetModel(transformers.ResNetConfig())
        moco_vit = timm.create_model("vit_small_patch16_224", num_heads=12, num_classes=0)
    else:
        resnet18, resnet50 = Narrow(BasicBlock, [2, 2, 2, 2]), Narrow(Bottleneck, [3, 4, 6, 3])
        sizes = {"img_size": 8, "patch_size": 4, "embed_dim": 24, "depth": 2, "num_heads": 3}
        vit = timm.models.VisionTransformer(**sizes, num_classes=5)
        torchvision_vit = torchvision.models.VisionTransformer(8, 4, 2, 3, 24, 96, num_classes=5)
        hf_vit = transformers.ViTModel(
            transformers.ViTConfig(
                hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=96, image_size=8, patch_size=4,
                layer_norm_eps=1e-6,
            ),
            add_pooling_layer=True,
        )
        hf_resnet = transformers.ResNetModel(
            transformers.ResNetConfig(embedding_size=2, hidden_sizes=[2, 4, 8, 16], depths=[2, 2, 2, 2], layer_type="basic")
        )
        moco_vit = timm.models.VisionTransformer(**sizes, num_classes=0)
    for model in (resnet18, resnet50, vit, torchvision_vit, hf_vit, hf_resnet, moco_vit):
        random_statistics(model)

    def backbone(model):
        body = nn.Sequential(*list(model.children())[:-1])
        return body(images["resnet"]).flatten(1)

    def save(name, state, of, is_legacy=False):
        features[name] = of.contiguous()
        if name.endswith(".safetensors"):
            save_file({key: value.contiguous() for key, value in state.items()}, out / name)
        else:
            torch.save(state, out / name, _use_new_zipfile_serialization=not is_legacy)

    save("torchvision_resnet18.pth", resnet18.state_dict(), backbone(resnet18))
    save("torchvision_resnet50.safetensors", resnet50.state_dict(), backbone(resnet50))
    save("timm_vit.safetensors", vit.state_dict(), vit.forward_head(vit.forward_features(images["vit"]), pre_logits=True))

    torchvision_vit.heads = nn.Identity()
    save("torchvision_vit.pth", torchvision_vit.state_dict(), torchvision_vit(images["vit"]))
    saved = as_saved(hf_vit)  # on disk, names are not those of state_dict()
    save("huggingface_vit.safetensors", prefixed("vit.", saved), hf_vit(images["vit"]).last_hidden_state[:, 0])
    save("huggingface_resnet.bin", hf_resnet.state_dict(), hf_resnet(images["resnet"]).pooler_output.flatten(1))
    save("detectron2_resnet50.pth", {"model": detectron2(resnet50.state_dict())}, backbone(resnet50))

    width = resnet18.fc.in_features
    keys = 16  # short ones, so that files stay small
    head = random_statistics(nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 6)))
    encoder = {**without(resnet18.state_dict(), "fc."), **prefixed("fc.", head.state_dict())}
    key_encoder = {name: value * 0.5 if value.is_floating_point() else value for name, value in encoder.items()}
    queue = nn.functional.normalize(torch.randn(6, keys), dim=0)
    moco = {
        **prefixed("module.encoder_q.", encoder),
        **prefixed("module.encoder_k.", key_encoder),
        "module.queue": queue,
        "module.queue_ptr": torch.tensor([4]),
    }
    wrapped = {"epoch": 200, "arch": "resnet18", "state_dict": moco, "optimizer": {"state": {}, "param_groups": []}}
    save("moco_v2.pth.tar", wrapped, backbone(resnet18))
    linear = {**without(resnet18.state_dict(), "fc."), **prefixed("fc.", nn.Linear(width, 6).state_dict())}
    v1 = {**prefixed("module.encoder_q.", linear), **prefixed("module.encoder_k.", linear), "module.queue": queue,
          "module.queue_ptr": torch.tensor([0])}
    save("moco_v1.pth.tar", {"epoch": 200, "state_dict": v1}, backbone(resnet18), is_legacy=True)

    dimension = moco_vit.embed_dim
    projector, predictor = mlp(3, False, dimension, 10, 10, 6), mlp(2, False, 6, 10, 6)
    def v3(body, where, projector, predictor):
        both = {**without(body.state_dict(), "fc.", "head."), **prefixed(where, projector.state_dict())}
        return {
            **prefixed("module.base_encoder.", both),
            **prefixed("module.momentum_encoder.", both),
            **prefixed("module.predictor.", predictor.state_dict()),
        }
    state = v3(moco_vit, "head.", projector, predictor)
    save("moco_v3_vit.pth.tar", {"epoch": 300, "state_dict": state}, moco_vit(images["vit"]))
    projector, predictor = mlp(2, False, width, 10, 6), mlp(2, None, 6, 10, 6)
    state = v3(resnet18, "fc.", projector, predictor)
    save("moco_v3_resnet.pth.tar", {"epoch": 300, "state_dict": state}, backbone(resnet18))

    half = {name: value.half() if value.is_floating_point() else value for name, value in resnet18.state_dict().items()}
    widened = {name: value.float() if value.is_floating_point() else value for name, value in half.items()}
    resnet18.load_state_dict(widened)
    save("half_resnet18.safetensors", half, backbone(resnet18))

    inputs = {f"{kind}.images": value.permute(0, 2, 3, 1).contiguous() for kind, value in images.items()}
    save_file({**inputs, **features}, out / "features.safetensors")


main()
