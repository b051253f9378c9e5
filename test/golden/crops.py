"""Views of photographs as Pillow and torchvision cut them, for crops_test.ts.

Writes image files of every kind to images/ and what is to be seen in them to crops_expected.safetensors. The photographs
are parts of scikit-learn's samples: china.jpg by danielbuechele and flower.jpg by vultilion (both CC BY 2.0, flickr.com).
Needs torchvision, pillow and scikit-learn. Run by hand, in this folder:  python crops.py
"""

import json
import os
import struct

import numpy as np
from PIL import Image, ImageOps
from sklearn.datasets import load_sample_images
from torchvision.transforms import functional as F

SIZE, SHORTER = 24, 32
china, flower = (Image.fromarray(pixels) for pixels in load_sample_images().images)


def photo(image, left, top, width=160, height=120):
    return image.crop((left, top, left + 2 * width, top + 2 * height)).resize((width, height), Image.LANCZOS)


def save(name, image, **options):
    image.save(f"images/{name}", **options)


def exif(orientation):
    tags = Image.Exif()
    tags[0x0112] = orientation
    return tags.tobytes()


pagoda, roof, petals = photo(china, 40, 20), photo(china, 300, 150), photo(flower, 200, 100)
for orientation in range(1, 9):
    save(f"turned_{orientation}.jpg", pagoda, quality=92, exif=exif(orientation))
save("turned_6.png", petals, exif=exif(6))
save("turned_8.webp", petals, quality=90, exif=exif(8))
save("plain.jpg", petals, quality=95, subsampling=0)
save("progressive.jpg", roof, quality=90, progressive=True)
save("grey.jpg", roof.convert("L"), quality=90)
save("cmyk.jpg", petals.convert("CMYK"), quality=95)
save("plain.png", roof)
save("palette.png", petals.quantize(200))
save("plain.bmp", petals)
save("palette.bmp", roof.quantize(64))
save("plain.webp", roof, quality=90)
save("lossless.webp", petals, lossless=True)

x, y = np.meshgrid(np.linspace(0, 1, 160), np.linspace(0, 1, 120))
alpha = Image.fromarray(np.uint8(255 * x * y))
see_through = petals.copy()
see_through.putalpha(alpha)
save("alpha.png", see_through)
save("alpha.webp", see_through, lossless=True, exact=True)
grey_alpha = roof.convert("L")
grey_alpha.putalpha(alpha)
save("grey_alpha.png", grey_alpha)
keyed = np.array(roof)
keyed[30:60, 40:100] = (1, 2, 3)
save("colour_key.png", Image.fromarray(keyed), transparency=(1, 2, 3))
quantized = petals.quantize(100)
save("transparent.gif", quantized, transparency=quantized.getpixel((80, 60)))
save("two_frames.gif", roof.quantize(128), save_all=True, append_images=[petals.quantize(128)])
save("animated.webp", roof, save_all=True, append_images=[petals], lossless=True)
deep = np.uint16(np.array(roof.convert("L"))).astype(np.uint16) * 13 + 100  # 12 bits in 16, as microscopes write them
Image.fromarray(deep).save("images/deep.png")

rng = np.random.default_rng(0)
arrays = {}


def shown(name):
    image = ImageOps.exif_transpose(Image.open(f"images/{name}"))
    if image.mode.startswith("I"):
        values = np.array(image).astype(np.float64)
        scaled = (values - values.min()) / (values.max() - values.min()) * 255
        return Image.fromarray(np.uint8(np.round(scaled))).convert("RGB")
    if "transparency" in image.info or image.mode in ("LA", "RGBA"):
        image = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    return image.convert("RGB")


names = sorted(os.listdir("images"))
for name in names:
    image = shown(name)
    width, height = image.size
    boxes, views = [], []
    for _ in range(2):
        h, w = rng.integers(5, height + 1), rng.integers(5, width + 1)
        top, left = rng.integers(0, height - h + 1), rng.integers(0, width - w + 1)
        boxes.append([top, left, h, w])
        views.append(np.array(F.resized_crop(image, int(top), int(left), int(h), int(w), [SIZE, SIZE])))
    views.append(np.array(F.center_crop(F.resize(image, SHORTER), [SIZE, SIZE])))
    arrays[f"{name}.boxes"] = np.array(boxes, np.int32)
    arrays[f"{name}.views"] = np.stack(views)

header, at = {}, 0
for name, array in arrays.items():
    dtype = {"int32": "I32", "uint8": "U8"}[array.dtype.name]
    header[name] = {"dtype": dtype, "shape": list(array.shape), "data_offsets": [at, at + array.nbytes]}
    at += array.nbytes
text = json.dumps(header).encode()
text += b" " * (-len(text) % 8)
with open("crops_expected.safetensors", "wb") as file:
    file.write(struct.pack("<Q", len(text)) + text + b"".join(array.tobytes() for array in arrays.values()))
