"""How PyTorch runs a step: where, and by which of its fast paths."""

import torch


class Variant:
    """Names with commas between: eager, channels-last, compile, graphs (compiled, and replayed as CUDA graphs), bfloat16.

    What float32 means is the same for every library: on a GPU its products are TF32's, as TensorFlow has them.
    """

    def __init__(self, names, device):
        names = set(names.split(","))
        unknown = names - {"eager", "channels-last", "compile", "graphs", "bfloat16"}
        if unknown:
            raise ValueError(f"Cannot run PyTorch: found the unknown variant {unknown}")
        self.device = the_device(device)
        self.layout = torch.channels_last if "channels-last" in names else torch.contiguous_format
        self.bfloat16 = "bfloat16" in names
        self.compiled, self.graphs = bool(names & {"compile", "graphs"}), "graphs" in names
        if device == "gpu":
            torch.set_float32_matmul_precision("high")
            torch.backends.cudnn.allow_tf32 = True
            torch.backends.cudnn.benchmark = True  # shapes do not change: the fastest algorithm is looked for once

    def placed(self, network):
        return network.to(self.device).to(memory_format=self.layout)

    def view(self, images):
        """Images [N, C, height, width] where and as the network takes them."""
        return images.to(self.device, non_blocking=True).contiguous(memory_format=self.layout)

    def compile(self, function):
        if not self.compiled:
            return function
        return torch.compile(function, mode="reduce-overhead" if self.graphs else "default")

    def begin(self):
        """Before every step: what the graphs gave in the last one may be written over."""
        if self.graphs:
            torch.compiler.cudagraph_mark_step_begin()

    def autocast(self):
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.bfloat16)


def the_device(device):
    if device == "gpu" and not torch.cuda.is_available():
        raise SystemExit(f"Cannot run on a GPU: expected PyTorch to find one, found none with torch {torch.__version__}")
    return torch.device("cuda" if device == "gpu" else "cpu")
