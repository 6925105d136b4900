"""A model in memory, decided by numbers: what is a change, and what is rounding."""

import re

import pytest

from core.audit import audit_model
from tests.core.audit.test_model import draw, module, verdicts

pytestmark = pytest.mark.torch


def reasons(audit):
    return {row.layer: row.reason for row in audit.rows}


def two_layers(last):
    """Linear, ReLU, Linear, and what is done with the result."""
    return module(
        lambda self, x: last(self.fc2(self.fc1(x).relu())),
        fc1=lambda nn: nn.Linear(8, 32),
        fc2=lambda nn: nn.Linear(32, 6),
    )


@pytest.mark.parametrize("value", [-1e10, -3e10, -1e11, -1e12, "least", float("-inf")])
def test_numbers_that_a_mask_writes_do_not_make_a_change_small(value):
    import torch

    value = torch.finfo(torch.float32).min if value == "least" else value
    mask = draw(5, 6) > 0
    for masked in (lambda y: y.masked_fill(mask, value), lambda y: y.masked_fill(mask, value).log_softmax(-1)):
        assert set(verdicts(audit_model(two_layers(masked), draw(5, 8))).values()) == {"in use"}


@pytest.mark.parametrize("value", [-1e10, -1e30])
def test_beside_what_a_mask_adds_a_free_bias_is_still_free(value):
    mask = (draw(5, 6) > 0) * value
    model = two_layers(lambda y: ((y - y.mean(0)) + mask).log_softmax(-1))
    assert verdicts(audit_model(model, draw(5, 8))) == {"fc1": "in use", "fc2": "redundant"}


def test_one_small_output_beside_a_large_one_counts():
    model = two_layers(lambda y: (1e8 * y[:, :1].detach().square(), (y[:, 1:] * 1e-4,)))
    assert set(verdicts(audit_model(model, draw(5, 8))).values()) == {"in use"}


def test_a_part_that_is_zero_but_for_rounding_is_no_change():
    model = two_layers(lambda y: (y - y.mean(0), (y - y.mean(0)).mean(0)))
    assert verdicts(audit_model(model, draw(5, 8))) == {"fc1": "in use", "fc2": "redundant"}


def attention(scores):
    return module(
        lambda self, x: self.o(scores(self.q(x), self.k(x)) @ self.v(x)),
        **dict.fromkeys("qkvo", lambda nn: nn.Linear(8, 8)),
    )


def test_a_softmax_in_float32_keeps_no_key_bias():
    import torch

    in_part = attention(lambda q, k: torch.softmax(q @ k.mT, -1, dtype=torch.float32).to(q.dtype))
    as_floats = attention(lambda q, k: (q @ k.mT).float().softmax(-1).to(q.dtype))
    for model in (in_part, as_floats):
        assert verdicts(audit_model(model, draw(2, 5, 8))) == {
            "q": "in use",
            "k": "redundant",
            "v": "absorbed",
            "o": "in use",
        }


def test_a_batch_norm_of_ones_own_in_float32_takes_a_bias():
    def forward(self, x):
        y = self.first(x).float()
        y = (y - y.mean(0)) / (y.var(0) + 1e-5).sqrt()
        return self.last(y.to(x.dtype))

    model = module(forward, first=lambda nn: nn.Linear(4, 8), last=lambda nn: nn.Linear(8, 3))
    audit = audit_model(model, draw(16, 4))
    assert verdicts(audit) == {"first": "redundant", "last": "in use"}
    assert re.search(r"by \S+ × 10⁻⁷ of its size at most: that is rounding\.", reasons(audit)["first"])


@pytest.mark.parametrize("share", [1e-3, 1e-5])
def test_a_little_that_passes_a_float32_part_is_no_rounding(share):
    def forward(self, x):
        y = self.first(x).float()
        y = y - (1 - share) * y.mean(0)
        return self.last(y.to(x.dtype))

    model = module(forward, first=lambda nn: nn.Linear(4, 8), last=lambda nn: nn.Linear(8, 3))
    assert verdicts(audit_model(model, draw(16, 4))) == {"first": "in use", "last": "in use"}


def test_a_large_bias_before_a_batch_norm_is_redundant():
    from torch import nn

    model = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU())
    nn.init.constant_(model[0].bias, 1e6)
    assert verdicts(audit_model(model, draw(16, 4))) == {"0": "redundant", "1": "in use"}


@pytest.mark.parametrize(
    ("depth", "batch"), [(20, 3), *(pytest.param(50, batch, marks=pytest.mark.release) for batch in (3, 16))]
)
def test_in_a_deep_net_that_makes_rounding_large_it_is_still_rounding(depth, batch):
    import torch
    from torch import nn

    torch.manual_seed(0)
    blocks = (part for _ in range(depth) for part in (nn.Linear(8, 8), nn.BatchNorm1d(8), nn.ReLU()))
    found = verdicts(audit_model(nn.Sequential(*blocks), draw(batch, 8)))
    assert {found[str(3 * at)] for at in range(depth)} == {"redundant"}
    assert {found[str(3 * at + 1)] for at in range(depth)} == {"in use"}


def test_where_rounding_drowns_a_bias_it_is_not_judged():
    def forward(self, x):
        y = self.first(x).bfloat16()
        return self.last((1e4 * (y - y.mean(0))).to(x.dtype)).sin()

    model = module(forward, first=lambda nn: nn.Linear(4, 8), last=lambda nn: nn.Linear(8, 3))
    audit = audit_model(model, draw(16, 4))
    assert verdicts(audit)["first"] == "cannot see"
    assert re.search(r", and rounding alone changes it by \S+: too near to tell\.$", reasons(audit)["first"])


def test_why_a_bias_does_nothing_is_said_as_it_was_found():
    from torch import nn

    model = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))
    nn.init.zeros_(model[2].weight)
    assert reasons(audit_model(model, draw(9, 4)))["0"].endswith("it does: a weight after it is 0.")
    off = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))
    nn.init.constant_(off[0].bias, -100)
    assert reasons(audit_model(off, draw(9, 4)))["0"].endswith("is cut off here, as by a ReLU that is never on.")
