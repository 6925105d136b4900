"""The sixteen logic gates, worked out exactly."""

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.exact import logic_gates as study
from core.exact.logic_gates import GATES


def relu(z):
    return max(0, z)


def test_gates_are_named_after_what_they_answer():
    python = {
        "AND": lambda a, b: a and b,
        "XOR": lambda a, b: a != b,
        "OR": lambda a, b: a or b,
        "NOR": lambda a, b: not (a or b),
        "XNOR": lambda a, b: a == b,
        "NAND": lambda a, b: not (a and b),
        "never": lambda a, b: 0,
        "always": lambda a, b: 1,
        "x1 and not x2": lambda a, b: a and not b,
        "x2 and not x1": lambda a, b: b and not a,
        "x1 or not x2": lambda a, b: a or not b,
        "x2 or not x1": lambda a, b: b or not a,
        "x1": lambda a, b: a,
        "x2": lambda a, b: b,
        "not x1": lambda a, b: not a,
        "not x2": lambda a, b: not b,
    }
    answers = dict(zip(*study.gate_table()[["gate", "answers"]].to_numpy().T, strict=True))
    assert set(GATES) == set(python)
    for gate, function in python.items():
        assert answers[gate] == " ".join(str(int(function(a, b))) for a, b in itertools.product((0, 1), repeat=2))


def test_with_one_bias_every_gate_is_reached_and_exactly():
    assert (study.gate_table()["with_bias"] == "exact").all()
    np.testing.assert_allclose(study.gate_outputs(bias=True), study.WANTED, atol=1e-12)


def test_without_bias_a_gate_is_exact_just_where_it_answers_0_to_nothing():
    table, outputs = study.gate_table(), study.gate_outputs(bias=False)
    starts_with_0 = table["answers"].str.startswith("0")
    assert starts_with_0.sum() == 8
    assert ((table["without_bias"] == "exact") == starts_with_0).all()
    assert (table.loc[~starts_with_0, "without_bias"] == "wrong at (0, 0)").all()
    assert (outputs[:, 0] == 0).all()
    np.testing.assert_allclose(outputs[:, 1:], study.WANTED[:, 1:], atol=1e-12)


def test_weights_in_the_table_make_the_gate_by_hand():
    for _, row in study.gate_table().iterrows():
        if row["without_bias"] == "exact":
            v = [float(number.replace("−", "-")) for number in row["weights_without_bias"].split(", ")]
            made = [
                v[0] * relu(a) + v[1] * relu(b) + v[2] * relu(a - b) + v[3] * relu(b - a)
                for a, b in itertools.product((0, 1), repeat=2)
            ]
            assert made == [int(answer) for answer in row["answers"].split()]
        else:
            assert row["weights_without_bias"] == ""


def test_xor_without_bias_is_the_size_of_the_difference():
    table = study.gate_table().set_index("gate")
    assert table.loc["XOR", "weights_without_bias"] == "0, 0, 1, 1"
    assert [relu(a - b) + relu(b - a) for a, b in ((0, 0), (0, 1), (1, 0), (1, 1))] == [0, 1, 1, 0]


@given(st.lists(st.tuples(*[st.floats(-9, 9)] * 3), min_size=1, max_size=20))
def test_no_weights_of_a_relu_network_without_bias_answer_1_at_the_origin(units):
    f = sum(v * relu(w1 * 0 + w2 * 0) for w1, w2, v in units)
    assert not f > study.CUT


def test_sentence_of_the_gates_counts_them():
    assert study.gate_sentence() == (
        "With one bias, at the output, ReLU units learn **16 of 16** gates; without any, **8 of 16**. Without bias "
        "f(0, 0) = 0, whatever the weights: a gate that answers 1 there is out of reach."
    )


def test_cells_hold_every_answer_and_only_the_corner_at_0_is_ever_wrong():
    cells = study.gate_cells()
    assert len(cells) == 64
    nand = cells[cells["gate"] == "NAND"]
    assert nand[["x1", "x2", "answer", "side"]].to_numpy().tolist() == [
        [0, 0, 1, "without bias"],
        [0, 1, 1, "rest"],
        [1, 0, 1, "rest"],
        [1, 1, 0, "rest"],
    ]
    wrong = cells[cells["side"] == "without bias"]
    assert (wrong[["x1", "x2"]] == 0).all(axis=None)
    assert len(wrong) == 8
    assert set(cells.loc[cells["gate"] == "XOR", "side"]) == {"with bias"}
