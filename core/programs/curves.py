"""What can a small network draw? A curve, two classes and the logic gates, with biases and without.

One hidden layer with drawn kernels; only its output layer is fitted. Biases spread the places where the units switch;
without any, every unit switches at 0. Needs numpy, pandas, scikit-learn and altair; for a table of yours also the csv
file that the page gives of it as it was read: commas, decimal points, complete rows. Writes curves.html, which any
browser opens.
"""

# fragment: imports
from sklearn.datasets import make_blobs, make_circles, make_moons
from sklearn.linear_model import LogisticRegression, Ridge

# %% Settings
# settings: change them, and run again
UNITS = 20
ACTIVATION = "relu"  # relu, leaky_relu, elu, sigmoid, tanh, gelu, silu, softplus, step or identity
CURVE = "absolute"  # absolute, sine, step, parabola, or own for a table of yours
PLANE = "circles"  # circles, moons, xor, blobs or spirals
SEED = 0  # of the points and of the kernels
# of own: the csv file that the page gives of your table as it was read, beside this program, and the names of its
# column of x ("": the first) and of y ("": the last)
TABLE = "table_as_read.csv"
X_COLUMN = ""
Y_COLUMN = ""
# end of settings

ARMS = {"with bias": True, "without bias": False}
COLOURS = alt.Scale(domain=list(ARMS), range=["#00785A", "#E07A00"])
N = 200  # points to fit, and as many to test on

# %% One hidden layer
# fragment: activations


def hidden_layer(X: np.ndarray, *, bias: bool) -> Callable[[np.ndarray], np.ndarray]:
    """A function from inputs (n, features) to what the units give, (n, UNITS); twins have the same kernels."""
    kernel_draws, point_draws = np.random.default_rng(SEED).spawn(2)
    kernels = kernel_draws.standard_normal((UNITS, X.shape[1]))
    points = point_draws.uniform(X.min(axis=0), X.max(axis=0), kernels.shape)
    biases = -(kernels * points).sum(axis=1) if bias else 0.0  # so that each unit switches at a point of its own
    return lambda inputs: ACTIVATIONS[ACTIVATION](inputs @ kernels.T + biases)


# %% A curve
generator = np.random.default_rng(SEED)
if CURVE == "own":
    frame = pd.read_csv(TABLE)
    columns = frame[[X_COLUMN or frame.columns[0], Y_COLUMN or frame.columns[-1]]].to_numpy(float)
    columns = columns / np.abs(columns).max(axis=0) * [3, 2]  # scaled, but not moved: it matters where 0 is
    x, y = generator.permutation(columns)[: 2 * N].T
else:
    x = generator.uniform(-3, 3, 2 * N)
    curves = {"absolute": np.abs(x - 1), "sine": np.sin(2 * x), "step": np.heaviside(x - 1, 0), "parabola": x**2 / 3}
    y = curves[CURVE] + 0.1 * generator.standard_normal(2 * N)
half = (len(x) + 1) // 2  # to fit; the others are to test on
X, grid = x[:, np.newaxis], np.linspace(-3, 3, 601)[:, np.newaxis]

errors, drawn = {}, []
for arm, bias in ARMS.items():
    layer = hidden_layer(X[:half], bias=bias)
    ridge = Ridge(alpha=1e-3, fit_intercept=bias, solver="svd").fit(layer(X[:half]), y[:half])
    errors[arm] = float(np.sqrt(np.mean((ridge.predict(layer(X[half:])) - y[half:]) ** 2)))
    drawn.append(pd.DataFrame({"x": grid[:, 0], "y": ridge.predict(layer(grid)), "arm": arm}))

# %% Two classes in the plane
generator = np.random.default_rng(SEED)
if PLANE == "circles":
    X, label = make_circles(2 * N, noise=0.1, factor=0.5, random_state=SEED)
    X = 2 * X
elif PLANE == "moons":
    X, label = make_moons(2 * N, noise=0.15, random_state=SEED)
    X = 1.5 * (X - (0.5, 0.25))
elif PLANE == "xor":
    X = generator.uniform(-2.5, 2.5, (2 * N, 2))
    label = (X[:, 0] * X[:, 1] < 0).astype(int)
elif PLANE == "blobs":
    X, label = make_blobs(2 * N, centers=[(0.7, 0.7), (1.8, 1.8)], cluster_std=0.3, random_state=SEED)
else:  # two spirals, each a turn and a half
    label = np.repeat([0, 1], N)
    turn = np.sqrt(generator.uniform(0.02, 1, 2 * N)) * 3 * np.pi
    angle = turn + np.pi * label
    X = (2.5 * turn / (3 * np.pi))[:, np.newaxis] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    X = X + 0.08 * generator.standard_normal(X.shape)
order = np.random.default_rng(SEED).permutation(2 * N)
X, label = X[order], label[order]

accuracies, regions = {}, []
square = np.stack(np.meshgrid(np.linspace(-3, 3, 49), np.linspace(-3, 3, 49)), axis=-1).reshape(-1, 2)
for arm, bias in ARMS.items():
    layer = hidden_layer(X[:N], bias=bias)
    logistic = LogisticRegression(C=100.0, fit_intercept=bias, solver="newton-cholesky").fit(layer(X[:N]), label[:N])
    accuracies[arm] = float(np.mean(logistic.predict(layer(X[N:])) == label[N:]))
    ones = square[logistic.predict(layer(square)) == 1]  # where the network answers class 1
    regions.append(pd.DataFrame({"x": ones[:, 0], "y": ones[:, 1], "arm": arm}))

# %% The sixteen gates of two inputs
# Four ReLU units without bias: their outputs at (0, 1), (1, 0) and (1, 1) are independent, so weights exist for any
# three answers there. At (0, 0) they are all 0, whatever the weights; only a bias at the output can change that.
inputs = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
wanted = np.arange(16)[:, np.newaxis] >> np.arange(3, -1, -1) & 1
gates = {}
for arm, bias in ARMS.items():
    units = np.maximum(inputs @ np.array([[1, 0], [0, 1], [1, -1], [-1, 1]]).T, 0).astype(float)
    units = np.column_stack([units, np.ones(4)]) if bias else units
    outputs = units @ np.linalg.lstsq(units, wanted.T.astype(float))[0]
    gates[arm] = int(((outputs > 0.5) == wanted.T).all(axis=0).sum())

# %% The chart
colour = alt.Color("arm:N", scale=COLOURS, title=None)
points = (
    alt.Chart(pd.DataFrame({"x": x[:half], "y": y[:half]})).mark_point(color="#3B6FB6", size=14).encode(x="x", y="y")
)
lines = alt.Chart(pd.concat(drawn)).mark_line(strokeWidth=3).encode(x="x", y="y", color=colour, strokeDash="arm:N")
classes = pd.DataFrame({"x": X[:N, 0], "y": X[:N, 1], "class": label[:N].astype(str)})
panels = [
    (
        alt.Chart(region, title=f"{arm}: class 1 is answered here")
        .mark_square(size=40, opacity=0.35)
        .encode(
            x=alt.X("x", scale=alt.Scale(domain=[-3, 3])), y=alt.Y("y", scale=alt.Scale(domain=[-3, 3])), color=colour
        )
        + alt.Chart(classes).mark_point(color="#3B6FB6").encode(x="x", y="y", shape="class:N")
    ).properties(width=270, height=270)
    for arm, region in zip(ARMS, regions, strict=True)
]
chart = (points + lines).properties(width=600, height=300) & (panels[0] | panels[1])
chart.save("curves.html")

# %% The numbers
print(
    f"curve, error on new points: with bias {errors['with bias']:.6g}, without {errors['without bias']:.6g}; "
    f"classes, share of new points that is right: with bias {accuracies['with bias']:.6g}, "
    f"without {accuracies['without bias']:.6g}; "
    f"of 16 gates: with bias {gates['with bias']}, without {gates['without bias']}"
)
