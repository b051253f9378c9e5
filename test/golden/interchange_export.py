"""Loads what `interchange_export.ts` wrote with the program that each format is for, and compares the features, or the logits of a
classifier, with ours.

    python test/golden/interchange_export.py EXPORTED

Needs torch, torchvision, timm, transformers, onnxruntime and safetensors; for Detectron2 its source on PYTHONPATH, with fvcore,
iopath, omegaconf and pycocotools.
"""

import pathlib
import re
import sys
import types

import numpy
import timm
import torch
import transformers
from safetensors.torch import load_file


def usage(folder):
    """Runs the program on the model card, and gives what it made."""
    program = re.search(r"```python\n(.*?)```", (folder / "README.md").read_text(), re.S).group(1)
    made = {}
    exec(program.replace("DIR", str(folder)), made)
    return made["model"]


def by_timm(folder, images):
    return usage(folder)(images)


def by_torchvision(folder, images):
    return usage(folder)(images)


def by_huggingface(folder, images):
    output = usage(folder)(images)
    if output.get("logits") is not None:
        return output.logits
    return output.pooler_output.flatten(1) if output.get("pooler_output") is not None else output.last_hidden_state[:, 0]


def by_detectron2(folder, images):
    if folder.parent.name.startswith("classifying"):
        return None  # it holds the backbone alone
    # Its operations in C++ are not built here. A ResNet's backbone uses none of them.
    sys.modules.setdefault("detectron2._C", types.ModuleType("detectron2._C"))
    from detectron2.checkpoint import DetectionCheckpointer
    from detectron2.config import get_cfg
    from detectron2.modeling import build_backbone

    config = get_cfg()
    config.merge_from_file(str(folder / "config.yaml"))
    config.MODEL.RESNETS.OUT_FEATURES = ["res5"]
    # A model of Detectron2 holds its backbone under this name.
    model = torch.nn.ModuleDict({"backbone": build_backbone(config)}).eval()
    unread = DetectionCheckpointer(model).load(str(folder / "backbone.pkl"))
    assert not unread.get("missing_keys") and not unread.get("unexpected_keys"), unread
    return model["backbone"](images)["res5"].mean((2, 3))


def by_onnx(folder, images):
    import onnx
    import onnxruntime

    onnx.checker.check_model(str(folder / "model.onnx"), full_check=True)
    session = onnxruntime.InferenceSession(folder / "model.onnx")
    (name,) = [each.name for each in session.get_inputs()]
    output = [each.name for each in session.get_outputs()][-1:]
    (both,) = session.run(output, {name: images.numpy()})
    (one,) = session.run(output, {name: images[:1].numpy()})
    assert numpy.allclose(both[:1], one, atol=1e-5)
    return torch.from_numpy(both)


loaders = {
    "timm": by_timm,
    "torchvision": by_torchvision,
    "huggingface": by_huggingface,
    "detectron2": by_detectron2,
    "onnx": by_onnx,
}


@torch.no_grad()
def main():
    is_close = True
    for encoder in sorted(pathlib.Path(sys.argv[1]).iterdir()):
        ours = load_file(encoder / "features.safetensors")
        images = ours["images"].permute(0, 3, 1, 2).contiguous()
        for name, load in loaders.items():
            if not (encoder / name).exists():
                continue
            theirs = load(encoder / name, images)
            if theirs is None:
                continue
            distance = ((theirs - ours["features"]).abs().max() / ours["features"].abs().max()).item()
            print(f"{encoder.name} by {name}: {distance:.1e}")
            is_close &= distance < 1e-4
    sys.exit(0 if is_close else 1)


main()
