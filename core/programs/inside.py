"""What does each bias do in a trained network? One network and its twin without bias, opened.

Two small convolutional networks learn the same digits from the same start; one has biases, its twin has none. Then any
bias is switched off (set to 0, nothing is trained again), one picture goes through both, one number of one map is
worked out, and the score of one class is taken apart: so much from the picture, so much from each layer's biases.
Needs numpy, pandas, scikit-learn and altair. Writes inside.html, which any browser opens.
"""

# fragment: network_imports

# %% Settings
# settings: change them, and run again
# the biases that are switched off in the first network: (layer, filter or class from 0); layers are conv1, conv2, dense
OFF = ()
PICTURE = 0  # a test picture, 0 to 359, or "blank"
K = 1.0  # its brightness
DIM_BIASES = False  # multiply every bias by K, too: then f(K x; W, K b) = K f(x; W, b)
NETWORK = "with bias"  # whose number is worked out: with bias or without bias
LAYER = "conv1"  # the map it stands on: conv1 (8 filters, 8 x 8) or conv2 (16 filters, 4 x 4)
FILTER = 3  # all from 0
ROW = 4
COLUMN = 4
CLASS = None  # the digit whose score is taken apart; None: the one that the network with bias answers
# end of settings

SEED, N_EPOCHS, LEARNING_RATE, BATCH = 0, 20, 0.003, 64

# %% The digits: 8 x 8 pixels from 0 to 1
X, y = load_digits(return_X_y=True)
parts = train_test_split((X / 16).astype(np.float32), y, test_size=0.2, stratify=y, random_state=SEED)
X_train, X_test, y_train, y_test = parts


# %% The network: twice [convolution 3 x 3, bias, ReLU, 2 x 2 max pool], then a dense layer
# Maps are (channels, height, width, pictures): with the pictures last, numpy works along long rows.
class Network:
    """Numbers to train, in `weights` and `biases`; a bias that is absent is not there, and not 0."""

    def __init__(self, *, bias: bool) -> None:
        self.random = np.random.RandomState(SEED)
        self.weights: dict[str, np.ndarray] = {}
        self.biases: dict[str, np.ndarray] = {}
        for name, shape in {"conv1": (8, 1, 3, 3), "conv2": (16, 8, 3, 3), "dense": (10, 64)}.items():
            start = self.random.standard_normal(shape) * math.sqrt(2 / math.prod(shape[1:]))  # He-normal
            self.weights[name] = start.astype(np.float32)
            if bias:
                self.biases[name] = np.zeros(shape[0], np.float32)

    def logits(self, pictures: np.ndarray) -> np.ndarray:
        """One number per class and picture, (10, n); what the way back needs is kept."""
        maps = pictures.reshape(-1, 1, 8, 8).transpose(1, 2, 3, 0)
        self.kept = []
        for name in ("conv1", "conv2"):
            patches = patches_of(maps)
            whole = (self.weights[name].reshape(-1, 9 * len(maps)) @ patches).reshape(-1, *maps.shape[1:])
            wide = np.maximum(*pairs(whole, 2))
            small = np.maximum(*pairs(wide, 1))
            if name in self.biases:  # after the pool: the same, and a quarter of the work
                small = small + self.biases[name][:, None, None, None]
            self.kept.append((name, patches, whole, wide, small))
            maps = np.maximum(small, 0)
        self.features = maps.reshape(64, -1)
        logits: np.ndarray = self.weights["dense"] @ self.features
        return logits + self.biases["dense"][:, None] if self.biases else logits

    def gradients(self, gradient: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
        """From the gradient of the logits to that of every array of numbers, by the chain rule: (array, gradient)."""
        found = {"dense": (gradient @ self.features.T, gradient.sum(axis=1))}
        flowing = self.weights["dense"].T @ gradient
        for name, patches, whole, wide, small in reversed(self.kept):
            kernels = self.weights[name]
            back = flowing.reshape(small.shape) * (small > 0)
            bias = back.reshape(len(kernels), -1).sum(axis=1)
            back = unpooled(unpooled(back, wide, 1), whole, 2).reshape(len(kernels), -1)
            found[name] = ((patches @ back.T).T.reshape(kernels.shape), bias)
            if name == "conv2":
                pieces = (kernels.reshape(len(kernels), -1).T @ back).reshape(8, 3, 3, 4, 4, -1)
                total = np.zeros((8, 6, 6, pieces.shape[-1]), np.float32)
                for i in range(3):
                    for j in range(3):
                        total[:, i : i + 4, j : j + 4] += pieces[:, i, j]
                flowing = total[:, 1:-1, 1:-1]
        changed = [(self.weights[name], weights) for name, (weights, _) in found.items()]
        return changed + [(self.biases[name], bias) for name, (_, bias) in found.items() if name in self.biases]


def patches_of(maps: np.ndarray) -> np.ndarray:
    """The 3 x 3 surroundings of every pixel, (9 channels, pixels and pictures); beyond the edge lies 0."""
    padded = np.pad(maps, ((0, 0), (1, 1), (1, 1), (0, 0)))
    windows = sliding_window_view(padded, maps.shape[1:3], axis=(1, 2)).transpose(0, 1, 2, 4, 5, 3)
    return windows.reshape(9 * len(maps), -1)


# fragment: pooling


# %% Training: softmax cross-entropy, Adam
def train(network: Network) -> None:
    """Each epoch goes over all pictures in a new order."""
    moments: dict[int, list[np.ndarray]] = {}
    step, n = 0, len(X_train)
    for _ in range(N_EPOCHS):
        order = network.random.permutation(n)
        for batch in np.split(order, range(BATCH, n, BATCH)):
            step += 1
            logits = network.logits(X_train[batch])
            shares = np.exp(logits - logits.max(axis=0))
            shares /= shares.sum(axis=0)
            shares[y_train[batch], np.arange(len(batch))] -= 1
            for numbers, gradient in network.gradients(shares / len(batch)):
                first, second = moments.get(id(numbers), [np.zeros_like(numbers)] * 2)
                first = first * 0.9 + gradient * (1 - 0.9)
                second = second * 0.999 + gradient * gradient * (1 - 0.999)
                moments[id(numbers)] = [first, second]
                size = np.sqrt(second) * (1 / math.sqrt(1 - 0.999**step)) + 1e-8
                numbers -= first / size * (LEARNING_RATE / (1 - 0.9**step))


twins = {"with bias": Network(bias=True), "without bias": Network(bias=False)}
for network in twins.values():
    train(network)

# %% Biases switched off: set to 0, and nothing is trained again
before = twins["with bias"].logits(X_test).argmax(axis=0)
silenced: tuple[tuple[str, int], ...] = OFF
for layer, number in silenced:
    twins["with bias"].biases[layer][number] = 0
now = twins["with bias"].logits(X_test).argmax(axis=0)


# %% One picture on its way: ReLU and max pool choose, and what they choose stays chosen
def seen(network: Network, picture: np.ndarray) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """What comes into each convolution, (channels, height, width); and the parts of the logits, (10,) each.

    A part is what the picture, or a layer's biases, come to by the time they reach the logits; their sum is the logits.
    """
    parts = np.zeros((4, 1, 8, 8))  # of the picture, of conv1's biases, of conv2's, of the dense layer's
    parts[0, 0] = picture.reshape(8, 8)
    inputs = {}
    for place, name in enumerate(("conv1", "conv2"), 1):
        inputs[name] = parts.sum(axis=0)
        kernels = network.weights[name].astype(float)
        rows = kernels.reshape(len(kernels), -1) @ patches_of(parts.transpose(1, 2, 3, 0))
        parts = rows.reshape(len(kernels), *parts.shape[2:], 4).transpose(3, 0, 1, 2)
        parts[place] += np.reshape(network.biases.get(name, np.zeros(len(kernels))), (-1, 1, 1))
        for axis in (3, 2):  # the larger of each pair along the rows, then along the columns
            first, second = pairs(parts, axis)
            parts = np.where(first.sum(axis=0) >= second.sum(axis=0), first, second)
        parts = np.where(parts.sum(axis=0) > 0, parts, 0)
    logits = parts.reshape(4, 64) @ network.weights["dense"].T.astype(float)
    logits[3] += network.biases.get("dense", 0)
    return inputs, dict(zip(("picture", "conv1", "conv2", "dense"), logits, strict=True))


picture = (np.zeros(64, np.float32) if str(PICTURE) == "blank" else X_test[PICTURE]) * np.float32(K)
if DIM_BIASES:
    for numbers in twins["with bias"].biases.values():
        numbers *= np.float32(K)
ways = {arm: seen(network, picture) for arm, network in twins.items()}
logits = {arm: network.logits(picture[None])[:, 0].astype(float) for arm, network in twins.items()}
label = int(logits["with bias"].argmax()) if CLASS is None else CLASS

opened = twins[NETWORK]
surroundings = np.pad(ways[NETWORK][0][LAYER], ((0, 0), (1, 1), (1, 1)))[:, ROW : ROW + 3, COLUMN : COLUMN + 3]
products = float((opened.weights[LAYER][FILTER] * surroundings).sum())
bias = float(opened.biases[LAYER][FILTER]) if opened.biases else 0.0

# %% The chart: where the score of one class comes from
rows = [(arm, layer, part[label]) for arm, (_, parts) in ways.items() for layer, part in parts.items()]
colours = alt.Scale(domain=list(twins), range=["#00785A", "#E07A00"])
chart = (
    alt.Chart(pd.DataFrame(rows, columns=["network", "from", "part"]))
    .mark_bar()
    .encode(
        x=alt.X("part:Q", title=f"part of the score of {label}"),
        y=alt.Y("from:N", sort=None, title=None),
        color=alt.Color("network:N", scale=colours, legend=None),
        row=alt.Row("network:N", title=None),
    )
    .properties(width=480, height=110)
)
chart.save("inside.html")

# %% The numbers
said = [f"{np.sum(now == y_test)} of {len(now)} right, {np.sum(before == y_test)} with all biases"]
said.append(f"{np.sum(now != before)} change their answer")
for arm, found in logits.items():
    odds = np.exp(found - found.max())
    said.append(f"{arm}: {found.argmax()} ({odds.max() / odds.sum():.1%})")
total = products + bias
said.append(f"products {products:.4f}, bias {bias:.4f}: ReLU({total:.4f}) = {max(total, 0):.4f}")
for arm, (_, parts) in ways.items():
    from_biases = sum(float(part[label]) for layer, part in parts.items() if layer != "picture")
    said.append(f"{arm}: score of {label} {logits[arm][label]:.4f} = {parts['picture'][label]:.4f} + {from_biases:.4f}")
print("; ".join(said))
