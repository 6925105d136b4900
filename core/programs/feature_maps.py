"""What does b do to a picture? One filter over a picture, with its bias and without.

A filter multiplies and adds; its one bias b then decides how much is enough. Needs numpy, pandas, altair, scikit-learn
(for its photographs) and Pillow (to read pictures). Writes feature_maps.html, which any browser opens.
"""

import base64
import io
import math
from collections.abc import Callable

# fragment: packages
from PIL import Image, ImageOps
from sklearn.datasets import load_digits, load_sample_image

# %% Settings
# settings: change them, and run again
# a sample (temple, flower, digit_0, digit_3, digit_8, ramp, checkerboard, dot, blank) or a file of yours
PICTURE = "temple"
# rows of weights, with odd sides; these find edges in x
KERNEL = ((-0.25, 0.0, 0.25), (-0.5, 0.0, 0.5), (-0.25, 0.0, 0.25))
BIAS = -0.06
ACTIVATION = "relu"  # relu, leaky_relu, elu, sigmoid, tanh, gelu, silu, softplus, step or identity
ROW = 85  # of the pixel that is looked at, counted from 0 at the top left
COLUMN = 129
# end of settings


# %% The picture: (channels, height, width), from 0 (black) to 1 (white)
def shrunk(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """At most 256 pixels on the longer side; this filter draws no halos that an edge kernel would find."""
    scale = min(1.0, 256 / max(size))
    width, height = (max(1, round(side * scale)) for side in size)
    return image.resize((width, height), Image.Resampling.HAMMING, reducing_gap=3.0)


def photograph(name: str) -> np.ndarray:
    """One of scikit-learn's photographs (CC BY)."""
    image = Image.fromarray(load_sample_image(name))
    values: np.ndarray = np.asarray(shrunk(image, image.size)) / 255
    return values.transpose(2, 0, 1)


def digit(number: int) -> np.ndarray:
    """The first such digit of scikit-learn's, 8 x 8."""
    digits = load_digits()
    first: np.ndarray = digits.images[digits.target == number][:1]
    return first / 16


def own_picture() -> np.ndarray:
    """Your file, upright, and laid over white where it is transparent."""
    with Image.open(PICTURE) as file:
        size, deep = file.size, file.mode.startswith("I;16")
        file.draft(file.mode, (512, 512))  # a large JPEG is decoded at a half to an eighth of its size
        grey = "I" if deep else "L"
        mode = "RGBA" if file.has_transparency_data else grey if deep or file.mode in ("1", "L") else "RGB"
        small = ImageOps.exif_transpose(shrunk(file.convert(mode), size))
    values = np.asarray(small, dtype=float).reshape(small.height, small.width, -1) / (65535 if deep else 255)
    if mode == "RGBA":
        values = values[..., :3] * values[..., 3:] + (1 - values[..., 3:])
    return values.transpose(2, 0, 1)


samples: dict[str, Callable[[], np.ndarray]] = {
    "temple": lambda: np.tensordot([0.299, 0.587, 0.114], photograph("china.jpg"), axes=1)[np.newaxis],  # in grey
    "flower": lambda: photograph("flower.jpg"),
    "digit_0": lambda: digit(0),
    "digit_3": lambda: digit(3),
    "digit_8": lambda: digit(8),
    "ramp": lambda: np.tile(np.linspace(0, 1, 64), (1, 64, 1)),
    "checkerboard": lambda: np.kron(np.indices((8, 8)).sum(axis=0) % 2, np.ones((1, 8, 8))),
    "dot": lambda: np.pad(np.ones((1, 1, 1)), ((0, 0), (16, 16), (16, 16))),
    "blank": lambda: np.zeros((1, 64, 64)),
}
pixels = samples.get(PICTURE, own_picture)()
channels, height, width = pixels.shape

# %% The sum of products at every pixel
# A filter has weights for every channel, and one bias. Outside the picture everything counts as 0.
kernel = np.array(KERNEL) / channels
down, right = kernel.shape
padded = np.pad(pixels, ((0, 0), (down // 2, down // 2), (right // 2, right // 2)))
sums = np.zeros((height, width))
for i in range(down):
    for j in range(right):
        sums += kernel[i, j] * padded[:, i : i + height, j : j + width].sum(axis=0)
rounding = channels * kernel.size * np.finfo(float).eps * np.abs(KERNEL).sum()
sums[np.abs(sums) <= rounding] = 0  # so that flat parts of the picture stay exactly at the threshold

# %% The bias, and the activation
# fragment: activations
activation = ACTIVATIONS[ACTIVATION]
maps = {"with bias": activation(sums + BIAS), "without bias": activation(sums)}
passes, passes_without = sums + BIAS > 0, sums > 0

# %% The chart
# Both maps share one grey scale: if each had its own, the bias would be scaled away.
low, high = min(map(np.min, maps.values())), max(map(np.max, maps.values()))


def picture_url(values: np.ndarray) -> str:
    """A map as a PNG that a page can hold."""
    grey = np.rint(255 * (values - low) / ((high - low) or 1)).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(grey).resize((512, max(1, 512 * height // width)), Image.Resampling.NEAREST).save(buffer, "png")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


tiles = pd.DataFrame({"arm": list(maps), "url": [picture_url(values) for values in maps.values()]})
chart = (
    alt.Chart(tiles)
    .mark_image(width=320, height=320)
    .encode(url="url", x=alt.value(160), y=alt.value(160), column=alt.Column("arm", title=f"{ACTIVATION}(sum + b)"))
    .properties(width=320, height=320)
)
chart.save("feature_maps.html")

# %% The numbers
row, column = min(ROW, height - 1), min(COLUMN, width - 1)
z = sums[row, column]
print(
    f"above the threshold with bias {passes.mean():.6g}, without {passes_without.mean():.6g} of the pixels; "
    f"only because of the bias {(passes & ~passes_without).mean():.6g}, "
    f"stopped by it {(passes_without & ~passes).mean():.6g}; at row {row}, column {column} the sum is {z:.6g}, "
    f"the map with bias {maps['with bias'][row, column]:.6g}, without {maps['without bias'][row, column]:.6g}"
)
