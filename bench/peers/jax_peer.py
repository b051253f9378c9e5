"""MoCo v2 in JAX, one compiled function a step: python jax_peer.py jit WORKLOAD cpu"""

import sys

import jax
import jax.numpy as jnp
from jax import lax

from peer import random_views, serve, workload

EPSILON, STATISTICS_MOMENTUM = 1e-5, 0.1  # PyTorch's defaults


def convolve(x, weight, stride):
    padding = weight.shape[0] // 2
    return lax.conv_general_dilated(
        x, weight, (stride, stride), [(padding, padding)] * 2, dimension_numbers=("NHWC", "HWIO", "NHWC")
    )


class Layers:
    """The layers of a network as they are met: with values, they are applied; with a random key, values are made."""

    def __init__(self, params=None, stats=None, random=None):
        self.params, self.stats, self.random = params or {}, stats or {}, random
        self.next_stats = {}

    def value(self, name, make):
        if self.random is not None:
            self.random, random = jax.random.split(self.random)
            self.params[name] = make(random)
        return self.params[name]

    def convolution(self, name, x, channels, size, stride=1):
        shape = (size, size, x.shape[-1], channels)
        deviation = (2 / (size * size * channels)) ** 0.5
        return convolve(x, self.value(name, lambda random: deviation * jax.random.normal(random, shape)), stride)

    def norm(self, name, x):
        shape = x.shape[-1:]
        scale = self.value(f"{name}.weight", lambda _: jnp.ones(shape))
        offset = self.value(f"{name}.bias", lambda _: jnp.zeros(shape))
        running_mean, running_variance = self.stats.get(name, (jnp.zeros(shape), jnp.ones(shape)))
        count = x.size // x.shape[-1]
        mean = x.mean((0, 1, 2))
        variance = jnp.square(x - mean).mean((0, 1, 2))
        self.next_stats[name] = (
            running_mean + STATISTICS_MOMENTUM * (mean - running_mean),
            running_variance + STATISTICS_MOMENTUM * (variance * count / (count - 1) - running_variance),
        )
        return (x - mean) * (scale * lax.rsqrt(variance + EPSILON)) + offset

    def dense(self, name, x, features):
        bound = x.shape[-1] ** -0.5
        uniform = lambda shape: lambda random: jax.random.uniform(random, shape, minval=-bound, maxval=bound)
        return x @ self.value(f"{name}.weight", uniform((x.shape[-1], features))) + self.value(
            f"{name}.bias", uniform((features,))
        )

    def block(self, name, x, channels, stride, expansion):
        if expansion == 1:
            sizes = [(channels, 3, stride), (channels, 3, 1)]
        else:
            sizes = [(channels, 1, 1), (channels, 3, stride), (channels * expansion, 1, 1)]
        y = x
        for index, size in enumerate(sizes):
            y = self.norm(f"{name}.bn{index}", self.convolution(f"{name}.conv{index}", y, *size))
            y = y if index == len(sizes) - 1 else jax.nn.relu(y)
        if stride != 1 or x.shape[-1] != y.shape[-1]:
            x = self.norm(f"{name}.bn", self.convolution(f"{name}.conv", x, y.shape[-1], 1, stride))
        return jax.nn.relu(y + x)


def encode(layers, work, x):
    """Images [N, height, width, C] to what is contrasted, unit rows [N, dimension]."""
    depths, expansion = {"resnet18": ([2, 2, 2, 2], 1), "resnet50": ([3, 4, 6, 3], 4)}[work.encoder]
    channels = round(64 * work.width)
    small = work.stem == "small"
    x = layers.convolution("conv1", x, channels, *((3, 1) if small else (7, 2)))
    x = jax.nn.relu(layers.norm("bn1", x))
    if not small:
        x = lax.reduce_window(x, -jnp.inf, lax.max, (1, 3, 3, 1), (1, 2, 2, 1), [(0, 0), (1, 1), (1, 1), (0, 0)])
    for stage, depth in enumerate(depths):
        for index in range(depth):
            stride = 2 if stage > 0 and index == 0 else 1
            x = layers.block(f"layer{stage}.{index}", x, channels * 2**stage, stride, expansion)
    x = x.mean((1, 2))
    x = jax.nn.relu(layers.dense("head.0", x, x.shape[-1]))
    return unit(layers.dense("head.2", x, work.dimension))


def unit(x):
    return x * lax.rsqrt(jnp.maximum(jnp.square(x).sum(1, keepdims=True), 1e-24))


def initial(work):
    def make(random):
        layers = Layers(random=random)
        encode(layers, work, jnp.zeros((2, *work.input)))
        return layers.params, {
            name: (jnp.zeros_like(mean), jnp.ones_like(variance))
            for name, (mean, variance) in layers.next_stats.items()
        }

    encoder, queue = jax.random.split(jax.random.key(0))
    params, stats = jax.jit(make)(encoder)
    copy = lambda tree: jax.tree.map(jnp.copy, tree)
    return {
        "query": (params, stats),
        "key": (copy(params), copy(stats)),
        "velocity": jax.tree.map(jnp.zeros_like, params),
        "queue": unit(jax.random.normal(queue, (work.queue, work.dimension))),
        "at": jnp.array(0),
    }


def make_step(work):
    def apply(params, stats, x):
        layers = Layers(params, stats)
        return encode(layers, work, x), layers.next_stats

    def step(state, query, key):
        params, stats = state["query"]
        m = work.momentum
        key_params = jax.tree.map(lambda k, q: m * k + (1 - m) * q, state["key"][0], params)
        k, key_stats = apply(key_params, state["key"][1], key)

        def contrast(params):
            q, next_stats = apply(params, stats, query)
            logits = jnp.concatenate([(q * k).sum(1, keepdims=True), q @ state["queue"].T], 1) / work.temperature
            return -jax.nn.log_softmax(logits)[:, 0].mean(), next_stats

        (loss, next_stats), gradients = jax.value_and_grad(contrast, has_aux=True)(params)
        velocity = jax.tree.map(
            lambda v, g, p: work.velocity * v + g + work.weightDecay * p, state["velocity"], gradients, params
        )
        next_params = jax.tree.map(lambda p, v: p - work.learningRate * v, params, velocity)
        return {
            "query": (next_params, next_stats),
            "key": (key_params, key_stats),
            "velocity": velocity,
            "queue": lax.dynamic_update_slice(state["queue"], k, (state["at"], 0)),
            "at": (state["at"] + work.batch) % work.queue,
        }, loss

    return jax.jit(step, donate_argnums=0)


def main(_variant, name, device):
    work = workload(name, device)
    state = initial(work)
    views = [jnp.asarray(view) for view in random_views(work, (0, 1, 2, 3))]
    step = make_step(work)
    parameters = sum(leaf.size for leaf in jax.tree.leaves(state["query"][0]))

    def run(steps):
        nonlocal state
        for _ in range(steps):
            state, loss = step(state, *views)
        jax.block_until_ready(state)
        return loss.item()

    serve(run, parameters, {"jax": jax.__version__})


if __name__ == "__main__":
    main(*sys.argv[1:])
