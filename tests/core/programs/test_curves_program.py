"""The program of small networks against what the page says."""

import pytest

from core.data.points import CURVES, PLANES, own_points
from core.data.tables import read_table
from core.exact.curves import curve_pair, curve_pair_of, region_pair
from core.exact.logic_gates import gate_table
from core.models.random_features import ShallowSettings

ROWS = [f"{x / 7:.3f};{x % 5 - 1};{x * x / 90:.4f}" for x in range(-20, 40)]
CSV = "\n".join(["a;b;c", *ROWS]).replace(".", ",").encode()
THOUSANDS = "\n".join(["a\tb\tc", *(f"{k - 9}\t{900 + 20 * k:,}\t{1100 - k * k:,}" for k in range(24))]).encode()


def expected(units=20, activation="relu", curve="absolute", plane="circles", seed=0, points=None):
    settings, gates = ShallowSettings(units, activation, seed=seed), gate_table()
    errors = (curve_pair_of(settings, points) if points else curve_pair(settings, curve)).errors.values()
    right = region_pair(settings, plane).accuracies.values()
    learned = [(gates[arm] == "exact").sum() for arm in ("with_bias", "without_bias")]
    return [*errors, *right, len(gates), *learned]


@pytest.mark.few(6)
@pytest.mark.parametrize(
    "changed",
    [{}, {"units": 1}, {"units": 3}, {"units": 100}, {"seed": 7}, {"seed": 2**32 - 1, "plane": "spirals"}]
    + [{"activation": name} for name in ("tanh", "step")]
    + [{"curve": name} for name in CURVES]
    + [{"plane": name} for name in PLANES],
    ids=str,
)
def test_program_gives_the_pages_numbers(numbers, changed):
    assert numbers("curves", **changed) == pytest.approx(expected(**changed), rel=6e-6)


@pytest.mark.few(2)
@pytest.mark.parametrize("content", [CSV, THOUSANDS], ids=["decimal commas", "thousands"])
@pytest.mark.parametrize(("x", "y"), [("", ""), ("a", "b"), ("b", "c")])
def test_program_gives_the_pages_numbers_of_a_table_as_it_was_read(numbers, folder, content, x, y):
    frame = read_table(content).frame
    frame.to_csv(folder / "mine.csv", index=False)
    points = own_points(frame[x or "a"], frame[y or "c"], 3)
    found = numbers("curves", curve="own", table="mine.csv", x_column=x, y_column=y, seed=3)
    assert found == pytest.approx(expected(seed=3, points=points), rel=6e-6)
