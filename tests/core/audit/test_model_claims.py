"""A model in memory, decided by numbers: claims beyond whether a bias moves anything are measured too."""

import pytest

from core.audit import audit_model
from tests.core.audit.test_model import draw, module, verdicts

pytestmark = pytest.mark.torch


def reasons(audit):
    return {row.layer: row.reason for row in audit.rows}


def turn(x):
    import torch

    angle = torch.arange(x.shape[1], dtype=x.dtype)[:, None]
    return x * angle.cos() + x.flip(-1) * angle.sin()


def fused(scores, layer="c_attn"):
    def forward(self, x):
        q, k, v = getattr(self, layer)(x).chunk(3, -1)
        return self.c_proj(scores(q, k) @ v)

    return module(forward, **{layer: lambda nn: nn.Linear(8, 24), "c_proj": lambda nn: nn.Linear(8, 8)})


def plain(q, k):
    return (q @ k.mT).softmax(-1)


# The key's part


def test_of_one_layer_for_three_the_key_numbers_are_moved_alone():
    free = reasons(audit_model(fused(plain), draw(2, 5, 8)))["c_attn"]
    assert "8 of its 24 numbers change nothing when only they are moved: those of the key" in free
    turned = reasons(audit_model(fused(lambda q, k: plain(turn(q), turn(k))), draw(2, 5, 8)))["c_attn"]
    assert turned.endswith("None of its 24 numbers is free: what all keys have in common moves it too.")


def test_of_one_layer_for_key_and_value_half_is_free():
    def forward(self, x):
        k, v = self.kv(x).chunk(2, -1)
        return self.proj(plain(self.q(x), k) @ v)

    model = module(
        forward, q=lambda nn: nn.Linear(8, 8), kv=lambda nn: nn.Linear(8, 16), proj=lambda nn: nn.Linear(8, 8)
    )
    assert "8 of its 16 numbers change nothing" in reasons(audit_model(model, draw(2, 5, 8)))["kv"]


def test_numbers_of_the_key_that_lie_between_the_others_are_found():
    def forward(self, x):
        q, k, v = self.qkv(x).unflatten(-1, (2, 3, 4)).movedim(1, 2).unbind(-2)  # head by head
        return self.proj((plain(q, k) @ v).movedim(2, 1).flatten(-2))

    model = module(forward, qkv=lambda nn: nn.Linear(8, 24), proj=lambda nn: nn.Linear(8, 8))
    assert "8 of its 24 numbers change nothing" in reasons(audit_model(model, draw(2, 5, 8)))["qkv"]


def test_of_multihead_attention_a_third_is_measured():
    model = module(lambda self, x: self.a(x, x, x)[0], a=lambda nn: nn.MultiheadAttention(8, 2, batch_first=True))
    assert "8 of its 24 numbers change nothing" in reasons(audit_model(model, draw(2, 5, 8)))["a"]


# Absorbed


def attention(scores, **parts):
    parts = {**dict.fromkeys(("q_proj", "k_proj", "v_proj", "out_proj"), lambda nn: nn.Linear(8, 8)), **parts}
    return module(lambda self, x: self.out_proj(scores(self, self.q_proj(x), self.k_proj(x)) @ self.v_proj(x)), **parts)


def test_a_value_is_absorbed_only_where_its_fold_was_measured():
    soft = audit_model(attention(lambda _self, q, k: plain(q, k)), draw(2, 5, 8))
    assert verdicts(soft)["v_proj"] == "absorbed"
    assert "This holds if" not in reasons(soft)["v_proj"]
    other = audit_model(attention(lambda _self, q, k: (q @ k.mT).sigmoid()), draw(2, 5, 8))
    assert verdicts(other) == dict.fromkeys(("q_proj", "k_proj", "v_proj", "out_proj"), "in use")
    assert reasons(other)["v_proj"].endswith(": nothing absorbs it.")


def test_a_value_that_goes_elsewhere_too_is_not_absorbed():
    def forward(self, x):
        v = self.v_proj(x)
        return self.out_proj(plain(self.q_proj(x), self.k_proj(x)) @ v) + v.tanh()

    names = ("q_proj", "k_proj", "v_proj", "out_proj")
    model = module(forward, **dict.fromkeys(names, lambda nn: nn.Linear(8, 8)))
    assert verdicts(audit_model(model, draw(2, 5, 8)))["v_proj"] == "in use"


def test_dropout_on_the_map_keeps_its_condition():
    model = attention(lambda self, q, k: self.drop(plain(q, k)), drop=lambda nn: nn.Dropout(0.5))
    audit = audit_model(model, draw(2, 5, 8))
    assert verdicts(audit)["v_proj"] == "absorbed"
    assert reasons(audit)["v_proj"].endswith("That is so after training; in training it is not, as with dropout.")


def test_what_a_layer_in_a_row_absorbs_is_measured():
    from torch import nn

    audit = audit_model(nn.Sequential(nn.LayerNorm(3), nn.Linear(3, 5), nn.ReLU()), draw(4, 3))
    assert verdicts(audit)["0"] == "absorbed"
    flat = nn.Sequential(nn.Conv2d(3, 4, 1), nn.AvgPool2d(3), nn.Flatten(), nn.Linear(16, 5))
    assert verdicts(audit_model(flat, draw(4, 3, 6, 6)))["0"] == "absorbed"

    class Sum(nn.Sequential):
        def forward(self, x):
            y = self[0](x)
            return self[1](y) + y.sin()

    assert verdicts(audit_model(Sum(nn.Linear(3, 3), nn.Linear(3, 3)), draw(4, 3)))["0"] == "in use"


# The mean


def test_the_mean_before_a_softmax_is_free_only_where_it_was_measured():
    parts = {"fc": lambda nn: nn.Linear(3, 4), "act": lambda nn: nn.Softmax(dim=-1)}
    used = reasons(audit_model(module(lambda self, x: self.act(self.fc(x)), **parts), draw(5, 3)))["fc"]
    assert used.endswith("their mean does not. So one of 4 is free.")
    beside = module(lambda self, x: self.fc(x).relu() + self.act(x[..., :1] + x.new_zeros(4)), **parts)
    assert reasons(audit_model(beside, draw(5, 3)))["fc"].endswith("moves it too: the mean of b is not free.")


def test_the_mean_before_a_layer_norm_is_free_only_where_it_was_measured():
    parts = {"fc": lambda nn: nn.Linear(3, 4), "norm": lambda nn: nn.LayerNorm(4)}
    used = reasons(audit_model(module(lambda self, x: self.norm(self.fc(x)), **parts), draw(5, 3)))["fc"]
    assert "subtracts only the mean of b" in used
    beside = module(lambda self, x: self.norm(self.fc(x)) + self.fc(x), **parts)
    assert reasons(audit_model(beside, draw(5, 3)))["fc"].endswith("moves it too: the mean of b is not free.")


# Each bias on its own


def own_biases(forward, **shapes):
    import torch
    from torch import nn

    made = module(forward)
    for name, shape in shapes.items():
        setattr(made, name, nn.Parameter(draw(*shape) if len(shape) > 1 else torch.zeros(shape)))
    return made


def test_each_bias_of_a_module_of_ones_own_is_moved_alone():
    def forward(self, x):
        y = x @ self.weight + self.bias1
        return (y - y.mean(0)).relu() + self.bias2

    audit = audit_model(own_biases(forward, weight=(4, 6), bias1=(6,), bias2=(6,)), draw(9, 4))
    assert verdicts(audit) == {"": "in use"}
    assert reasons(audit)[""].endswith("On its own `bias1` changes nothing: 6 numbers are redundant.")


def test_a_key_bias_beside_those_of_query_and_value_is_told():
    def forward(self, x):
        q, k, v = (x @ w + b for w, b in zip(self.weight, (self.q_bias, self.k_bias, self.v_bias), strict=True))
        return plain(q, k) @ v

    audit = audit_model(own_biases(forward, weight=(3, 8, 8), q_bias=(8,), k_bias=(8,), v_bias=(8,)), draw(2, 5, 8))
    assert reasons(audit)[""].endswith("On its own `k_bias` changes nothing: 8 numbers are redundant.")


def test_a_vector_called_b_is_a_bias_and_a_matrix_is_none():
    from torch import nn

    first = own_biases(lambda self, x: nn.functional.linear(x, self.w, self.b), w=(6, 4), b=(6,))
    audit = audit_model(nn.Sequential(first, nn.BatchNorm1d(6)), draw(9, 4))
    assert verdicts(audit) == {"0": "redundant", "1": "in use"}
    matrix = audit_model(own_biases(lambda self, x: x @ self.b_in, b_in=(4, 6)), draw(9, 4))
    assert matrix.rows[0].bias_parameters == 0
