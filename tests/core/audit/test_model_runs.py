"""A model in memory, decided by numbers: ordinary models run, and what ran is as it was."""

import pytest

from core.audit import audit_model
from core.errors import InputError
from tests.core.audit.test_model import draw, module, same, state, verdicts

pytestmark = pytest.mark.torch

OWN = "in its own precision, since it does not run in float64"


def in_float64(audit):
    return OWN not in audit.assumes


# What runs


def test_a_state_that_forward_makes_is_of_the_same_type():
    import torch

    def forward(self, x):
        state = torch.zeros(1, x.shape[0], 6)
        return self.fc(self.lstm(x, (state, state))[0])

    model = module(forward, lstm=lambda nn: nn.LSTM(5, 6, batch_first=True), fc=lambda nn: nn.Linear(6, 3))
    audit = audit_model(model, draw(2, 4, 5))
    assert verdicts(audit) == {"lstm": "in use", "fc": "in use"}
    assert in_float64(audit)
    assert torch.get_default_dtype() == torch.float32


def test_a_time_step_embedded_in_forward_is_of_the_same_type():
    import torch

    def forward(self, x):
        return self.fc(x + (torch.arange(4) / 4.0).sin())

    assert in_float64(audit_model(module(forward, fc=lambda nn: nn.Linear(4, 3)), draw(2, 4)))


def pictures():
    import torch

    return torch.randint(0, 256, (4, 3, 8, 8), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


CASTS = {
    "x.float() / 255": lambda x: x.float() / 255,
    "x.to(torch.float32)": lambda x: x.to(__import__("torch").float32),
}


@pytest.mark.parametrize("cast", CASTS)
def test_a_model_that_casts_what_it_gets_runs_in_its_own_precision(cast):
    model = module(
        lambda self, x: self.last(self.norm(self.first(CASTS[cast](x))).relu()),
        first=lambda nn: nn.Conv2d(3, 4, 3),
        norm=lambda nn: nn.BatchNorm2d(4),
        last=lambda nn: nn.Conv2d(4, 2, 1),
    )
    audit = audit_model(model, pictures())
    assert verdicts(audit) == {"first": "redundant", "norm": "in use", "last": "in use"}
    assert not in_float64(audit)


def test_a_hook_that_casts_runs_too():
    import torch

    model = module(
        lambda self, x: self.norm(self.first(x)), first=lambda nn: nn.Linear(3, 4), norm=lambda nn: nn.BatchNorm1d(4)
    )
    model.register_forward_pre_hook(lambda _module, inputs: tuple(one.to(torch.float32) for one in inputs))
    assert verdicts(audit_model(model, draw(6, 3))) == {"first": "redundant", "norm": "in use"}


def test_a_part_in_bfloat16_beside_one_in_float32_runs():
    import torch

    model = module(
        lambda self, x: self.last(self.first(x.bfloat16()).float()),
        first=lambda nn: nn.Linear(3, 4).to(torch.bfloat16),
        last=lambda nn: nn.Linear(4, 2),
    )
    assert verdicts(audit_model(model, draw(6, 3))) == {"first": "in use", "last": "in use"}


def test_a_norm_in_a_plain_list_takes_a_bias():
    from torch import nn

    model = module(lambda self, x: self.norms[0](self.first(x)).relu(), first=lambda nn: nn.Linear(3, 4))
    model.norms = [nn.BatchNorm1d(4)]
    assert verdicts(audit_model(model, draw(6, 3))) == {"first": "redundant"}
    assert int(model.norms[0].num_batches_tracked) == 0


def test_a_sparse_graph_is_no_obstacle():
    import torch

    model = module(
        lambda self, x: self.norm(torch.sparse.mm(self.graph, self.first(x))),
        first=lambda nn: nn.Linear(3, 4),
        norm=lambda nn: nn.BatchNorm1d(4),
    )
    model.register_buffer("graph", (draw(6, 6) > 0).float().to_sparse())
    assert verdicts(audit_model(model, draw(6, 3))) == {"first": "in use", "norm": "in use"}
    model.graph = torch.eye(6).to_sparse()
    assert verdicts(audit_model(model, draw(6, 3))) == {"first": "redundant", "norm": "in use"}


def test_a_buffer_that_is_set_anew_and_a_count_begin_where_they_were():
    import torch

    def forward(self, x):
        self.mean = 0.9 * self.mean + 0.1 * x.mean()
        self.count += 1
        return self.fc(x - self.mean) * self.count

    model = module(forward, fc=lambda nn: nn.Linear(3, 4))
    model.register_buffer("mean", torch.zeros(()))
    model.count = 0
    assert verdicts(audit_model(model, draw(6, 3))) == {"fc": "in use"}
    assert (float(model.mean), model.count) == (0.0, 0)


@pytest.mark.parametrize("kind", ["LazyBatchNorm2d", "LazyConv2d"])
def test_a_lazy_module_is_to_be_run_first(kind):
    from torch import nn

    model = nn.Sequential(nn.LazyConv2d(4, 3) if kind == "LazyConv2d" else nn.LazyBatchNorm2d())
    x = draw(4, 3, 8, 8)
    sentence = rf"^`model` must hold all its numbers, got {kind} `0`, which makes them when it first runs$"
    with pytest.raises(InputError, match=sentence) as caught:
        audit_model(model, x)
    assert caught.value.hint == "Run it once, model(example), and audit it then."
    model(x)
    assert verdicts(audit_model(model, x)) == {"0": "in use"}


def test_an_example_that_was_computed_is_taken_as_it_is():
    x = draw(6, 3).requires_grad_(True) * 2
    model = module(lambda self, x: self.fc(x), fc=lambda nn: nn.Linear(3, 4))
    assert verdicts(audit_model(model, x)) == {"fc": "in use"}
    assert verdicts(audit_model(model, {"x": x})) == {"fc": "in use"}


def test_only_a_batch_norm_is_told_to_need_two_samples():
    from torch import nn

    with pytest.raises(InputError, match=r"^`example` must be an input that the model takes") as caught:
        audit_model(nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2)), draw(1, 2))
    assert caught.value.hint == "A batch norm needs two samples or more."
    with pytest.raises(InputError, match=r"^`example` must be an input that the model takes") as caught:
        audit_model(nn.Linear(2, 2), draw(1, 3))
    assert caught.value.hint == "Give a tensor, or a tuple or dict of all arguments."
    with pytest.raises(InputError, match=r"^`example` must be one that can be copied, got TypeError: "):
        audit_model(nn.Linear(2, 2), (one for one in "ab"))


# As it was


def normed():
    return module(
        lambda self, x: self.norm(self.first(x)), first=lambda nn: nn.Linear(3, 4), norm=lambda nn: nn.BatchNorm1d(4)
    )


def test_a_forward_set_on_the_model_leaves_no_trace():
    model = normed()
    model.forward = lambda x: model.norm(model.first(x))
    before, forward = state(model), model.forward
    assert verdicts(audit_model(model, draw(6, 3))) == {"first": "redundant", "norm": "in use"}
    assert same(before, state(model))
    assert model.forward is forward


def test_a_hook_that_writes_into_the_model_leaves_no_trace():
    import torch

    model = normed()
    model.register_buffer("seen", torch.zeros(2), persistent=False)
    model.shapes, model.count = [], 0

    def note(_module, _inputs, output):
        model.seen.add_(1)
        model.shapes.append(output.shape)
        model.count += 1
        model.last = output

    model.first.register_forward_hook(note)
    before, buffer = state(model), model.seen
    assert verdicts(audit_model(model, draw(6, 3))) == {"first": "redundant", "norm": "in use"}
    assert same(before, state(model))
    assert (model.seen is buffer, model.shapes, model.count, hasattr(model, "last")) == (True, [], 0, False)


def test_a_hook_that_writes_leaves_no_trace_where_the_model_does_not_run():
    model = normed()
    model.register_forward_pre_hook(lambda _module, _inputs: model.norm.running_mean.fill_(7))
    before = state(model)
    with pytest.raises(InputError):
        audit_model(model, draw(6, 2))
    assert same(before, state(model))
