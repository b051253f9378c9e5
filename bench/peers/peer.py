"""What the Python contestants share: the workloads, and the protocol with run.ts.

A line "go n" on standard input runs n steps; the answer is one line of JSON on standard output. The end of the input
ends the process.
"""

import json
import os
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np

# Whatever a library prints goes to standard error: standard output is for answers.
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)


def workload(name, device):
    """A workload by its name: the numbers of its method, its own, and on a GPU those that it has for one."""
    data = json.loads((Path(__file__).parent / "workloads.json").read_text())
    own = data["workloads"][name]
    on_gpu = own.pop("gpu") if device == "gpu" else {}
    return SimpleNamespace(**{**data["methods"][own["method"]], **own, **on_gpu})


def random_views(work, order):
    """Two views as random numbers, float32 [batch, *input], of which `order` arranges the axes."""
    random = np.random.default_rng(1)
    shape = (work.batch, *work.input)
    return [random.standard_normal(shape, dtype=np.float32).transpose(order).copy() for _ in range(2)]


def images_of(path, work):
    """The images that run.ts has written, uint8 [N, height, width, channels]."""
    return np.fromfile(path, np.uint8).reshape(-1, *work.input)


def serve(run, parameters, versions):
    """Answers until the input ends. `run(n)` takes n steps, waits for the last, and returns its loss."""
    for line in sys.stdin:
        steps = int(line.split()[1])
        start = time.perf_counter()
        loss = run(steps)
        milliseconds = 1000 * (time.perf_counter() - start) / steps
        answer = {"milliseconds": milliseconds, "loss": loss, "parameters": parameters, "versions": versions}
        print(json.dumps(answer), file=answers, flush=True)
