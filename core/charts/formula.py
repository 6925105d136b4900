"""One number of a feature map as a formula to its end: kernel times patch gives products; their sum, + b, activation.

It is HTML, not a chart: it follows a slider as fast as a sentence does, and wraps on a phone.
"""

from collections.abc import Iterable
from html import escape

import numpy as np
from numpy.typing import NDArray

from ..arms import WITH, WITHOUT
from ..format import MINUS, say
from .palette import DARK, LIGHT, ORDER, Ramp, ramp_colours

Floats = NDArray[np.floating]

STYLE = """<style>
.formula { display: flex; flex-wrap: wrap; align-items: center; gap: 0.6rem 0.9rem; font-size: 0.8125rem;
  font-variant-numeric: tabular-nums; --with: light-dark(WITH); --without: light-dark(OTHER); }
.formula:not(:first-child) { margin-top: 0.8rem; }
.formula .grids { display: flex; flex-wrap: wrap; align-items: center; gap: 0.4rem; margin: 0.2rem 0; }
.formula .head { opacity: 0.8; margin-bottom: 0.15rem; }
.formula .grid { display: grid; gap: 2px; }
.formula .grid b { display: grid; place-items: center; width: 2.2rem; height: 1.9rem; border-radius: 2px;
  font-size: 0.75rem; font-weight: 400; }
.formula .ends { flex: 1 1 17rem; max-width: 26rem; display: grid; align-items: stretch; gap: 0.5rem 0.3rem;
  grid-template-columns: 5.6rem 1fr 4.6rem 1fr 5.4rem; }
.formula .box { padding: 0.25rem 0.2rem; text-align: center; line-height: 1.35; border-radius: 0.35rem;
  border: 2px solid light-dark(#7B8480, #8A938F); }
.formula .box strong { display: block; font-size: 0.9375rem; }
.formula .sum { grid-row: span 2; display: grid; align-content: center; }
.formula .with { border-color: var(--with); }
.formula .without { border: 2px dashed var(--without); }
.formula .arrow { position: relative; align-self: center; height: 2px; min-width: 0.7rem; background: var(--with); }
.formula .arrow::after { content: ""; position: absolute; right: 0; top: -4px;
  border: 5px solid transparent; border-right: 0; border-left: 7px solid var(--with); }
.formula .long { grid-column: span 3; background: var(--without); }
.formula .long::after { border-left-color: var(--without); }
@media (max-width: 640px) {
  .formula .grid b { width: 1.95rem; }
  .formula .grids { gap: 0.3rem 0.2rem; }
  .formula .many b { width: 1.2rem; height: 1.2rem; font-size: 0; } /* colours alone */
}
</style>"""
for word, arm in (("WITH", WITH), ("OTHER", WITHOUT)):
    STYLE = STYLE.replace(word, ", ".join(colours[ORDER.index(arm)] for colours in (LIGHT, DARK)))


def formula(
    weights: Floats,
    patch: Floats,
    *,
    total: float,
    bias: float,
    outputs: dict[str, float],
    activation: str,
    channels: Iterable[str] = ("red", "green", "blue"),
) -> str:
    """The formula as HTML, for a page that holds `STYLE` once: styles that are written anew make it slow to follow.

    `weights`, `patch`: (channels, kernel_h, kernel_w); `total`: the sum of their products; `outputs`: arm -> what the
    map shows; `activation`: its name for a reader. The kernel and the products are coloured around 0, each to its own
    largest, the patch in greys from 0 to 1.
    """
    products = weights * patch
    names = list(channels) if len(weights) > 1 else [""] * len(weights)
    rows = zip(names, weights, patch, products, strict=False)
    grids = "".join(_channel(*row, _reach(weights), _reach(products)) for row in rows)
    with_bias, without = (_number(outputs[arm]) for arm in (WITH, WITHOUT))
    name, added = escape(activation), _number(bias)
    ends = (
        _box("sum", "Σ, their sum", _number(total)),
        '<div class="arrow"></div>',
        _box("with", "+ b", added),
        '<div class="arrow"></div>',
        _box("with", name, with_bias),
        '<div class="arrow long"></div>',
        _box("without", f"{name}, no b", without),
    )
    spoken = f"The products add up to {_number(total)}; with b = {added} {name} gives {with_bias}, without b {without}."
    return (
        f'<div class="formula" role="img" aria-label="{spoken}"><div>{grids}</div>'
        f'<div class="ends">{"".join(ends)}</div></div>'
    )


def _channel(
    name: str, weights: Floats, patch: Floats, products: Floats, reach: float, reach_of_products: float
) -> str:
    """One row: kernel × patch = products."""
    head = f" ({escape(name)})" if name else ""
    return (
        f'<div class="grids">{_grid(f"kernel{head}", weights, -reach, reach, "signed")}×'
        f"{_grid('patch', patch, 0.0, 1.0, 'grey')}="
        f"{_grid('products', products, -reach_of_products, reach_of_products, 'signed')}</div>"
    )


def _grid(head: str, values: Floats, low: float, high: float, ramp: Ramp) -> str:
    cells = "".join(
        f'<b style="background:{colour};color:{_ink(colour)}">{_cell(value)}</b>'
        for colour, value in zip(ramp_colours(values.ravel(), low, high, ramp), values.ravel().tolist(), strict=True)
    )
    across = f"grid-template-columns:repeat({values.shape[1]},auto)"
    kind = "grid many" if values.shape[1] > 3 else "grid"
    return f'<div><div class="head">{head}</div><div class="{kind}" style="{across}">{cells}</div></div>'


def _box(kind: str, head: str, number: str) -> str:
    return f'<div class="box {kind}">{head}<strong>{number}</strong></div>'


def _reach(values: Floats) -> float:
    return float(np.abs(values).max()) or 1.0


def _ink(colour: str) -> str:
    """Black or white, whichever has more contrast with the ground: at least 4.5 to 1."""
    red, green, blue = ((int(colour[place : place + 2], 16) / 255) ** 2.2 for place in (1, 3, 5))
    return "#000000" if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.18 else "#ffffff"


def _cell(value: float) -> str:
    """Two decimals; fewer of a large number; 0 without any."""
    size = abs(value)
    digits = 2 if size < 10 else 1 if size < 100 else 0
    text = f"{round(value, digits) + 0.0:.{digits}f}" if size < 1e4 else f"{value:.0e}"  # never -0.00
    return text.replace("-", MINUS) if value else "0"


def _number(value: float) -> str:
    """Three decimals, so that a column of numbers adds up to the eye; `say`'s digits of a large or a tiny one."""
    if value and not 0.001 <= abs(value) < 100:
        return say(value)
    return f"{value:.3f}".replace("-", MINUS)
