"""Printouts read: worked by hand, against torch's named_modules() and numel, and whatever a clipboard may hold."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.audit.printout.grammar import MAX_CHARACTERS, MAX_DEPTH, MAX_MODULES, parse
from core.audit.printout.read import EXAMPLE_PRINTOUTS, EXAMPLES, example_text, read_printout
from core.errors import InputError

PARAMETERS = {"vgg16": 138_357_544, "vgg16_bn": 138_365_992, "resnet18": 11_689_512, "dcgan_generator": 3_576_704}


def kinds(text):
    return [(module.name, module.kind) for module in read_printout(text)]


def only(text):
    (module,) = read_printout(text)
    return module


def has_answer(text):
    """Whether there are modules, or one sentence."""
    try:
        return bool(read_printout(text))
    except InputError as error:
        return bool(re.fullmatch("`text` must .*", str(error)))


def check_refusal(text, message):
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        read_printout(text)


# The examples


@pytest.mark.parametrize("slug", EXAMPLES)
def test_example_is_read_and_every_kind_but_attention_counted(slug):
    modules = read_printout(example_text(slug))
    unknown = {module.kind for module in modules if module.parameters is None}
    assert unknown == ({"MultiheadAttention"} if slug == "transformer_block" else set())


@pytest.mark.parametrize("slug", PARAMETERS)
def test_known_networks_have_their_known_number_of_parameters(slug):
    assert sum(module.parameters for module in read_printout(example_text(slug))) == PARAMETERS[slug]


def test_every_file_of_the_examples_is_one():
    assert {path.stem for path in EXAMPLE_PRINTOUTS.iterdir()} == set(EXAMPLES)


# Worked by hand


@pytest.mark.parametrize(
    ("text", "parameters", "biases"),
    [
        ("Conv2d(3, 64, kernel_size=(3, 3), stride=(1, 1))", 1792, 64),
        ("Conv2d(4, 8, kernel_size=(3, 5), stride=(1, 1), groups=2, bias=False)", 240, 0),
        ("Conv3d(1, 2, kernel_size=(2, 2, 2), stride=(1, 1, 1), padding_mode=reflect)", 18, 2),
        ("ConvTranspose1d(6, 4, kernel_size=(3,), stride=(2,), groups=2)", 40, 4),
        ("Linear(in_features=10, out_features=5, bias=True)", 55, 5),
        ("Bilinear(in1_features=2, in2_features=3, out_features=4, bias=True)", 28, 4),
        ("BatchNorm2d(8, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)", 16, 8),
        ("BatchNorm2d(8, eps=1e-05, momentum=0.1, affine=True, bias=False, track_running_stats=True)", 8, 0),
        ("InstanceNorm2d(8, eps=1e-05, momentum=0.1, affine=False, track_running_stats=False)", 0, 0),
        ("GroupNorm(2, 8, eps=1e-05, affine=True)", 16, 8),
        ("LayerNorm((4, 5), eps=1e-05, elementwise_affine=True)", 40, 20),
        ("RMSNorm((16,), eps=None, elementwise_affine=True)", 16, 0),
        ("FrozenBatchNorm2d(64, eps=1e-05)", 0, 0),
        ("Embedding(100, 8, padding_idx=0)", 800, 0),
        ("PReLU(num_parameters=3)", 3, 0),
        ("LSTM(3, 4, num_layers=2, bidirectional=True)", 736, 128),  # 4*4*(3+4+2)*2 + 4*4*(8+4+2)*2
        ("ReLU(inplace=True)", 0, 0),
        ("MyLayer(64, p=0.1)", None, None),
        ("Conv2d(3, banana, kernel_size=(3, 3))", None, None),
        ("Conv2d(3, 4, kernel_size=(3, 3), groups=0)", None, None),
        ("Conv2d(3, 999999999999, kernel_size=(3, 3))", None, None),
    ],
)
def test_count_worked_by_hand(text, parameters, biases):
    assert (only(text).parameters, only(text).bias_parameters) == (parameters, biases)


def test_arguments_are_read_by_name_and_defaults_filled_in():
    arguments = only("Conv2d(3, 8, kernel_size=(3, 5), stride=(1, 1), padding='same', padding_mode=reflect)").arguments
    expected = {"in_channels": 3, "kernel_size": (3, 5), "padding": "same", "padding_mode": "reflect", "dilation": 1}
    assert expected.items() <= arguments.items()
    assert only("Dropout(p=0.5, inplace=False)").arguments == {"p": 0.5, "inplace": False}
    assert only("Odd(a=[0.5, None], -1e-3, f(x, (y)))").arguments == {"a": (0.5, None), "1": -0.001, "2": "f(x, (y))"}


def test_equal_blocks_printed_once_are_as_many_layers():
    text = "M(\n  (b): ModuleList(\n    (0-1): 2 x B(\n      (c): ReLU()\n    )\n    (2): Identity()\n  )\n)"
    assert kinds(text) == [
        ("", "M"),
        ("b", "ModuleList"),
        ("b.0", "B"),
        ("b.0.c", "ReLU"),
        ("b.1", "B"),
        ("b.1.c", "ReLU"),
        ("b.2", "Identity"),
    ]


def test_place_of_a_module_is_its_line_and_column():
    ((_, child),) = parse(">>> print(net)\nNet(\n  (a): ReLU()\n)").children
    assert child.place == "line 3, column 8"


PLAIN = "Net(\n  (a): Linear(in_features=2, out_features=2, bias=True)\n  (b): S(\n    (0): ReLU()\n  )\n)"


@pytest.mark.parametrize(
    "text",
    [
        f">>> model = Net()\n>>> print(model)\n{PLAIN}\n\n\n",
        f"In [3]: model.eval()\nOut[3]: {PLAIN}\n>>> exit()",
        f"print(model)\n{PLAIN}",
        f"\ufeff{PLAIN}",
        PLAIN.replace("\n", "\r\n"),
        PLAIN.replace("\n", "\r"),
        PLAIN.replace("  ", "    "),
        PLAIN.replace("  ", ""),
        PLAIN.replace("  ", "\t"),
        PLAIN.replace("  ", "\u00a0\u00a0"),
        PLAIN.replace("\n", " "),
        PLAIN.replace(", ", ",\n"),
    ],
)
def test_what_a_copy_does_to_blanks_and_lines_does_not_matter(text):
    assert read_printout(text)[1].parameters == 6
    assert kinds(text) == [("", "Net"), ("a", "Linear"), ("b", "S"), ("b.0", "ReLU")]


def test_text_beside_children_and_parameters_among_them_are_no_modules():
    text = """Net(
  dim=4, it's a note, ratio: 'a)b'
  Normalize(mean=[0.4, 0.5], std=[1, 2])
  (none): None
  (list): ParameterList(
      (0): Parameter containing: [torch.float32 of size 2x3]
      (1): Parameter containing: [torch.float32 of size 4]
  )
  (act): ReLU()
)"""
    modules = read_printout(text)
    assert [(module.name, module.parameters) for module in modules] == [("", None), ("list", 10), ("act", 0)]


# Refused


def test_sentences_name_the_place():
    check_refusal("", "`text` must hold a printed module that begins like `Net(`, got none")
    check_refusal("no model here (sorry)", "`text` must hold a printed module that begins like `Net(`, got none")
    check_refusal(
        "Net(\n  (a): S(\n    (0): ReLU()",
        "`text` must close every bracket, got one without an end on line 2, column 9",
    )
    check_refusal("Net(a=(1, 2)", "`text` must close every bracket, got one without an end on line 1, column 4")
    check_refusal("Net(a=(1, 2", "`text` must close every bracket, got one without an end on line 1, column 7")
    check_refusal("Net(a=(1, 2])", "`text` must close every bracket with its own kind, got '])' on line 1, column 12")
    check_refusal("Net()\n)", "`text` must close every bracket once, got ')' on line 2, column 1")
    check_refusal("Net()\nNet()", "`text` must hold one printed module, got a second: 'Net()' on line 2, column 1")
    check_refusal("Net(\n(a): what\n)", "`text` must have a module after `(a):`, got 'what' on line 2, column 6")
    check_refusal(
        "Net(\n(a.b): R()\n)", "`text` must name children without a point, got '(a.b): R()' on line 2, column 1"
    )
    check_refusal(
        "Net(\n(a): R()\n(a): R()\n)", "`text` must name each child once, got again '(a): R()' on line 3, column 1"
    )
    check_refusal(
        "Net(\n(0-5): 5 x R()\n)",
        "`text` must repeat a child as often as its numbers say, got '(0-5): 5 x R()' on line 2, column 1",
    )


def test_a_model_is_not_its_printout():
    with pytest.raises(InputError, match=r"^`text` must be a string, got int$") as caught:
        read_printout(3)
    assert caught.value.hint == "Pass str(model)."


def test_limits():
    check_refusal("x" * (MAX_CHARACTERS + 1), "`text` must have at most 1,000,000 characters, got 1,000,001")
    deep = "A((a): " * (MAX_DEPTH - 1) + "A()" + ")" * (MAX_DEPTH - 1)
    assert len(read_printout(deep)) == MAX_DEPTH
    with pytest.raises(InputError, match=r"^`text` must nest modules at most 100 deep, got more at "):
        read_printout(f"A((a): {deep})")
    many = f"M((0-{MAX_MODULES - 2}): {MAX_MODULES - 1} x A())"
    assert len(read_printout(many)) == MAX_MODULES
    message = "`text` must hold at most 20,000 modules with repeats counted, got more by line 1, column 3"
    check_refusal(many.replace("(0-", "(0-1").replace(": ", ": 1"), message)
    check_refusal("M((0-999): 1000 x B((0-999): 1000 x A()))", message)
    with pytest.raises(InputError, match=r"^`text` must name modules in at most 1,000 characters, got "):
        read_printout(f"A(({'n' * 100}): " * 20 + "A()" + ")" * 20)


@pytest.mark.few(5)
@pytest.mark.parametrize(
    "text",
    [
        "(" * MAX_CHARACTERS,
        "A(" * (MAX_CHARACTERS // 2),
        "A" * MAX_CHARACTERS,
        "A(" + "'\"" * (MAX_CHARACTERS // 2 - 1),
        "A(" + "(a), " * (MAX_CHARACTERS // 5 - 1),
        "A(" + "(" * 99 + "1," * (MAX_CHARACTERS // 2 - 60),
        "A(" + "9" * (MAX_CHARACTERS - 3) + ")",
        "\n" * MAX_CHARACTERS,
        "A\n" * (MAX_CHARACTERS // 2),
        "A((a): Parameter containing: [" + " of size" * 100_000,
        "A(" + "x=(1, " * 90 + "1, " * 300_000 + ")" * 91,
    ],
    ids=range(11),
)
def test_hostile_text_is_answered_soon(text):
    start = time.process_time()
    assert has_answer(text)
    assert time.process_time() - start < 5  # seconds: a square of the length would take hours


pieces = st.sampled_from(
    [
        "Net(",
        "(a): ",
        "(0-2): 3 x ",
        ")",
        "\n",
        " ",
        ",",
        "(1, 2)",
        "'",
        '"',
        "[",
        "]",
        "bias=True",
        "Conv2d(3, 4",
        "None",
    ]
)


@given(st.one_of(st.text(), st.lists(pieces).map("".join), st.binary().map(lambda data: data.decode("latin-1"))))
@settings(max_examples=300)
def test_any_text_is_modules_or_an_input_error(text):
    assert has_answer(text)


@given(st.sampled_from(list(EXAMPLES)), st.randoms(use_true_random=False))
@settings(max_examples=100)
def test_damaged_printout_is_modules_or_an_input_error(slug, random):
    text = example_text(slug)[: random.randrange(2000)]
    for _ in range(random.randrange(4)):
        at = random.randrange(len(text) + 1)
        text = text[:at] + random.choice("()[],':x\n0") + text[at + random.randrange(2) :]
    assert has_answer(text)


# Trees: print them as torch does, and read them back

values = st.one_of(
    st.integers(-1000, 1000), st.booleans(), st.none(), st.floats(allow_nan=False, allow_infinity=False, width=32)
)
arguments = st.dictionaries(
    st.sampled_from(["alpha", "beta", "p", "size"]), st.one_of(values, st.tuples(values, values))
)
names = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
trees = st.recursive(
    st.tuples(st.sampled_from(["Aa", "Bb_1", "C2d"]), arguments, st.just({})),
    lambda children: st.tuples(
        st.sampled_from(["Block", "Net"]), arguments, st.dictionaries(names, children, min_size=1, max_size=4)
    ),
    max_leaves=12,
)


def print_tree(tree):
    kind, given_, children = tree
    extra = ", ".join(f"{name}={value}" for name, value in given_.items())
    if not children:
        return f"{kind}({extra})"
    lines = [extra] if extra else []
    lines += [f"({name}): " + print_tree(child).replace("\n", "\n  ") for name, child in children.items()]
    return f"{kind}(\n  " + "\n  ".join(lines) + "\n)"


def flatten(tree, name=""):
    kind, given_, children = tree
    yield name, kind, given_
    for key, child in children.items():
        yield from flatten(child, f"{name}.{key}".lstrip("."))


@given(trees)
def test_printed_tree_is_read_back(tree):
    modules = read_printout(print_tree(tree))
    assert [(module.name, module.kind, module.arguments) for module in modules] == list(flatten(tree))


# Torch


def torch_models():
    from torch import nn

    return {
        "convolutions": nn.ModuleList(
            [
                getattr(nn, kind)(4, 6, 3, groups=groups, bias=bias, padding=padding)
                for kind in ("Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d")
                for groups in (1, 2)
                for bias in (True, False)
                for padding in (0, 1)
            ]
        ),
        "same": nn.Sequential(nn.Conv2d(2, 2, (3, 1), padding="same"), nn.Conv2d(2, 3, 3, padding_mode="reflect")),
        "norms": nn.ModuleList(
            [
                *(
                    getattr(nn, f"{kind}{n}d")(4, affine=affine)
                    for kind in ("BatchNorm", "InstanceNorm")
                    for n in (1, 2, 3)
                    for affine in (True, False)
                ),
                nn.SyncBatchNorm(4),
                nn.BatchNorm2d(4, track_running_stats=False),
                nn.GroupNorm(2, 4),
                nn.GroupNorm(2, 4, affine=False),
                nn.LayerNorm(4),
                nn.LayerNorm((4, 5), bias=False),
                nn.LayerNorm(4, elementwise_affine=False),
                nn.RMSNorm((3, 4)),
                nn.LocalResponseNorm(2),
            ]
        ),
        "dense": nn.ModuleDict({"a": nn.Linear(3, 4), "b": nn.Linear(3, 4, bias=False), "c": nn.Bilinear(2, 3, 4)}),
        "tables": nn.Sequential(nn.Embedding(10, 3, padding_idx=0), nn.EmbeddingBag(5, 4)),
        "recurrent": nn.ModuleList(
            [
                getattr(nn, kind)(3, 4, **options)
                for kind in ("RNN", "GRU", "LSTM")
                for options in ({}, {"num_layers": 3, "bidirectional": True, "dropout": 0.1}, {"bias": False})
            ]
            + [
                nn.LSTM(3, 4, num_layers=2, proj_size=2, bidirectional=True),
                nn.LSTMCell(2, 3),
                nn.GRUCell(2, 3, bias=False),
                nn.RNNCell(2, 3),
            ]
        ),
        "plain": nn.Sequential(
            nn.PReLU(5), nn.GELU(approximate="tanh"), nn.LeakyReLU(0.1), nn.Hardtanh(), nn.Softmax(dim=1), nn.ELU(),
            nn.Dropout2d(0.2), nn.MaxPool2d(2), nn.AvgPool1d(2, padding=1), nn.AdaptiveAvgPool2d((None, 7)),
            nn.Flatten(),
            nn.Unflatten(1, (2, 3)), nn.Upsample(scale_factor=2, mode="bilinear"), nn.Identity(), nn.PixelShuffle(2),
            nn.ZeroPad2d(1), nn.ConstantPad1d(2, 3.5), nn.ReflectionPad2d((1, 2, 1, 2)), nn.Softplus(), nn.Sequential(),
        ),
        "repeated": nn.Sequential(nn.ModuleList([nn.Sequential(nn.Linear(2, 2), nn.ReLU()) for _ in range(12)])),
        "one": nn.Conv2d(1, 1, 1),
    }  # fmt: skip


@pytest.mark.torch
@pytest.mark.parametrize(
    "name", ["convolutions", "same", "norms", "dense", "tables", "recurrent", "plain", "repeated", "one"]
)
def test_modules_and_counts_are_torchs(name):
    model = torch_models()[name]
    modules = read_printout(str(model))
    expected = list(model.named_modules())
    assert [(module.name, module.kind) for module in modules] == [(key, type(one).__name__) for key, one in expected]
    for module, (_, one) in zip(modules, expected, strict=True):
        own = dict(one.named_parameters(recurse=False))
        assert module.parameters == sum(tensor.numel() for tensor in own.values()), module
        biases = sum(tensor.numel() for key, tensor in own.items() if key.startswith("bias"))
        assert module.bias_parameters == biases, module


@pytest.mark.torch
def test_of_attention_only_the_out_projection_is_counted():
    from torch import nn

    modules = read_printout(str(nn.TransformerEncoderLayer(8, 2, 16)))
    names = [name for name, _ in nn.TransformerEncoderLayer(8, 2, 16).named_modules()]
    assert [module.name for module in modules] == names
    assert [module.parameters for module in modules[1:3]] == [None, 72]
