"""Loads what `interchange_export.ts` wrote with the program that each format is for, and compares the features, or the logits of a
classifier, with ours.

    python test/golden/interchange_export.py EXPORTED

Needs torch, torchvision, timm, transformers, onnxruntime and safetensors. Detectron2 itself is not installed by pip: its
pickle is read as its loader does, and its names are turned back into torchvision's.
"""

import pathlib
import pickle
import re
import sys

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
    with open(folder / "backbone.pkl", "rb") as file:
        whole = pickle.load(file, encoding="latin1")
    assert whole["matching_heuristics"] is True and whole["__author__"]
    state = {}
    for name, value in whole["model"].items():
        assert isinstance(value, numpy.ndarray) and value.dtype == numpy.float32 and value.flags.writeable
        name = name.replace("stem.", "").replace("shortcut.norm", "downsample.1").replace("shortcut", "downsample.0")
        name = re.sub(r"res(\d)", lambda found: f"layer{int(found[1]) - 1}", name)
        state[re.sub(r"conv(\d)\.norm", r"bn\1", name)] = torch.from_numpy(value)
    config = (folder / "config.yaml").read_text()
    depth = re.search(r"DEPTH: (\d+)", config).group(1)
    width = state["conv1.weight"].shape[0]
    if width != 64:
        return None
    model = timm.create_model(f"resnet{depth}", num_classes=0).eval()
    missing = model.load_state_dict(state, strict=False)
    assert not missing.unexpected_keys and all("num_batches" in name for name in missing.missing_keys)
    return model(images)


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
