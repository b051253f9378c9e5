"""Lets torchvision be imported beside a CPU build of torch; import this before it.

The package index has torchvision built for CUDA only. Its compiled operators do not load without CUDA's libraries; the
package then wants this one to be declared, and does without the others. No transform uses them.
"""

import torch

try:
    import torchvision  # noqa: F401
except RuntimeError:
    library = torch.library.Library("torchvision", "DEF")
    library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    import torchvision  # noqa: F401
