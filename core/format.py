"""How a number is written in a sentence: three significant digits, a true minus sign."""

import math
from numbers import Integral
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

MINUS = "\u2212"
SUPERSCRIPTS = str.maketrans("-0123456789", "\u207b\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079")


def say(value: float) -> str:
    """Write a number for a reader.

    Three significant digits, thousands set apart by commas, a true minus sign (U+2212); powers of ten below 0.001 and
    from a million on; "undefined" for NaN. Whole numbers (``int``) are counts and are written in full.

    Examples
    --------
    >>> say(3.2001), say(-0.5), say(1234.5), say(1234)
    ('3.20', '−0.500', '1,230', '1,234')
    >>> say(0.0), say(1.5e-7), say(float("nan"))
    ('0', '1.50 × 10⁻⁷', 'undefined')
    """
    if isinstance(value, Integral):
        return f"{int(value):,}".replace("-", MINUS)
    if math.isnan(value):
        return "undefined"
    if math.isinf(value):
        return "infinity" if value > 0 else MINUS + "infinity"
    return (MINUS if value < 0 else "") + _magnitude(abs(value))


def _magnitude(size: float) -> str:
    if size == 0:
        return "0"
    mantissa, _, exponent = f"{size:.2e}".partition("e")
    power = int(exponent)
    if not -3 <= power < 6:
        return f"{mantissa} × 10{str(power).translate(SUPERSCRIPTS)}"
    return f"{float(f'{size:.2e}'):,.{max(2 - power, 0)}f}"


def exactly(value: float, digits: int = 5) -> str:
    """Write a number where the digits are the point; a large one to the whole.

    Examples
    --------
    >>> exactly(2.884), exactly(-40.7836), exactly(146580.4)
    ('2.8840', '−40.784', '146,580')
    """
    if value and not 1e-4 <= abs(value) < 1e6:
        return say(value)
    written = f"{value:,.0f}" if abs(value) >= 10**digits - 0.5 else f"{value:#,.{digits}g}".rstrip(".")
    return written.replace("-", MINUS) if value else "0"


def percent(share: float) -> str:
    """Write a share of pictures, 0 to 1, as per cent with one decimal.

    Examples
    --------
    >>> percent(0.9611)
    '96.1%'
    """
    return f"{100 * share:.1f}%"


def setting(value: float) -> str:
    """Write a number as somebody set it: no digit more than it needs, at most ten.

    Examples
    --------
    >>> setting(-0.06), setting(2.0)
    ('−0.06', '2')
    """
    return f"{value:.10g}".replace("-", MINUS)


def for_reading(frame: "pd.DataFrame") -> "pd.DataFrame":
    """A frame for reading: numbers as `say` writes them, blanks for what is missing, words in the column names.

    Examples
    --------
    >>> import pandas as pd
    >>> for_reading(pd.DataFrame({"mean_error": [2.0001, float("nan"), pd.NA, None, "word"]})).to_dict("list")
    {'mean error': ['2.00', '', '', '', 'word']}
    """
    import pandas as pd

    def cell(value: Any) -> str:
        return value if isinstance(value, str) else "" if pd.isna(value) else say(value)

    return pd.DataFrame({str(name).replace("_", " "): [cell(value) for value in frame[name]] for name in frame})
