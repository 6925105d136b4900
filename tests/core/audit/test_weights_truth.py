"""Audits and changed files against PyTorch: networks are built and saved, and what was written is loaded and run."""

from types import SimpleNamespace

import numpy as np
import pytest

from core.audit import audit_checkpoint
from core.audit.weights.bias_values import never_active

pytestmark = pytest.mark.torch

SAME = 1e-5


def save_network(model, path, seed=0):
    """Save a network whose norms and statistics are no identities, and whose biases are large; gives its path."""
    import torch
    from safetensors.torch import save_file

    generator = torch.Generator().manual_seed(seed)
    for name, tensor in model.state_dict().items():
        if name.endswith("running_var") or (name.endswith("weight") and tensor.ndim == 1):
            tensor.copy_(0.5 + torch.rand(tensor.shape, generator=generator))
        elif name.endswith(("bias", "running_mean")):
            tensor.copy_(torch.randn(tensor.shape, generator=generator))
    save_file({name: tensor.clone() for name, tensor in model.state_dict().items()}, path, {"format": "pt"})
    return path


def load_network(new, build):
    """The network that the lines of a changed file give, which load it strictly."""
    scope = {"MyModel": build}
    exec(new.lines.replace(repr(new.path.name), repr(str(new.path))), scope)
    return scope["model"]


def draw(*shape):
    import torch

    return torch.randn(shape, generator=torch.Generator().manual_seed(1))


def outputs(model, x, *, training=False):
    import torch

    with torch.no_grad():
        return model.train(training)(x)


def gap(one, other):
    return float((one - other).abs().max())


def check(build, x, folder, *, pairs=None, redundant=None):
    """Pairs are right, and both changed files give what the old one gave; gives the audit and both."""
    model = build()
    audit = audit_checkpoint(save_network(model, folder / "model.safetensors"), pairs)
    if redundant is not None:
        assert list(audit.redundant) == redundant
    stripped, folded = audit.without_redundant(folder / "a.safetensors"), audit.folded(folder / "b.safetensors")
    assert stripped.layers == audit.redundant
    assert gap(outputs(load_network(folded, build), x), outputs(model, x)) < SAME
    light = load_network(stripped, build)
    assert all(light.get_submodule(name).bias is None for name in audit.redundant)
    assert gap(outputs(light, x), outputs(model, x)) < SAME
    for _step in range(2):  # the second with statistics that the first has moved
        assert gap(outputs(light, x, training=True), outputs(model, x, training=True)) < SAME
    assert gap(outputs(light, x), outputs(model, x)) < SAME
    for proof in (stripped.proof, folded.proof):
        assert proof[["evaluation", "training"]].max().max() < SAME or proof.empty
    untouched(audit, stripped, ["weight"], ["weight", "bias", "running_var", "num_batches_tracked"])
    untouched(audit, folded, [], [])
    return SimpleNamespace(audit=audit, stripped=stripped, folded=folded, paired=paired(audit))


def untouched(audit, new, kept_of_layer, kept_of_norm):
    """Nothing is there that should not be; all that should stay is there byte for byte, the metadata too."""
    from core.audit.weights.safetensors_file import read_checkpoint

    written, old = read_checkpoint(new.path), audit.weights.checkpoint
    assert written.metadata == old.metadata == {"format": "pt"}
    kept = dict.fromkeys(new.layers, kept_of_layer) | {
        audit.weights.pairs[layer].norm: kept_of_norm for layer in new.layers
    }
    for name, tensor in old.tensors.items():
        module, _, suffix = name.rpartition(".")
        if module not in kept or suffix in kept[module]:
            other = written.tensors[name]
            assert (tensor.dtype, tensor.shape) == (other.dtype, other.shape)
            assert content(old, tensor) == content(written, other)
    added = {f"{layer}.bias" for layer in new.layers} if "bias" not in kept_of_layer and not kept_of_norm else set()
    assert set(written.tensors) <= set(old.tensors) | added


def content(checkpoint, tensor):
    return checkpoint.path.read_bytes()[tensor.start : tensor.stop]


def paired(audit):
    frame = audit.pairs
    return {layer: norm for layer, norm in zip(frame["layer"], frame["norm"], strict=True) if norm}


def vgg_bn():
    from torch import nn

    layers, channels = [], 3
    for width in (4, "pool", 6, 6, "pool"):
        if width == "pool":
            layers.append(nn.MaxPool2d(2))
        else:
            layers += [nn.Conv2d(channels, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU()]
            channels = width
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(6 * 4 * 4, 8), nn.ReLU(), nn.Linear(8, 3))


def test_vgg_with_batch_norm(tmp_path):
    found = check(vgg_bn, draw(4, 3, 16, 16), tmp_path, redundant=["0", "4", "7"])
    assert found.paired == {"0": "1", "4": "5", "7": "8"}
    assert "3 biases (16 numbers) moved into the running mean" in found.stripped.sentence
    assert "3 norms folded into the layer before" in found.folded.sentence


def basic_block(inputs, width, stride, bias=True):
    from torch import nn

    class BasicBlock(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1 = nn.Conv2d(inputs, width, 3, stride, 1, bias=bias)
            self.bn1 = nn.BatchNorm2d(width)
            self.relu = nn.ReLU()
            self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=bias)
            self.bn2 = nn.BatchNorm2d(width)
            if stride > 1:
                self.downsample = nn.Sequential(nn.Conv2d(inputs, width, 1, stride, bias=bias), nn.BatchNorm2d(width))

        def forward(self, x):
            y = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
            return self.relu(y + (self.downsample(x) if hasattr(self, "downsample") else x))

    return BasicBlock()


def pre_activation_block(inputs, width, bias=True):
    from torch import nn

    class PreActivation(nn.Module):
        def __init__(self):
            super().__init__()
            self.bn1 = nn.BatchNorm2d(inputs)
            self.conv1 = nn.Conv2d(inputs, width, 3, 1, 1, bias=bias)
            self.bn2 = nn.BatchNorm2d(width)
            self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=bias)

        def forward(self, x):
            y = self.conv1(self.bn1(x).relu())
            z = self.conv2(self.bn2(y).relu())
            return x + z if inputs == width else z

    return PreActivation()


def resnet(*blocks, stem=True, bias=True):
    import torch
    from torch import nn

    class ResNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1 = nn.Conv2d(3, 4, 3, padding=1, bias=bias)
            self.bn1 = nn.BatchNorm2d(4) if stem else nn.Identity()
            self.layer1 = nn.Sequential(*(block() for block in blocks))
            width = self.layer1(torch.zeros(2, 4, 8, 8)).shape[1]
            self.fc = nn.Linear(width, 3)

        def forward(self, x):
            return self.fc(self.layer1(self.bn1(self.conv1(x)).relu()).mean((2, 3)))

    return ResNet


@pytest.mark.parametrize("bias", [True, False])
def test_resnet_with_deliberate_biases(tmp_path, bias):
    blocks = [
        lambda: basic_block(4, 4, 1, bias),
        lambda: basic_block(4, 6, 2, bias),
        lambda: basic_block(6, 6, 1, bias),
    ]
    found = check(resnet(*blocks, bias=bias), draw(4, 3, 8, 8), tmp_path)
    names = [name for name in found.audit.pairs["layer"] if name != "fc"]
    assert found.paired == {name: name.replace("conv", "bn").replace("downsample.0", "downsample.1") for name in names}
    assert list(found.audit.redundant) == (names if bias else [])
    assert names[0] == "conv1"
    verdicts = found.audit.to_frame().set_index("layer")["verdict"]
    assert verdicts["fc"] == "in use"
    assert verdicts["conv1"] == ("redundant" if bias else "no bias")


@pytest.mark.parametrize("bias", [True, False])
def test_where_norms_come_first_the_next_norm_follows(tmp_path, bias):
    blocks = [lambda: pre_activation_block(4, 6, bias), lambda: pre_activation_block(6, 6, bias)]
    found = check(resnet(*blocks, stem=False, bias=bias), draw(4, 3, 8, 8), tmp_path)
    assert found.paired == {"layer1.0.conv1": "layer1.0.bn2", "layer1.1.conv1": "layer1.1.bn2"}


def test_where_no_shape_tells_the_order_nothing_is_claimed_or_changed(tmp_path):
    blocks = [lambda: pre_activation_block(4, 4), lambda: pre_activation_block(4, 4)]
    found = check(resnet(*blocks, stem=False), draw(4, 3, 8, 8), tmp_path, redundant=[])
    frame = found.audit.to_frame().set_index("layer")
    assert set(frame["verdict"][["layer1.0.conv1", "layer1.1.conv2"]]) == {"depends"}
    assert found.folded.layers == ()
    assert set(found.folded.left_out) == set(found.paired)
    wish = {f"layer1.{at}.conv1": f"layer1.{at}.bn2" for at in (0, 1)}
    again = check(resnet(*blocks, stem=False), draw(4, 3, 8, 8), tmp_path, pairs=wish, redundant=list(wish))
    assert again.folded.layers == tuple(wish)


def dcgan():
    from torch import nn

    layers = [nn.ConvTranspose2d(5, 8, 4, bias=False), nn.BatchNorm2d(8), nn.ReLU()]
    layers += [nn.ConvTranspose2d(8, 8, 4, 2, 1, bias=False), nn.BatchNorm2d(8), nn.ReLU()]
    layers += [nn.ConvTranspose2d(8, 3, 4, 2, 1, bias=False), nn.Tanh()]
    return nn.Sequential(*layers)


def test_transposed_convolutions_without_bias_are_told_by_their_norm_and_not_folded(tmp_path):
    found = check(dcgan, draw(2, 5, 1, 1), tmp_path, redundant=[])
    assert found.paired == {"0": "1", "3": "4"}
    assert list(found.folded.left_out) == ["0", "3"]
    kinds = found.audit.to_frame().set_index("layer")["kind"]
    assert kinds["0"] == "ConvTranspose2d"
    assert kinds["3"] == kinds["6"] == "Conv2d or ConvTranspose2d"


CASES = {
    "transposed": (2, ["0"], 0, lambda nn: [nn.ConvTranspose2d(2, 4, 3, 2, 1), nn.BatchNorm2d(4)]),
    "transposed, grouped": (2, ["0"], 0, lambda nn: [nn.ConvTranspose2d(2, 6, 3, groups=2), nn.BatchNorm2d(6)]),
    "grouped": (2, ["0"], 1, lambda nn: [nn.Conv2d(2, 4, 3, groups=2, padding=1), nn.BatchNorm2d(4)]),
    "depthwise": (2, ["0"], 1, lambda nn: [nn.Conv2d(2, 2, 3, groups=2), nn.BatchNorm2d(2)]),
    "without scale": (2, ["0"], 1, lambda nn: [nn.Conv2d(2, 4, 3), nn.BatchNorm2d(4, affine=False)]),
    "instance norm": (2, [], 0, lambda nn: [nn.Conv2d(2, 4, 3), nn.InstanceNorm2d(4)]),
    "instance norm with scale": (2, [], 0, lambda nn: [nn.Conv2d(2, 4, 3), nn.InstanceNorm2d(4, affine=True)]),
    "instance norm that tracks": (
        2, ["0"], 1, lambda nn: [nn.Conv2d(2, 4, 3), nn.InstanceNorm2d(4, affine=True, track_running_stats=True)]),
    "group norm": (2, [], 0, lambda nn: [nn.Conv2d(2, 4, 3), nn.GroupNorm(2, 4)]),
    "layer norm": (2, [], 0, lambda nn: [nn.Conv2d(2, 4, 3), nn.LayerNorm((4, 6, 6))]),
    "one dimension": (1, ["0"], 1, lambda nn: [nn.Conv1d(2, 4, 3), nn.BatchNorm1d(4)]),
    "three dimensions": (3, ["0"], 1, lambda nn: [nn.Conv3d(2, 4, 3), nn.BatchNorm3d(4)]),
    "linear": (0, ["0"], 1, lambda nn: [nn.Linear(2, 4), nn.BatchNorm1d(4)]),
    "max pool between": (2, [], 0, lambda nn: [nn.Conv2d(2, 4, 3), nn.MaxPool2d(2), nn.BatchNorm2d(4)]),
    "ReLU between": (2, [], 0, lambda nn: [nn.Conv2d(2, 4, 3), nn.ReLU(), nn.BatchNorm2d(4)]),
    "norm first": (2, [], 0, lambda nn: [nn.BatchNorm2d(2), nn.Conv2d(2, 4, 3), nn.ReLU()]),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_one_layer_and_what_follows(case, tmp_path):
    from torch import nn

    dims, redundant, folds, layers = CASES[case]
    found = check(lambda: nn.Sequential(*layers(nn)), draw(4, 2, *[8] * dims), tmp_path, redundant=redundant)
    assert len(found.folded.layers) == folds


def named_net():
    from torch import nn

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1, self.bn1 = nn.Conv2d(3, 6, 3), nn.BatchNorm2d(6)
            self.conv_a, self.conv_a_bn = nn.Conv2d(6, 8, 3), nn.BatchNorm2d(8)
            self.upconv1, self.norm1 = nn.ConvTranspose2d(8, 5, 2, 2, bias=False), nn.BatchNorm2d(5)
            self.convs = nn.ModuleList([nn.Conv2d(5, 7, 1), nn.Conv2d(7, 9, 1)])
            self.bns = nn.ModuleList([nn.BatchNorm2d(7), nn.BatchNorm2d(9)])
            self.fc = nn.Linear(9, 2)

        def forward(self, x):
            x = self.conv_a_bn(self.conv_a(self.bn1(self.conv1(x)).relu())).relu()
            x = self.norm1(self.upconv1(x)).relu()
            for conv, bn in zip(self.convs, self.bns, strict=True):
                x = bn(conv(x)).relu()
            return self.fc(x.mean((2, 3)))

    return Net()


def test_names_pair_layers_and_norms(tmp_path):
    found = check(named_net, draw(3, 3, 8, 8), tmp_path, redundant=["conv1", "conv_a", "convs.0", "convs.1"])
    pairs = {"conv1": "bn1", "conv_a": "conv_a_bn", "upconv1": "norm1", "convs.0": "bns.0", "convs.1": "bns.1"}
    assert found.paired == pairs
    assert list(found.folded.left_out) == ["upconv1"]


@pytest.mark.parametrize(("dtype", "close"), [("float16", 0.004), ("bfloat16", 0.03)])
def test_sixteen_bits_are_kept_and_their_rounding_is_told(tmp_path, dtype, close):
    import torch
    from safetensors.torch import load_file, save_file

    model = vgg_bn()
    save_network(model, tmp_path / "full.safetensors")
    state = {
        name: tensor.to(getattr(torch, dtype)) if tensor.is_floating_point() else tensor
        for name, tensor in model.state_dict().items()
    }
    save_file(state, tmp_path / "half.safetensors")
    audit = audit_checkpoint(tmp_path / "half.safetensors")
    new = audit.without_redundant(tmp_path / "new.safetensors")
    written = load_file(new.path)
    mean = state["1.running_mean"].double() - state["0.bias"].double()
    assert torch.equal(written["1.running_mean"], mean.to(getattr(torch, dtype)))
    assert 0 < new.proof["evaluation"].max() < close
    assert new.proof["training"].max() < 1e-12
    assert "most of it from rounding running means to the file's 16 bits" in new.sentence
    folded = load_file(audit.folded(tmp_path / "folded.safetensors").path)
    scale = state["1.weight"].double() / (state["1.running_var"].double() + 1e-5).sqrt()
    weight = state["0.weight"].double() * scale[:, None, None, None]
    assert torch.equal(folded["0.weight"], weight.to(getattr(torch, dtype)))


def test_filters_that_are_never_active_are_so_in_torch_at_the_worst_input(tmp_path):
    import torch
    from torch import nn

    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(3, 40, 3), nn.BatchNorm2d(40), nn.ReLU()).eval()
    path = save_network(model, tmp_path / "model.safetensors")
    for pairs, net, scale in ((None, model[:2], model[1].weight), ({"0": ""}, model[0], torch.ones(40))):
        audit, effect = audit_checkpoint(path, pairs), model[0].weight * scale[:, None, None, None]
        for low, high in ((0.0, 1.0), (-2.0, 2.5)):
            worst = torch.where(effect > 0, high, low)  # (filter, 3, 3, 3): the input that drives each filter highest
            reached = outputs(net, worst)[:, :, 0, 0].diagonal()
            found = never_active(audit.weights, low, high)[1]
            np.testing.assert_allclose(found["upper"], reached, atol=1e-5)
            assert found["never_active"].tolist() == (reached <= 0).tolist()
