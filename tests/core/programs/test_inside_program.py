"""The program of one opened pair, which trains it anew, against what the page says of the recorded one."""

import ast
import contextlib
import io
import re
from copy import deepcopy

import numpy as np
import pytest

from core.arms import ARMS, WITH, WITHOUT
from core.export import PROGRAMS, program
from core.studies.recorded import recorded_twins
from core.twins.one_picture import trace
from core.twins.report import report
from core.twins.switched_off import switch_off
from core.twins.training import TwinSettings

PAIR = report(TwinSettings(), recorded_twins())
ALL = tuple((layer, i) for layer, n in (("conv1", 8), ("conv2", 16), ("dense", 10)) for i in range(n))
CHANGES = [  # the first six run always
    {},
    {"k": 0.03, "dim_biases": True, "off": (("conv1", 2),)},
    {"layer": "conv2", "row": 2, "column": 2},
    {"picture": "blank"},
    {"off": (("conv2", 3),)},
    {"off": ALL},
    {"off": ALL[:8], "picture": 5},
    {"picture": 17},
    {"picture": 359, "k": 0.3},
    {"k": 10.0},
    {"network": WITHOUT},
    {"layer": "conv2", "filter": 15, "row": 0, "column": 3, "network": WITHOUT},
    {"filter": 0},
    {"row": 0, "column": 7},
    {"class": 0},
    {"class": 9, "off": ALL[24:], "picture": 100},
]


def expected(
    off=(), picture=0, k=1.0, dim_biases=False, network=WITH, layer="conv1", filter=3, row=4, column=4, **score
):
    """What the page says, in the order in which the program says it."""
    pair = switch_off(PAIR, off)
    image = np.zeros_like(PAIR.images[0]) if picture == "blank" else PAIR.images[picture]
    both = trace(pair, image * np.float32(k), light=k if dim_biases else 1.0)
    n, label = len(pair.answers), both.answer if score.get("class") is None else score["class"]
    numbers = [pair.accuracy * n, n, PAIR.accuracy[WITH] * n, len(pair.changed)]
    for _, rows in both.decision().groupby("arm"):  # with bias, then without
        chances = rows["probability"].to_numpy()
        numbers += [int(chances.argmax()), 100 * chances.max()]
    entry = both.pixel_sum(network, layer, filter, row, column)
    numbers += [entry.pre_activation, entry.bias, entry.shifted, entry.output]
    steps = both.shares(label)
    for twin in ARMS:
        share = steps[steps["network"] == twin].set_index("layer")["share"]
        numbers += [label, share["logit"], share["input"], share.drop(["logit", "input"]).sum()]
    return numbers


TRAINED = "\n# %% Biases switched off"  # all above it is the same, whatever the settings


@pytest.fixture(scope="module")
def trained():
    """What the program knows when both of its networks are trained."""
    kept = {"__name__": "__main__"}
    exec(program("inside").partition(TRAINED)[0], kept)
    return kept


@pytest.fixture
def numbers(trained, folder, numbers_in):
    """Settings -> the numbers in the last line; the program's networks are trained once for all."""

    def run(**settings):
        top, _, rest = program("inside", **settings).partition(TRAINED)
        kept = trained | {"twins": deepcopy(trained["twins"])}
        with contextlib.redirect_stdout(io.StringIO()) as out:
            exec(top.partition("# end of settings")[0], kept)
            exec(rest.partition("\n")[2], kept)
        return numbers_in(out.getvalue().splitlines()[-1])

    return run


def test_no_setting_has_a_say_in_the_training():
    training = program("inside").partition("# end of settings")[2].partition(TRAINED)[0]
    names = {node.id for node in ast.walk(ast.parse(training)) if isinstance(node, ast.Name)}
    assert not names & {name.upper() for name in PROGRAMS["inside"]}


@pytest.mark.few(6)
@pytest.mark.parametrize("changed", CHANGES, ids=str)
def test_program_gives_the_pages_numbers(numbers, changed):
    # Trained anew in float32: on this machine every digit is the page's, on another the last ones may differ.
    found, wanted = numbers(**changed), expected(**changed)
    tolerances = [2, 0, 2, 4, 0, 1, 0, 1, *[0.02 * max(changed.get("k", 1), 1)] * 4]
    tolerances += [0, *[0.05 * max(changed.get("k", 1), 1)] * 3] * 2
    assert found == [pytest.approx(value, abs=size) for value, size in zip(wanted, tolerances, strict=True)]


def test_default_line_is_the_pages(last_line):
    both = trace(switch_off(PAIR), PAIR.images[0])
    assert both.sentence == "With bias: 7 (96.3%). Without bias: 7 (94.2%)."
    assert re.match(
        r"34\d of 360 right, 34\d with all biases; 0 change their answer; with bias: 7 \(96\.\d%\); "
        r"without bias: 7 \(94\.\d%\); ",
        last_line("inside"),
    )
