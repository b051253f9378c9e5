"""Photographs of 500x375 for the bench of the pipeline: parts of scikit-learn's two samples, as JPEGs of about 60 KB.

python photographs.py FOLDER COUNT
"""

import sys

import numpy as np
from PIL import Image
from sklearn.datasets import load_sample_images

folder, count = sys.argv[1], int(sys.argv[2])
samples = [Image.fromarray(pixels) for pixels in load_sample_images().images]
rng = np.random.default_rng(0)
for index in range(count):
    image = samples[index % 2]
    width = int(image.width * rng.uniform(0.6, 0.8))
    height = width * 375 // 500
    left, top = rng.integers(0, image.width - width + 1), rng.integers(0, image.height - height + 1)
    part = image.crop((left, top, left + width, top + height)).resize((500, 375), Image.BICUBIC)
    part.save(f"{folder}/{index:04d}.jpg", quality=95 if index % 5 == 0 else 90)
