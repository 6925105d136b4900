"""What does b move? One unit, activation(w x + b), beside its twin without bias, activation(w x).

The weight w sets how steep the switch is, and by its sign which side is active. The bias b sets where it sits.
Needs numpy, pandas and altair. Writes threshold.html, which any browser opens.
"""

# fragment: imports

# %% Settings
# settings: change them, and run again
WEIGHT = 1.0
BIAS = 1.0
ACTIVATION = "relu"  # relu, leaky_relu, elu, sigmoid, tanh, gelu, silu, softplus, step or identity
# end of settings

# %% The activation
# fragment: activations
activation = ACTIVATIONS[ACTIVATION]

# %% Where the unit switches
# It is active where w x + b > 0, so it switches at x = -b / w. Without bias that is 0, for every w.
biases = {"with bias": BIAS, "without bias": 0.0}
if WEIGHT:
    switches = {arm: f"x = {-bias / WEIGHT + 0.0:.6g}" for arm, bias in biases.items()}
else:
    switches = dict.fromkeys(biases, "no x")  # the input has no say

# %% How many inputs pass
inputs = np.random.default_rng(0).standard_normal(1000)
passing = {arm: float(np.mean(WEIGHT * inputs > -bias)) for arm, bias in biases.items()}

# %% The chart
x = np.linspace(-4, 4, 801)
curves = pd.concat(
    pd.DataFrame({"x": x, "output": activation(WEIGHT * x + bias), "arm": arm}) for arm, bias in biases.items()
)
colours = alt.Scale(domain=list(biases), range=["#00785A", "#E07A00"])
chart = (
    alt.Chart(curves)
    .mark_line(strokeWidth=3)
    .encode(
        x="x",
        y=alt.Y("output", title=f"{ACTIVATION}(w x + b)"),
        color=alt.Color("arm", scale=colours, title=None),
        strokeDash=alt.StrokeDash("arm", title=None),
    )
    .properties(width=560, height=340)
)
chart.save("threshold.html")

# %% The numbers
said = [f"{arm}: switches at {switches[arm]}, {passing[arm]:.1%} of the inputs above it" for arm in biases]
print("; ".join(said))
