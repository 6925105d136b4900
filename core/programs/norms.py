"""Does the norm cancel it? A bias is added to the maps of a convolution before each of eight norms.

A norm that subtracts each channel's own mean takes the bias away, exactly. Most norms subtract another mean, or none.
Needs numpy, pandas, scikit-learn and altair. Writes norms.html, which any browser opens.
"""

from collections.abc import Callable

# fragment: packages
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

# %% Settings
# settings: change them, and run again
B = 0.5  # the four channels get B, -B / 2, B / 4 and -B / 8
GROUPS = 2  # of GroupNorm: 1, 2 or 4
NORM = "batch_norm"  # the one that is drawn, and whose channel 1 is looked at; the names are in NORMS below
# end of settings

# %% Four maps of 16 digits: a 3 x 3 convolution, "same" padding, no bias
digits, names = load_digits(return_X_y=True)
digits = train_test_split((digits / 16).astype(np.float32), test_size=0.2, stratify=names, random_state=0)[0]
pictures = digits[:16].reshape(16, 8, 8).astype(float)
random = np.random.default_rng(0)
kernels = random.normal(0.0, np.sqrt(2 / 9), (4, 3, 3))  # He-normal
upstream = random.normal(size=(16, 4, 8, 8))  # the gradient that comes from above
padded = np.pad(pictures, ((0, 0), (1, 1), (1, 1)))


def convolved(kernels: np.ndarray) -> np.ndarray:
    """The sums of products, (16, 4, 8, 8)."""
    shifts = [padded[:, i : i + 8, j : j + 8] for i in range(3) for j in range(3)]
    sums: np.ndarray = np.einsum("sn...,ks->nk...", np.stack(shifts), kernels.reshape(4, 9))
    return sums


maps = convolved(kernels)
biases = B * np.array([1.0, -0.5, 0.25, -0.125]).reshape(4, 1, 1)


# %% The norms, without the scale and offset that follow them: they come after, and change no answer
def standardised(x: np.ndarray, *axes: int, centred: bool = True) -> np.ndarray:
    """(x - mean) / root mean square, over these axes of (picture, channel, row, column)."""
    x = x - x.mean(axis=axes, keepdims=True) if centred else x
    y: np.ndarray = x / np.sqrt((x * x).mean(axis=axes, keepdims=True) + 1e-5)
    return y


fixed = np.random.default_rng(0)
mean, variance = fixed.normal(0.0, 0.25, (4, 1, 1)), fixed.uniform(0.5, 1.5, (4, 1, 1))
NORMS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "batch_norm": lambda x: standardised(x, 0, 2, 3),
    "batch_norm_fixed": lambda x: (x - mean) / np.sqrt(variance + 1e-5),
    "instance_norm": lambda x: standardised(x, 2, 3),
    "group_norm": lambda x: standardised(x.reshape(16, GROUPS, -1, 8, 8), 2, 3, 4).reshape(x.shape),
    "layer_norm": lambda x: standardised(x, 1, 2, 3),
    "rms_norm": lambda x: standardised(x, 1, 2, 3, centred=False),
    "relu_batch_norm": lambda x: standardised(np.where(x.real > 0, x, 0), 0, 2, 3),
    "none": lambda x: x,
}


# %% What is left of the bias after each norm, and what it would learn
def gradient(norm: Callable[[np.ndarray], np.ndarray]) -> float:
    """The largest gradient of a channel's bias.

    By a step so small that it adds nothing to the real part: f(x + ih) = f(x) + ih f'(x). No digit is lost.
    """
    steps = 1e-30j * np.eye(4).reshape(4, 4, 1, 1)
    return max(abs(float(np.sum(upstream * norm(maps + biases + step)).imag)) / 1e-30 for step in steps)


changes = {name: float(np.abs(norm(maps + biases) - norm(maps)).max()) for name, norm in NORMS.items()}
gradients = {name: gradient(norm) for name, norm in NORMS.items()}
channel = {  # the mean of channel 1: without b and with it, before the norm and after it
    "before": (maps[:, 0].mean(), (maps + biases)[:, 0].mean()),
    "after": (NORMS[NORM](maps)[:, 0].mean(), NORMS[NORM](maps + biases)[:, 0].mean()),
}

# %% Fold: the bias comes back
# A BatchNorm whose statistics are fixed is a scale and a shift per channel, and both go into the convolution before it.
random = np.random.default_rng(0)
gamma, beta = random.uniform(0.5, 1.5, 4), random.normal(0.0, 0.5, 4)
scale = gamma / np.sqrt(maps.var(axis=(0, 2, 3)) + 1e-5)
folded_kernels, folded_bias = kernels * scale.reshape(4, 1, 1), beta - scale * maps.mean(axis=(0, 2, 3))

# %% The chart
drawn = pd.DataFrame(
    {"with bias": NORMS[NORM](maps + biases)[:, 0].ravel(), "without bias": NORMS[NORM](maps)[:, 0].ravel()}
)
colours = alt.Scale(domain=["with bias", "without bias"], range=["#00785A", "#E07A00"])
histogram = (
    alt.Chart(drawn.melt(var_name="arm", value_name="value"), title=f"Channel 1 after {NORM}")
    .mark_bar(opacity=0.55)
    .encode(
        x=alt.X("value:Q", bin=alt.Bin(step=0.25)),
        y=alt.Y("count()", stack=None),
        color=alt.Color("arm:N", scale=colours, title=None),
    )
    .properties(width=560, height=200)
)
bars = (
    alt.Chart(
        pd.DataFrame({"norm": list(changes), "change": list(changes.values())}), title="Largest change of an output"
    )
    .mark_bar(color="#00785A")
    .encode(x="change:Q", y=alt.Y("norm:N", sort=None))
    .properties(width=560)
)
chart = histogram & bars
chart.save("norms.html")

# %% The numbers
for name in NORMS:
    print(f"{name}: largest change {changes[name]:.3g}, gradient of b {gradients[name]:.3g}")
said = [f"{name.replace('_', ' ')} {changes[name]:.6g} (gradient {gradients[name]:.6g})" for name in NORMS]
moves = [f"{stage} {NORM} {without:.6g} to {moved:.6g}" for stage, (without, moved) in channel.items()]
print(
    f"largest change by b: {', '.join(said)}; mean of the first channel {', '.join(moves)}; folded bias of the first "
    f"channel {folded_bias[0]:.6g}"
)
