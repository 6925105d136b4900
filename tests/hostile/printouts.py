"""Printouts that break off, lie or trap, made when asked for; and whole ones for the fuzzer to break."""

from collections.abc import Callable

from core.audit.printout.read import example_text
from tests.hostile.tables import NAMES

MOST = 1_000_000
CONV = "Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1))"


def net(*lines: str) -> bytes:
    inside = "".join(f"  ({at}): {line}\n" for at, line in enumerate(lines))
    return f"Net(\n{inside})".encode("utf-8", "surrogatepass")


def fill(text: str, start: str = "Net(") -> bytes:
    """As much of it as may be."""
    return (start + text * (MOST // len(text)))[: MOST - 9].encode()


def deep(count: int, line: str = "(a): Net(") -> bytes:
    return ("Net(\n" + f"{line}\n" * count + ")" * (count + 1)).encode()


def many(line: str, count: int) -> bytes:
    return net(*[line] * count)


def conv(**changed: str) -> bytes:
    """A convolution and its batch norm, with arguments changed."""
    told = {"inputs": "3", "outputs": "8", "kernel_size": "(3, 3)", "stride": "(1, 1)", "groups": "1"} | changed
    inputs, outputs = told.pop("inputs"), told.pop("outputs")
    return net(f"Conv2d({inputs}, {outputs}, {', '.join(f'{k}={v}' for k, v in told.items())})", "BatchNorm2d(8)")


VALID: dict[str, bytes] = {
    name: example_text(name).encode() for name in ("vgg16_bn", "mobilenet_v2_head", "transformer_block")
} | {"short": net(CONV, "BatchNorm2d(8, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)", "ReLU()")}

CASES: dict[str, Callable[[], bytes]] = {
    "nothing": bytes,
    "blanks": lambda: b" \n\t ",
    "null bytes": lambda: bytes(1000),
    "null bytes in a kind": lambda: net("Conv\x002d(3, 8)"),
    "noise": lambda: bytes(range(256)) * 100,
    "words": lambda: b"my network is safe",
    "program": lambda: b"import os; os.system('true')",
    "markup": lambda: b"<script>alert(1)</script>",
    "one character too many": lambda: b"x" * (MOST + 1),
    "a million open brackets": lambda: fill("("),
    "a million closed brackets": lambda: fill(")"),
    "a million square brackets": lambda: fill("["),
    "a million pairs of brackets": lambda: fill("()"),
    "a million commas": lambda: fill(","),
    "a million line ends": lambda: fill("\n"),
    "a million line ends before": lambda: b"\n" * (MOST - 9) + b"Net(\n)",
    "a million blanks before": lambda: b" " * (MOST - 9) + b"Net(\n)",
    "a million quotes": lambda: fill("'"),
    "a million quotes of two kinds": lambda: fill("'\""),
    "a million letters": lambda: fill("a", ""),
    "a million capitals": lambda: fill("A", ""),
    "a million kinds": lambda: fill("Net("),
    "a million kinds on lines": lambda: fill("Net(\n"),
    "a million kinds side by side": lambda: fill("A() ", ""),
    "a million kinds below each other": lambda: fill("a(\n", ""),
    "a million digits": lambda: fill("1"),
    "a million arguments": lambda: fill("a=1,"),
    "a million equals signs": lambda: fill("="),
    "a million names": lambda: fill("(a): "),
    "a million outputs of a notebook": lambda: fill("Out[1]: ", ""),
    "a million blanks between": lambda: fill(" ", "Net(\n  (a): Conv2d(3, 8"),
    "a million points in a kind": lambda: fill("a.", "A"),
    "99 deep": lambda: deep(99),
    "100 deep": lambda: deep(100),
    "100,000 deep": lambda: deep(100_000),
    "brackets 101 deep in an argument": lambda: net(f"Conv2d({'(' * 101}{')' * 101})"),
    "20,000 layers by repeat": lambda: b"Net((0-19998): 19999 x " + CONV.encode() + b")",
    "20,001 layers by repeat": lambda: b"Net((0-20000): 20001 x " + CONV.encode() + b")",
    "a thousand million by repeat": lambda: b"Net((0-999999999): 1000000000 x ReLU())",
    "repeats in repeats": lambda: deep(30, "(0-9): 10 x Net("),
    "repeats of 1 in repeats": lambda: deep(90, "(0-0): 1 x Net("),
    "repeat of 0": lambda: b"Net((0--1): 0 x ReLU())",
    "repeat backwards": lambda: b"Net((9-0): 10 x ReLU())",
    "repeat that does not fit": lambda: b"Net((0-5): 7 x ReLU())",
    "17,000 layers": lambda: many("Linear(1, 1)", 17_000),
    "15,000 layers and norms": lambda: net(*["Linear(1, 1)", "BatchNorm1d(1)"] * 7_500),
    "19,999 activations": lambda: many("ReLU()", 19_999),
    "one name twice": lambda: b"Net(\n(a): ReLU()\n(a): ReLU()\n)",
    "names of 100 at 100 deep": lambda: deep(99, f"({'n' * 100}): Net("),
    "name of nothing": lambda: b"Net(\n(): ReLU()\n)",
    "name of a point": lambda: b"Net(\n(.): ReLU()\n)",
    "name without module": lambda: b"Net(\n(a): \n)",
    "name with a number": lambda: b"Net(\n(a): 7\n)",
    "two printouts": lambda: VALID["short"] * 2,
    "a bracket too many": lambda: VALID["short"] + b")",
    "a bracket of another kind": lambda: VALID["short"][:-1] + b"]",
    "returns for line ends": lambda: VALID["short"].replace(b"\n", b"\r"),
    "a mark of numbers": lambda: b"1 " * 90 + b"Net(\n" + b"1 " * 90 + b"(a): ReLU()\n" + (b"1" * 400 + b"x\n") * 2000,
    "warnings without an end": lambda: fill("Warning: ", ""),
    "warnings before blanks": lambda: fill("Warning: \n \n", ""),
    "a mark of blanks": lambda: b"# Net(\n#   (a): ReLU()\n" + (b" " * 999 + b"\n") * 900,
    "words without an end": lambda: fill("a a( ", ""),
    "children without a class": lambda: fill("(a): ", ""),
    "a million ellipses": lambda: fill("...\n", "Net(\n"),
    "gaps between a thousand numbers": lambda: (
        "Net(\n" + "".join(f"({at}): ReLU()\n" for at in range(0, 9000, 9)) + ")"
    ).encode(),
    "numbers of a thousand digits": lambda: ("Net(\n(" + "9" * 90 + "): A()\n(" + "9" * 91 + "): A()\n)").encode(),
    "number in other digits": lambda: "Net(\n(1): A()\n(²): A()\n(٣): A()\n)".encode(),
    "source of a million calls": lambda: fill("nn.A(),", "nn.Sequential(\n"),
    "table of another tool": lambda: fill("| Name | Type |\n", ""),
    "heads of attention": lambda: many("Linear(3, 9)", 5000).replace(b"(7)", b"(qkv)"),
    "no line ends": lambda: VALID["short"].replace(b"\n", b""),
    "colours of a terminal": lambda: b"\x1b[31m" + VALID["short"].replace(b"(", b"\x1b[1m(\x1b[0m"),
    "entities of a web page": lambda: VALID["short"].replace(b"(", b"&#40;"),
    "half a character": lambda: net("\ud800(3)", "Conv2d(3, \udfff)"),
    "half a character in a name": lambda: f"Net(\n  (\udc80a): {CONV}\n)".encode("utf-8", "surrogatepass"),
    "brackets of another script": lambda: VALID["short"].replace(b"(", "\uff08".encode()),
    "letters that look alike": lambda: VALID["short"].replace(b"Conv2d", "\u0421onv2d".encode()),
    "text direction": lambda: net("Conv2d(\u202e3, 8\u202c)"),
    "mark in the middle": lambda: VALID["short"].replace(b"Conv", "\ufeffConv".encode()),
    "parameters of 10**18": lambda: (
        b"Net(\n(a): Parameter containing: [torch.FloatTensor of size 999999999x999999999]\n)"
    ),
    "parameters of 10**99": lambda: (
        b"Net(\n(a): Parameter containing: [torch.FloatTensor of size " + b"x".join([b"999999999"] * 11) + b"]\n)"
    ),
    "parameters of 10**9,000": lambda: (
        b"Net(\n(a): Parameter containing: [torch.FloatTensor of size " + b"x".join([b"999999999"] * 1000) + b"]\n)"
    ),
    "parameters of a hundred thousand axes": lambda: (
        fill("999999999x", "Net(\n(a): Parameter containing: [torch.FloatTensor of size ") + b"9]\n)"
    ),
    "19,999 modules of 10**12": lambda: b"Net((0-19997): 19998 x Linear(1000000, 999999))",
    "Linear of 10**15": lambda: net("Linear(999999999999999, 999999999999999)"),
    "Linear of 0": lambda: net("Linear(0, 0)"),
    "Linear of -1": lambda: net("Linear(-1, -1)"),
    "Linear of 1.5": lambda: net("Linear(1.5, 2)"),
    "Linear of True": lambda: net("Linear(True, True)"),
    "Linear of nothing": lambda: net("Linear()"),
    "Linear of itself": lambda: net("Linear(in_features=Linear(in_features=1))"),
    "convolution of no inputs": lambda: conv(inputs="0"),
    "convolution of no kernel": lambda: conv(kernel_size="()"),
    "convolution of a kernel of 10**15": lambda: conv(kernel_size="(999999999999999, 999999999999999)"),
    "convolution of a kernel of nan": lambda: conv(kernel_size="(nan, inf)"),
    "convolution of a kernel of words": lambda: conv(kernel_size="('a', \"b\")"),
    "convolution of a kernel of 90,000": lambda: conv(kernel_size="(" + "9," * 90_000 + ")"),
    "convolution of no groups": lambda: conv(groups="0"),
    "convolution of -1 groups": lambda: conv(groups="-1"),
    "convolution of 7 groups": lambda: conv(groups="7"),
    "convolution of groups without end": lambda: conv(groups="1e99999"),
    "convolution of True groups": lambda: conv(groups="True"),
    "convolution of no strides": lambda: conv(stride="(0, 0)"),
    "convolution of bias=maybe": lambda: conv(bias="maybe"),
    "convolution of bias=None": lambda: conv(bias="None"),
    "convolution of padding in words": lambda: conv(padding="valid", padding_mode="<b>"),
    "convolution that says all twice": lambda: conv(**{"stride": "1, stride=2, stride=3"}),
    "norm of no channels": lambda: net(CONV, "BatchNorm2d(0)"),
    "norm of eps nan": lambda: net(CONV, "BatchNorm2d(8, eps=nan)"),
    "norm of groups 0": lambda: net(CONV, "GroupNorm(0, 8)"),
    "norm of groups 3 of 8": lambda: net(CONV, "GroupNorm(3, 8)"),
    "norm of no shape": lambda: net(CONV, "LayerNorm((), eps=1e-05)"),
    "norm of 10**15 axes' worth": lambda: net(CONV, f"LayerNorm(({'999999999999999,' * 50}))"),
    "LSTM of 10**15 layers": lambda: net("LSTM(1, 1, num_layers=999999999999999, bidirectional=True)"),
    "LSTM of -1 layers": lambda: net("LSTM(1, 1, num_layers=-1)"),
    "embedding of words": lambda: net("Embedding(a, b, padding_idx=c)"),
    "attention": lambda: net("MultiheadAttention((out_proj): NonDynamicallyQuantizableLinear(4, 4))"),
    "bilinear of 10**15": lambda: net(
        "Bilinear(in1_features=999999999999999, in2_features=999999999999999, out_features=9)"
    ),
    "PReLU of nothing": lambda: net(CONV, "PReLU(num_parameters=0)"),
    "Softmax of a dimension of 10**15": lambda: net(CONV, "Softmax(dim=999999999999999)"),
}
CASES |= {
    f"name {at}": lambda name=name: f"Net(\n  ({name[:90]}): {CONV}\n  (b): BatchNorm2d(8)\n)".encode()
    for at, name in enumerate(NAMES)
}
CASES |= {f"kind {at}": lambda name=name: net(f"A{name}({name})") for at, name in enumerate(NAMES)}
CASES |= {
    f"{kind} cut at {at}/8": lambda d=d, at=at: d[: len(d) * at // 8] for kind, d in VALID.items() for at in range(1, 8)
}
