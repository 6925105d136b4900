"""Is bias=False safe in my network? What an audit found, and a proof by numbers of every bias that it calls redundant.

The layers below are those of the page, as it read them: name, parameters, biases, verdict, and the norm that decides
what becomes of the bias. Here each bias is added to random numbers before that norm: what is left of it afterwards?
Needs numpy, pandas and altair. Writes audit.html, which any browser opens.
"""

# fragment: imports

# %% Settings
# settings: change them, and run again
# of each layer: its name, parameters, biases (None where they are not told), verdict and norm, "" where none decides:
# batch_norm, batch_norm_fixed, instance_norm, group_norm, layer_norm, rms_norm, relu_batch_norm, softmax or none
LAYERS = (
    ("features.0", 1792, 64, "redundant", "batch_norm"),
    ("features.1", 128, 64, "in use", "none"),
    ("features.3", 36928, 64, "redundant", "batch_norm"),
    ("features.4", 128, 64, "in use", "none"),
    ("features.7", 73856, 128, "redundant", "batch_norm"),
    ("features.8", 256, 128, "in use", "none"),
    ("classifier", 1290, 10, "in use", "none"),
)
# end of settings


# %% The norms, without the scale and offset that follow them: they come after, and change no answer
def standardised(x: np.ndarray, *axes: int, centred: bool = True) -> np.ndarray:
    """(x - mean) / root mean square, over these axes of (sample, channel, row, column)."""
    x = x - x.mean(axis=axes, keepdims=True) if centred else x
    y: np.ndarray = x / np.sqrt((x * x).mean(axis=axes, keepdims=True) + 1e-5)
    return y


def halves(x: np.ndarray) -> np.ndarray:
    """GroupNorm with two groups."""
    parts = np.array_split(x, min(2, x.shape[1]), axis=1)
    return np.concatenate([standardised(part, 1, 2, 3) for part in parts], axis=1)


def softmax(x: np.ndarray) -> np.ndarray:
    """Over the places of each channel, as over the keys of an attention."""
    y: np.ndarray = np.exp(x) / np.exp(x).sum(axis=(2, 3), keepdims=True)
    return y


NORMS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "batch_norm": lambda x: standardised(x, 0, 2, 3),
    "batch_norm_fixed": lambda x: x / np.sqrt(1 + 1e-5),
    "instance_norm": lambda x: standardised(x, 2, 3),
    "group_norm": halves,
    "layer_norm": lambda x: standardised(x, 1, 2, 3),
    "rms_norm": lambda x: standardised(x, 1, 2, 3, centred=False),
    "relu_batch_norm": lambda x: standardised(np.maximum(x, 0), 0, 2, 3),
    "softmax": softmax,
    "none": lambda x: x,
}


# %% What is left of each bias after its norm
def left_over(biases: int, norm: str) -> float:
    """The largest change of a number after the norm, when each channel gets a bias of its own; 64 channels stand in."""
    random = np.random.default_rng(0)
    sums = random.normal(size=(8, min(biases, 64), 4, 4))
    bias = random.normal(size=(1, sums.shape[1], 1, 1))
    return float(np.abs(NORMS[norm](sums + bias) - NORMS[norm](sums)).max())


columns = ["layer", "parameters", "biases", "verdict", "norm"]
layers = pd.DataFrame(LAYERS, columns=columns).assign(order=range(1, len(LAYERS) + 1))
layers["left over"] = [left_over(n, norm) if norm and n else math.nan for _, _, n, _, norm in LAYERS]
print(layers[["layer", "biases", "verdict", "norm", "left over"]].to_string(index=False))

# %% The chart
verdicts = ["redundant", "absorbed", "in use", "depends", "cannot see", "no bias"]
chart = (
    alt.Chart(layers)
    .mark_tick(thickness=3, size=18, color="#3B6FB6")
    .encode(
        x=alt.X("order:Q", title="layer, in the order in which it runs"),
        y=alt.Y("verdict:N", scale=alt.Scale(domain=verdicts), title=None),
        tooltip=["layer:N", "parameters:Q", "biases:Q", "verdict:N", "norm:N", "left over:Q"],
    )
    .properties(width=560, height=150)
)
chart.save("audit.html")

# %% The numbers
redundant = layers[layers["verdict"] == "redundant"]
told = layers["parameters"].dropna()
said = [f"{len(told)} layers with {told.sum():.0f} parameters, {layers['biases'].sum():.0f} of them biases"]
said.append(f"{len(redundant)} redundant ({redundant['biases'].sum():.0f} numbers)")
said += [f"{(layers['verdict'] == verdict).sum()} {verdict}" for verdict in verdicts[1:]]
proved = int((redundant["left over"] < 1e-9).sum())
said.append(f"of the redundant {proved} leave nothing behind in random numbers")
print("; ".join(said))
