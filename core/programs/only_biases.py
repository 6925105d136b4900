"""What can biases do alone? One hidden layer whose weights are drawn and stay as they are: only its biases learn.

The network sees digits; every weight is random and frozen, and each unit may only move its threshold. Needs numpy,
pandas, scikit-learn and altair. Writes only_biases.html, which any browser opens.
"""

import math

import altair as alt
import numpy as np
import pandas as pd
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

# %% Settings
# settings: change them, and run again
UNITS = 1000  # hidden units
SEED = 0  # of the split, the weights and the order of the pictures
N_EPOCHS = 100
LEARNING_RATE = 0.01
# end of settings

BATCH = 64

# %% The digits: 8 x 8 pixels from 0 to 1
X, y = load_digits(return_X_y=True)
parts = train_test_split((X / 16).astype(np.float32), y, test_size=0.2, stratify=y, random_state=SEED)
X_train, X_test, y_train, y_test = parts

# %% The network: weights are drawn and stay; biases begin at 0
random = np.random.RandomState(SEED)
W = (random.standard_normal((UNITS, 64)) * math.sqrt(2 / 64)).astype(np.float32)  # He-normal
V = (random.standard_normal((10, UNITS)) * math.sqrt(2 / UNITS)).astype(np.float32)
biases = np.zeros(UNITS + 10, np.float32)  # of the hidden units, and of the ten outputs


def forward(pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What the hidden units give (UNITS, n), and the logits (10, n)."""
    hidden = np.maximum(W @ pictures.T + biases[:UNITS, None], 0)
    return hidden, V @ hidden + biases[UNITS:, None]


# fragment: share_right


# %% Training: softmax cross-entropy, Adam, on the biases alone
first: np.ndarray = np.zeros_like(biases)
second: np.ndarray = np.zeros_like(biases)
step = 0
curve = [float(share_right(forward(X_test)[1], y_test).mean())]
order_of = np.random.RandomState(SEED)
for _ in range(N_EPOCHS):
    order = order_of.permutation(len(X_train))
    for batch in np.split(order, range(BATCH, len(order), BATCH)):
        step += 1
        hidden, logits = forward(X_train[batch])
        shares = np.exp(logits - logits.max(axis=0))
        shares /= shares.sum(axis=0)
        shares[y_train[batch], np.arange(len(batch))] -= 1
        shares /= len(batch)
        gradient = np.concatenate([(V.T @ shares * (hidden > 0)).sum(axis=1), shares.sum(axis=1)])
        first = first * 0.9 + gradient * (1 - 0.9)
        second = second * 0.999 + gradient * gradient * (1 - 0.999)
        size = np.sqrt(second) * (1 / math.sqrt(1 - 0.999**step)) + 1e-8
        biases -= first / size * (LEARNING_RATE / (1 - 0.9**step))
    curve.append(float(share_right(forward(X_test)[1], y_test).mean()))

# %% The chart
rows = pd.DataFrame({"epoch": range(len(curve)), "accuracy": curve})
chart = (
    alt.Chart(rows)
    .mark_line(color="#00785A", strokeWidth=3)
    .encode(
        x="epoch:Q",
        y=alt.Y("accuracy:Q", title="share of the test pictures that is right", scale=alt.Scale(domain=[0, 1])),
    )
    .properties(width=560, height=240)
)
chart.save("only_biases.html")

# %% The numbers
right = share_right(forward(X_test)[1], y_test)
print(
    f"{UNITS} hidden units, biases alone: {right.sum():g} of {len(right)} right ({right.mean():.1%}); "
    f"{len(biases)} biases learned, {W.size + V.size} weights stayed"
)
