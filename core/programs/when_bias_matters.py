"""When does a bias matter? One task, many seeds: a network and its twin without bias, and an interval.

Each seed draws a split, starting weights and an order of batches, the same for both; so they are compared seed by seed.
All of the network is here, in numpy: forward, backward, Adam. Needs numpy, pandas, scikit-learn and altair.
Writes when_bias_matters.html, which any browser opens. Twenty seeds take about half a minute.
"""

# fragment: network_imports

# %% Settings
# settings: change them, and run again
# tasks: digits, dim_or_bright, dim_or_bright_corner, dim_or_bright_divided, added_light, own_ink, blank, blank_noisy,
# grey_cards, long_tailed, grey_background, small_50 and small_200
TASK = "digits"
MARGIN = 0.01  # the difference that matters, a share of accuracy: fix it before you look
N_SEEDS = 20  # 0, 1, 2, ...
N_EPOCHS = 20
LEARNING_RATE = 0.003
VARIED_CONTRAST = False  # train on pictures times 0.03 to 10
# end of settings

BATCH = 64


# fragment: tasks


# %% The network: twice [convolution 3 x 3, ReLU, 2 x 2 max pool], then a dense layer
# Maps are (channels, height, width, pictures): with the pictures last, numpy works along long rows.
class Network:
    """Numbers to train, in `weights`; a bias that is absent is not there, and not 0."""

    def __init__(self, n_classes: int, seed: int, *, bias: bool) -> None:
        self.random = np.random.RandomState(seed)
        self.weights: dict[str, np.ndarray] = {}
        for name, shape in {"conv 1": (8, 1, 3, 3), "conv 2": (16, 8, 3, 3), "dense": (n_classes, 64)}.items():
            start = self.random.standard_normal(shape) * math.sqrt(2 / math.prod(shape[1:]))  # He-normal
            self.weights[name] = start.astype(np.float32)
            if bias:
                self.weights["bias of " + name] = np.zeros(shape[0], np.float32)

    def logits(self, pictures: np.ndarray) -> np.ndarray:
        """One number per class and picture, (n_classes, n); what the way back needs is kept."""
        maps = pictures.reshape(-1, 1, 8, 8).transpose(1, 2, 3, 0)
        self.kept = []
        for name in ("conv 1", "conv 2"):
            kernels, bias = self.weights[name], self.weights.get("bias of " + name)
            padded = np.pad(maps, ((0, 0), (1, 1), (1, 1), (0, 0)))
            windows = sliding_window_view(padded, maps.shape[1:3], axis=(1, 2)).transpose(0, 1, 2, 4, 5, 3)
            patches = windows.reshape(9 * len(maps), -1)
            whole = (kernels.reshape(len(kernels), -1) @ patches).reshape(len(kernels), *maps.shape[1:])
            wide = np.maximum(*pairs(whole, 2))
            small = np.maximum(*pairs(wide, 1))
            if bias is not None:  # after the pool: the same, and a quarter of the work
                small = small + bias[:, None, None, None]
            self.kept.append((name, patches, whole, wide, small))
            maps = np.maximum(small, 0)
        self.features = maps.reshape(64, -1)
        logits: np.ndarray = self.weights["dense"] @ self.features
        return logits + self.weights["bias of dense"][:, None] if "bias of dense" in self.weights else logits

    def gradients(self, gradient: np.ndarray) -> dict[str, np.ndarray]:
        """From the gradient of the logits to that of every number, by the chain rule."""
        found = {"dense": gradient @ self.features.T, "bias of dense": gradient.sum(axis=1)}
        flowing = self.weights["dense"].T @ gradient
        for name, patches, whole, wide, small in reversed(self.kept):
            kernels = self.weights[name]
            back = flowing.reshape(small.shape) * (small > 0)
            found["bias of " + name] = back.reshape(len(kernels), -1).sum(axis=1)
            back = unpooled(unpooled(back, wide, 1), whole, 2).reshape(len(kernels), -1)
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
def accuracy(seed: int, *, bias: bool) -> float:
    """Of a network that is trained on this seed's split, on the test pictures; the last good one if it diverges."""
    (X_train, X_test), (y_train, y_test) = draw(TASK, seed)
    n, network = len(X_train), Network(int(y_train.max()) + 1, seed, bias=bias)
    first, second = ({name: np.zeros_like(w) for name, w in network.weights.items()} for _ in range(2))
    step, worst = 0, math.inf
    for _ in range(N_EPOCHS):
        before, order, loss = (
            {name: w.copy() for name, w in network.weights.items()},
            network.random.permutation(n),
            0.0,
        )
        for batch in np.split(order, range(BATCH, n, BATCH)):
            step, columns = step + 1, np.arange(len(batch))
            logits = network.logits(X_train[batch])
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
            network.weights = before
            break
    return float(share_right(network.logits(X_test), y_test).mean())


with np.errstate(all="ignore"):  # a learning rate that is far too high
    runs = pd.DataFrame(
        [
            {"seed": seed, "with bias": accuracy(seed, bias=True), "without bias": accuracy(seed, bias=False)}
            for seed in range(N_SEEDS)
        ]
    )
print(runs.to_string(index=False))


# %% The interval, and what it says
def reach(degrees: int, share: float) -> float:
    """How many standard errors an interval of this share reaches to each side: Student's t, its density summed up."""
    t = np.linspace(0, 13, 1_300_001)
    scale = math.exp(math.lgamma((degrees + 1) / 2) - math.lgamma(degrees / 2)) / math.sqrt(degrees * math.pi)
    density = scale * (1 + t**2 / degrees) ** (-(degrees + 1) / 2)
    below = np.cumsum((density[1:] + density[:-1]) / 2 * (t[1] - t[0]))
    return float(np.interp(share / 2, below, t[1:]))


gains = np.round((runs["with bias"] - runs["without bias"]).to_numpy(), 12)  # so that equal ones stay equal
mean, error = float(gains.mean()), float(gains.std(ddof=1)) / math.sqrt(N_SEEDS)
half, half_90 = reach(N_SEEDS - 1, 0.95) * error, reach(N_SEEDS - 1, 0.90) * error
if N_SEEDS < 5:
    verdict = "too few seeds"
elif not gains.any():
    verdict = "equal in all seeds"
elif abs(mean) + half_90 < MARGIN:
    verdict = "no difference that matters"
elif abs(mean) > half:
    verdict = "helps" if mean > 0 else "hurts"
else:
    verdict = "cannot tell"

# %% The chart
seeds = runs.melt("seed", var_name="arm", value_name="accuracy")
colours = alt.Scale(domain=["with bias", "without bias"], range=["#00785A", "#E07A00"])
points = (
    alt.Chart(seeds)
    .mark_point(filled=True, size=80)
    .encode(
        x=alt.X("accuracy:Q", title="share of the test pictures that is right", scale=alt.Scale(zero=False)),
        y="seed:O",
        color=alt.Color("arm:N", scale=colours, title=None),
        shape=alt.Shape("arm:N", title=None),
    )
)
pairs_of_seeds = alt.Chart(seeds).mark_line(color="#B4BCB8").encode(x="accuracy:Q", y="seed:O", detail="seed:N")
chart = (pairs_of_seeds + points).properties(width=560, height=360)
chart.save("when_bias_matters.html")

# %% The numbers
print(
    f"a bias, {verdict}: {100 * mean:+.4f} points of accuracy, 95% interval {100 * (mean - half):+.4f} to "
    f"{100 * (mean + half):+.4f}, {N_SEEDS} seeds; with bias {runs['with bias'].mean():.2%} right, "
    f"without bias {runs['without bias'].mean():.2%}"
)
