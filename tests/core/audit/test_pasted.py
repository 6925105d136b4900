"""What people paste: marks on lines, warnings above, old versions, gaps, and what is no printout; all by hand."""

import re

import pytest

from core.audit import audit_printout
from core.errors import InputError

CONV, BN = "Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1))", "BatchNorm2d(8, eps=1e-05, momentum=0.1, affine=True)"
PLAIN = f"Net(\n  (conv): {CONV}\n  (bn): {BN}\n  (act): ReLU()\n)"
WARNING = "a.py:3: UserWarning: old\n  warnings.warn(\n"
SENTENCE = "2 layers with 240 parameters, 16 of them biases. **1 layer has a redundant bias** (8 numbers); 1 in use."


def marked(mark, text=PLAIN):
    return "\n".join(f"{mark}{line}" for line in text.split("\n"))


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        *[marked(mark) for mark in ("> ", "# ", ">> ", "// ", "[rank0]: ", "train-1  | ", "(pid=31) ", "+", "| ")],
        marked("2024-05-01 12:00:01,123 - INFO - "),
        PLAIN.replace("\n", " "),
        marked("[2024-05-01T12:00:01.5Z] root INFO: "),
        "\n".join(f"{number:>3} {line}" for number, line in enumerate(PLAIN.split("\n"), start=98)),
        "\n".join(f"[rank{number}]: {line}" for number, line in enumerate(PLAIN.split("\n"))),
        WARNING + PLAIN,
        WARNING * 2 + PLAIN,
        "a.py:3: FutureWarning: old\n  Image.open(path)\n" + PLAIN,
        marked("[rank0]: ", WARNING + PLAIN),
        f"INFO:root:{PLAIN}",
        f"2024-05-01 12:00:01,123 - INFO - {PLAIN}",
        f"model = {PLAIN}",
        f"<bound method Module.parameters of {PLAIN}>",
        f"```\n{PLAIN}\n```",
        "\x1b[32m" + PLAIN.replace("(conv)", "(\x1b[1mconv\x1b[0m)") + "\x1b[0m",
        f">>> model = nn.Sequential(nn.Linear(1, 2))\n>>> print(net)\n{PLAIN}",
    ],
)
def test_what_stands_around_a_printout_does_not_matter(text):
    assert audit_printout(text).sentence == SENTENCE
    assert audit_printout(text).redundant == ("conv",)


def test_an_old_version_puts_a_blank_before_its_brackets():
    text = (
        f"Net (\n  (conv): Conv2d (3, 8, kernel_size=(3, 3), stride=(1, 1))\n  (bn): {BN}\n  (act): ReLU (inplace)\n)"
    )
    assert audit_printout(text).sentence == SENTENCE


@pytest.mark.parametrize(
    "inside",
    [
        "  (a): Parameter containing: [torch.FloatTensor of size 3x2])",
        "\n    (a): Parameter containing: [torch.FloatTensor of size 3x2]\n  )",
        "  (a): Parameter containing: [torch.cuda.FloatTensor of size 3x2 (GPU 0)])",
    ],
)
def test_a_parameter_may_end_on_the_line_of_its_dict(inside):
    audit = audit_printout(f"Net(\n  (p): ParameterDict({inside}\n  (fc): Linear(in_features=2, out_features=2)\n)")
    assert sum(row.parameters for row in audit.rows) == 12
    assert audit.rows[0].reason == "Its numbers are printed; what becomes of them is not."


GAPS = [
    "...", "…", "[...]", "...\n  ...", "... (12 more)", "... 6 layers omitted ...", "# ...", "⋮", "[truncated]",
    "<snip>", ". . .", "(12 more layers)", ":", "| and so on", "(left): ...", "(left): <...>",
    "other layers here", "# and so ...", "# 5 more layers", "# here some are omitted",
]  # fmt: skip


@pytest.mark.parametrize("gap", [f"  {gap}\n" for gap in GAPS])
def test_nothing_is_certain_across_what_is_left_out(gap):
    audit = audit_printout(f"Sequential(\n  (0): {CONV}\n{gap}  (1): {BN}\n)")
    assert [row.verdict for row in audit.rows][:2] == ["cannot see", "cannot see"]
    assert audit.rows[0].reason == "The printout leaves out what follows."
    assert audit.rows[1].reason.startswith("Layers are left out of the printout here")


def test_numbers_that_jump_are_a_gap_too():
    audit = audit_printout(f"Sequential(\n  (0): {CONV}\n  (7): {BN}\n)")
    assert (audit.rows[0].verdict, audit.rows[1].kind) == ("cannot see", "...")
    assert audit_printout(f"Sequential(\n  (3): {CONV}\n  (4): {BN}\n)").redundant == ("3",)
    audit = audit_printout(f"Sequential(\n  (7): {CONV}\n  (0): {BN}\n)")
    assert (audit.rows[0].verdict, audit.rows[1].kind) == ("cannot see", "...")


@pytest.mark.parametrize("between", ["(1-6): ...", "(1): Sequential(...)", "(1): Block(...)", "(1): Sequential(…)"])
def test_children_that_are_left_out_are_a_gap(between):
    audit = audit_printout(f"Sequential(\n  (0): {CONV}\n  {between}\n  (7): {BN}\n)")
    assert audit.rows[0].verdict == "cannot see"
    audit = audit_printout(f"Sequential(\n  (0): {CONV}\n  {between}\n  (2): {BN}\n)")
    assert audit.rows[0].verdict == "cannot see"


@pytest.mark.parametrize("words", [", other layers here, ", " then others, ", " then others ", "  # then "])
def test_words_between_two_layers_of_one_line_are_a_gap(words):
    audit = audit_printout(f"Sequential((0): {CONV}{words}(1): {BN})")
    assert "..." in {row.kind for row in audit.rows}
    assert audit.redundant == ()
    assert audit_printout(f"Sequential((0): {CONV}, (1): {BN})").redundant == ("0",)


@pytest.mark.parametrize(
    "comment",
    [
        "  # 224 numbers",
        "  <- the first",
        ",",
        "\n  # the norm, at last",
        "\n" + WARNING,
        "\n a.py:3: UserWarning: old",
    ],
)
def test_a_comment_or_warning_behind_a_layer_is_no_gap(comment):
    assert audit_printout(f"Sequential(\n  (0): {CONV}{comment}\n  (1): {BN}\n)").redundant == ("0",)


@pytest.mark.parametrize("argument", ["path='../x'", "layers: 3", "mode='...'", "dim=8"])
def test_an_argument_before_the_layers_is_no_gap(argument):
    audit = audit_printout(f"Net(\n  {argument}\n  (conv): {CONV}\n  (bn): {BN}\n)")
    assert audit.redundant == ("conv",)
    assert "..." not in {row.kind for row in audit.rows}


@pytest.mark.parametrize(
    ("text", "name", "hint"),
    [
        ("Sequential(Conv2d(3, 8, 3), BatchNorm2d(8), ReLU())", "source code", "print(model)"),
        ("nn.Sequential(\n    nn.Conv2d(3, 8, 3),\n    nn.ReLU(),\n)", "source code", "print(model)"),
        ("model = Sequential(\n    Conv2d(3, 8, 3),\n    BatchNorm2d(8),\n)", "source code", "print(model)"),
        ("class Net(nn.Module):\n    def __init__(self):\n        pass", "source code", "print(model)"),
        ('Model: "sequential"\n_____\n Layer (type)   Output Shape   Param #\n', "a Keras summary", ".safetensors"),
        ("┃ Layer (type)         ┃ Output Shape", "a Keras summary", ".safetensors"),
        ("-----\n        Layer (type)    Output Shape   Param #\n   Conv2d-1", "a torchsummary table", "print(model)"),
        ("Layer (type:depth-idx)   Output Shape   Param #", "a torchinfo summary", "print(model)"),
        ("  | Name  | Type   | Params\n-----\n0 | fc | Linear | 4", "a Lightning summary", "print(model)"),
        ("OrderedDict([('fc.bias', tensor([0., 1.]))])", "a state_dict", ".safetensors"),
        ('Sequential(OrderedDict([("conv", Conv2d(3, 8, 3)), ("act", ReLU())]))', "source code", "print(model)"),
        ("Conv2d(3, 8, 3)", "source code", "print(model)"),
        ("Conv2d(3, 8, kernel_size=3)", "source code", "print(model)"),
        ("Linear(3, 8, True)", "source code", "print(model)"),
        ("Chain(Dense(784 => 32, relu), Dense(32 => 10))", "a Flux model", ".safetensors"),
        ("┃   ┃ Name ┃ Type   ┃ Params ┃\n│ 0 │ fc   │ Linear │      4 │", "a Lightning summary", "print(model)"),
        ("    Net Summary\n┃ path ┃ module ┃ inputs ┃ outputs ┃ params ┃", "a Flax summary", ".safetensors"),
        ("Net(\n    # attributes\n    features = 3\n)", "a Flax summary", ".safetensors"),
        ("opcode       name  target  args  kwargs\n-----  ----", "an fx table", "print(model)"),
    ],
)
def test_what_is_no_printout_is_called_by_its_name(text, name, hint):
    message = f"`text` must hold a printed module that begins like `Net(`, got {name}"
    with pytest.raises(InputError, match=f"^{re.escape(message)}$") as caught:
        audit_printout(text)
    assert hint in caught.value.hint


def test_a_layer_told_as_code_among_others_is_not_counted():
    audit = audit_printout(
        "Net(\n  (conv): Conv2d(3, 8, kernel_size=3)\n  (fc): Linear(in_features=1, out_features=1)\n)"
    )
    assert [(row.parameters, row.verdict) for row in audit.rows] == [(None, "cannot see"), (2, "in use")]


@pytest.mark.parametrize(
    "text",
    [
        "Foo(\n  (a): Bar()\n)",
        "Foo(3)",
        "Conv2d(3, banana)",
        "A(\n  dim=3\n  (b): C()\n)",
        "LinearClassifier(num_classes=10)",
    ],
)
def test_where_nothing_could_be_read_no_bias_is_called_in_order(text):
    sentence = audit_printout(text).sentence
    assert "**Nothing here could be judged**" in sentence
    assert "No bias is found redundant" not in sentence
