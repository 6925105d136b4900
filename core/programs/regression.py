"""What does b do to a line? Linear regression with an intercept, and without.

The intercept is the bias of a line. Without it the line must pass through the origin, and the slope pays for it.
Needs numpy, pandas, scikit-learn and altair; for a table of yours also the csv file that the page gives of it as it
was read: commas, decimal points, complete rows. Writes regression.html, which any browser opens.
"""

import math

# fragment: packages
from sklearn.datasets import load_diabetes
from sklearn.linear_model import LinearRegression

# %% Settings
# settings: change them, and run again
DATA = "article"  # "article", "diabetes", "hubble", or "own" for a table of yours
CENTRED = False  # subtract the mean of every column first
SLOPE = 3.0  # of the article's data, y = SLOPE x + INTERCEPT + noise
INTERCEPT = 2.0
NOISE = 2.0  # its standard deviation
N = 50
LOW = 0.0  # x goes from LOW to HIGH
HIGH = 10.0
SEED = 42
# of "own": the csv file that the page gives of your table as it was read, beside this program, and the names of its
# columns of x (none: the first) and of y ("": the last)
TABLE = "table_as_read.csv"
X_COLUMNS = ()
Y_COLUMN = ""
DRAWN = 0  # which of the columns of x stands on the axis of the chart
# end of settings

# %% The data
HUBBLE = """0.032 170, 0.034 290, 0.214 -130, 0.263 -70, 0.275 -185, 0.275 -220, 0.45 200, 0.5 290, 0.5 270, 0.63 200,
0.8 300, 0.9 -30, 0.9 650, 0.9 150, 0.9 500, 1.0 920, 1.1 450, 1.1 500, 1.4 500, 1.7 960, 2.0 500, 2.0 850, 2.0 800,
2.0 1090"""  # 24 nebulae: distance in Mpc, velocity in km/s (Hubble, PNAS 15, 1929)


if DATA == "article":
    x = np.linspace(LOW, HIGH, N)
    noise = np.random.RandomState(SEED).randn(N) * NOISE
    frame = pd.DataFrame({"x": x, "y": SLOPE * x + INTERCEPT + noise})
elif DATA == "diabetes":
    patients = load_diabetes(scaled=False, as_frame=True).frame
    frame = patients[["bmi", "target"]]
elif DATA == "hubble":
    nebulae = [row.split() for row in HUBBLE.split(",")]
    frame = pd.DataFrame(nebulae, columns=["distance_mpc", "velocity_km_s"], dtype=float)
else:
    frame = pd.read_csv(TABLE)

y_name = Y_COLUMN if DATA == "own" and Y_COLUMN else frame.columns[-1]
x_names = list(X_COLUMNS) if DATA == "own" and X_COLUMNS else [name for name in frame.columns if name != y_name][:1]
if CENTRED:  # a subtracted mean is a bias, put into the data by hand
    frame = frame - frame.mean()
X, y = frame[x_names].to_numpy(float), frame[y_name].to_numpy(float)

# %% Both lines
n = len(y)
models = {
    "with bias": LinearRegression(fit_intercept=True).fit(X, y),
    "without bias": LinearRegression(fit_intercept=False).fit(X, y),
}
residuals = {arm: y - model.predict(X) for arm, model in models.items()}
mse = {arm: float(np.mean(left**2)) for arm, left in residuals.items()}
# Two different questions, both called R squared: only the first may be compared between these two lines.
around_mean = {arm: 1 - np.sum(left**2) / np.sum((y - y.mean()) ** 2) for arm, left in residuals.items()}
around_zero = {arm: 1 - np.sum(left**2) / np.sum(y**2) for arm, left in residuals.items()}


# %% Is the intercept real, and which line predicts better?
def reach(degrees: int) -> float:
    """How many standard errors a 95% interval reaches to each side: Student's t, its density summed up."""
    t = np.linspace(0, 13, 1_300_001)
    scale = math.exp(math.lgamma((degrees + 1) / 2) - math.lgamma(degrees / 2)) / math.sqrt(degrees * math.pi)
    density = scale * (1 + t**2 / degrees) ** (-(degrees + 1) / 2)
    below = np.cumsum((density[1:] + density[:-1]) / 2 * (t[1] - t[0]))
    return float(np.interp(0.475, below, t[1:]))


# Left out of the fit, a row's error is residual / (1 - leverage): no need to fit n times.
designs = {"with bias": np.column_stack([np.ones(n), X]), "without bias": X}
leverages = {arm: np.sum(np.linalg.qr(design)[0] ** 2, axis=1) for arm, design in designs.items()}
left_out = {arm: float(np.mean((residuals[arm] / (1 - leverages[arm])) ** 2)) for arm in models}

design, degrees = designs["with bias"], n - X.shape[1] - 1
spread = math.sqrt(np.sum(residuals["with bias"] ** 2) / degrees)
triangle = np.linalg.qr(design)[1]
error = spread * float(np.linalg.norm(np.linalg.inv(triangle)[0]))  # of the intercept
b, wide = float(models["with bias"].intercept_), reach(degrees) * error
# Beyond one standard error a true intercept pays, below it the line without predicts better.
needed = abs(b) - wide > error

# %% The chart
column, others = X[:, DRAWN], X.mean(axis=0)
ends = np.tile(others, (2, 1))  # the other columns stay at their means
ends[:, DRAWN] = min(0, column.min()), max(0, column.max())
names = {arm: f"{arm}, MSE {mse[arm]:.4f}" for arm in models}
lines = pd.concat(
    pd.DataFrame({"x": ends[:, DRAWN], "y": model.predict(ends), "line": names[arm]}) for arm, model in models.items()
)
colours = alt.Scale(domain=list(names.values()), range=["#00785A", "#E07A00"])
points = alt.Chart(pd.DataFrame({"x": column, "y": y})[:5000]).mark_point(color="#3B6FB6").encode(x="x", y="y")
fits = (
    alt.Chart(lines)
    .mark_line(strokeWidth=3)
    .encode(
        x=alt.X("x", title=x_names[DRAWN]),
        y=alt.Y("y", title=y_name),
        color=alt.Color("line", scale=colours, title=None),
        strokeDash=alt.StrokeDash("line", title=None),
    )
)
chart = (points + fits).properties(width=560, height=340)
chart.save("regression.html")

# %% The numbers
said = []
for arm, model in models.items():
    slopes = " ".join(f"{slope:.6g}" for slope in model.coef_)
    constant = f", intercept {b:.6g} (95% interval {b - wide:.6g} to {b + wide:.6g})" if arm == "with bias" else ""
    r_squared = f"R squared around the mean {around_mean[arm]:.6g}, around zero {around_zero[arm]:.6g}"
    said.append(f"{arm}: slope {slopes}{constant}, MSE {mse[arm]:.6g}, {r_squared}")
said.append(f"on left-out rows MSE {left_out['with bias']:.6g} with and {left_out['without bias']:.6g} without")
said.append(
    f"the line with bias {'predicts better' if needed else 'is not shown to predict better'}, limit {error:.6g}"
)
if DATA == "article" and not CENTRED:
    # Below one standard error of the intercept, the line without it predicts new data better.
    crossing = NOISE * math.sqrt((x @ x) / (N * np.sum((x - x.mean()) ** 2)))
    said.append(f"both predict equally well where the true intercept is {crossing:.6g}")
print("; ".join(said))
