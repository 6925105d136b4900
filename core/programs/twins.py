"""Is the network with biases better than its twin without? One pair, trained from the same start.

Two small convolutional networks start as the same function and see the same pictures in the same order. One has biases,
its twin has none. All of the network is here, in numpy: forward, backward, Adam.
Needs numpy, pandas, scikit-learn and altair. Writes twins.html, which any browser opens.
"""

# fragment: network_imports

# fragment: twin_settings


# fragment: tasks


# %% The network: twice [convolution 3 x 3, (batch norm), ReLU, 2 x 2 max pool], then a dense layer
# Maps are (channels, height, width, pictures): with the pictures last, numpy works along long rows.
class Network:
    """Numbers to train, in `weights`; a bias that is absent is not there, and not 0."""

    def __init__(self, n_classes: int, *, conv_bias: bool, dense_bias: bool) -> None:
        self.random = np.random.RandomState(SEED)
        self.weights: dict[str, np.ndarray] = {}
        for name, shape in {"conv 1": (8, 1, 3, 3), "conv 2": (16, 8, 3, 3), "dense": (n_classes, 64)}.items():
            start = self.random.standard_normal(shape) * math.sqrt(2 / math.prod(shape[1:]))  # He-normal
            self.weights[name] = start.astype(np.float32)
            if dense_bias if name == "dense" else conv_bias:
                self.weights["bias of " + name] = np.zeros(shape[0], np.float32)
            if BATCH_NORM and name != "dense":
                self.weights["gamma of " + name] = np.ones(shape[0], np.float32)
                self.weights["beta of " + name] = np.zeros(shape[0], np.float32)
        self.running = {name: [np.float32(0), np.float32(1)] for name in ("conv 1", "conv 2")}  # mean and variance

    def logits(self, pictures: np.ndarray, *, training: bool = False) -> np.ndarray:
        """One number per class and picture, (n_classes, n); what the way back needs is kept."""
        maps = pictures.reshape(-1, 1, 8, 8).transpose(1, 2, 3, 0)
        self.kept = []
        for name in ("conv 1", "conv 2"):
            kernels, bias = self.weights[name], self.weights.get("bias of " + name)
            padded = np.pad(maps, ((0, 0), (1, 1), (1, 1), (0, 0)))
            windows = sliding_window_view(padded, maps.shape[1:3], axis=(1, 2)).transpose(0, 1, 2, 4, 5, 3)
            patches = windows.reshape(9 * len(maps), -1)
            rows = kernels.reshape(len(kernels), -1) @ patches
            normed, spread = rows, rows
            if BATCH_NORM:
                rows = rows if bias is None else rows + bias[:, None]
                rows, spread = self.standardised(name, rows, training=training)
                normed = rows * self.weights["gamma of " + name][:, None] + self.weights["beta of " + name][:, None]
            whole = normed.reshape(len(kernels), *maps.shape[1:])
            wide = np.maximum(*pairs(whole, 2))
            small = np.maximum(*pairs(wide, 1))
            if bias is not None and not BATCH_NORM:  # after the pool: the same, and a quarter of the work
                small = small + bias[:, None, None, None]
            self.kept.append((name, patches, rows, spread, whole, wide, small))
            maps = np.maximum(small, 0)
        self.features = maps.reshape(64, -1)
        logits: np.ndarray = self.weights["dense"] @ self.features
        return logits + self.weights["bias of dense"][:, None] if "bias of dense" in self.weights else logits

    def standardised(self, name: str, rows: np.ndarray, *, training: bool) -> tuple[np.ndarray, np.ndarray]:
        """(rows - mean) / std and 1 / std: of the batch in training, else of the running statistics."""
        mean, variance = self.running[name]
        if training:
            new = rows.mean(axis=1)
            rows = rows - new[:, None]
            squares, n = np.einsum("ci,ci->c", rows, rows) / rows.shape[1], rows.shape[1]
            self.running[name] = [mean * 0.9 + 0.1 * new, variance * 0.9 + 0.1 * (squares * (n / max(n - 1, 1)))]
            variance = squares
        else:
            rows = rows - np.reshape(mean, (-1, 1))
        spread = 1 / np.sqrt(np.reshape(variance, (-1, 1)) + 1e-5)
        return rows * spread, spread

    def gradients(self, gradient: np.ndarray) -> dict[str, np.ndarray]:
        """From the gradient of the logits to that of every number, by the chain rule."""
        found = {"dense": gradient @ self.features.T, "bias of dense": gradient.sum(axis=1)}
        flowing = self.weights["dense"].T @ gradient
        for name, patches, rows, spread, whole, wide, small in reversed(self.kept):
            kernels = self.weights[name]
            back = flowing.reshape(small.shape) * (small > 0)
            found["bias of " + name] = back.reshape(len(kernels), -1).sum(axis=1)
            back = unpooled(unpooled(back, wide, 1), whole, 2).reshape(len(kernels), -1)
            if BATCH_NORM:
                gamma, n = np.einsum("ci,ci->c", rows, back), rows.shape[1]
                beta = back.sum(axis=1)
                back = back - (rows * (gamma / n)[:, None] + (beta / n)[:, None])
                back = back * (spread * self.weights["gamma of " + name][:, None])
                found |= {"gamma of " + name: gamma, "beta of " + name: beta, "bias of " + name: back.sum(axis=1)}
            found[name] = (patches @ back.T).T.reshape(kernels.shape)
            if name == "conv 2":
                pieces = (kernels.reshape(len(kernels), -1).T @ back).reshape(8, 3, 3, 4, 4, -1)
                total = np.zeros((8, 6, 6, pieces.shape[-1]), np.float32)
                for i in range(3):
                    for j in range(3):
                        total[:, i : i + 4, j : j + 4] += pieces[:, i, j]
                flowing = total[:, 1:-1, 1:-1]
        return {name: found[name] for name in self.weights}


# fragment: pooling


# fragment: share_right


# %% Training: softmax cross-entropy, Adam
def train(network: Network, curve: list[float]) -> None:
    """N_EPOCHS, each on all pictures in a new order; if the fit diverges, the numbers are those of the epoch before."""
    first, second = ({name: np.zeros_like(w) for name, w in network.weights.items()} for _ in range(2))
    step, worst = 0, math.inf
    for _ in range(N_EPOCHS):
        before, order, loss = (
            {name: w.copy() for name, w in network.weights.items()},
            network.random.permutation(n),
            0.0,
        )
        running = dict(network.running)
        for batch in np.split(order, range(BATCH, n, BATCH)):
            step, columns = step + 1, np.arange(len(batch))
            logits = network.logits(X_train[batch], training=True)
            shifted = logits - logits.max(axis=0)
            shares = np.exp(shifted)
            losses = np.log(shares.sum(axis=0)) - shifted[y_train[batch], columns]
            loss += float(np.mean(losses)) * len(batch) / n
            worst = 1000 * (1 + float(np.mean(losses))) if step == 1 else worst
            shares /= shares.sum(axis=0)
            shares[y_train[batch], columns] -= 1
            for name, gradient in network.gradients(shares / len(batch)).items():
                first[name] = first[name] * 0.9 + gradient * (1 - 0.9)
                second[name] = second[name] * 0.999 + gradient * gradient * (1 - 0.999)
                size = np.sqrt(second[name]) * (1 / math.sqrt(1 - 0.999**step)) + 1e-8
                network.weights[name] -= first[name] / size * (LEARNING_RATE / (1 - 0.9**step))
        if not loss <= worst or not all(np.isfinite(w).all() for w in network.weights.values()):
            network.weights, network.running = before, running
            return
        curve.append(float(share_right(network.logits(X_test), y_test).mean()))


(X_train, X_test), (y_train, y_test) = draw(TASK, SEED)
n, n_classes = len(X_train), int(y_train.max()) + 1
twins = {
    "with bias": Network(n_classes, conv_bias=CONV_BIAS, dense_bias=DENSE_BIAS),
    "without bias": Network(n_classes, conv_bias=False, dense_bias=False),
}
curves: dict[str, list[float]] = {arm: [] for arm in twins}
with np.errstate(all="ignore"):  # a learning rate that is far too high
    for arm, network in twins.items():
        train(network, curves[arm])

# fragment: accuracy_curves
chart.save("twins.html")

# %% The numbers
answers = {arm: network.logits(X_test).argmax(axis=0) for arm, network in twins.items()}
rights = {arm: share_right(network.logits(X_test), y_test) for arm, network in twins.items()}
said = [f"{arm}: {right.sum():g} of {len(right)} right ({right.mean():.1%})" for arm, right in rights.items()]
said.append(f"they disagree on {np.sum(answers['with bias'] != answers['without bias'])}")
if DIM_BIASES:
    biased = twins["with bias"]
    for name in ("conv 1", "conv 2", "dense")[: 1 if BATCH_NORM else 3]:
        if "bias of " + name in biased.weights:
            biased.weights["bias of " + name] *= np.float32(K)
    mean, variance = biased.running["conv 1"]  # a norm takes the light out: what comes after it sees what it saw before
    biased.running["conv 1"] = [mean * np.float32(K), variance * np.float32(K) ** 2]
for arm, network in twins.items():
    logits = network.logits(X_test * np.float32(K)).astype(float)
    odds = np.exp(logits - logits.max(axis=0))[:, TEST_PICTURE]
    top = f"picture {TEST_PICTURE} is class {odds.argmax()} ({odds.max() / odds.sum():.1%})"
    said.append(f"in light {K:g} {arm}: {share_right(logits, y_test).mean():.1%} right, {top}")
print("; ".join(said))
