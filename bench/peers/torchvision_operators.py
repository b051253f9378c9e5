"""Lets torchvision be imported beside a CPU build of torch; import this before it.

The package index has torchvision for CUDA only. Its compiled operators do not load without CUDA's libraries; importing
the package then wants these two to be declared, and does without the others. No transform uses any.
"""

import torch

try:
    import torchvision  # noqa: F401
except RuntimeError:
    library = torch.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    import torchvision  # noqa: F401
