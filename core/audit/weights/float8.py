"""Floats of eight bits, which numpy does not know: a sign, an exponent e of 4 or 5 bits, and the rest.

A code's number is 2^(e - bias) (1 + m / 2^n_m), and 2^(1 - bias) m / 2^n_m where e = 0. F8_E4M3 (bias 7) has no
infinity, and only its largest code is no number; F8_E5M2 (bias 15) is the upper half of a float16.

Source: Micikevicius et al. 2022, FP8 formats for deep learning, https://arxiv.org/abs/2209.05433.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SIGN = 0x80
OVERFLOW = {"F8_E4M3": 0x7F, "F8_E5M2": 0x7C}
"""Type -> the code that larger numbers get: no number, infinity."""
_N_MANTISSA = {"F8_E4M3": 3, "F8_E5M2": 2}


def _as_if_finite(dtype: str) -> Floats:
    """The numbers of the codes from 0 to 127, as if none stood for infinity or no number."""
    codes, n_bits = np.arange(SIGN), _N_MANTISSA[dtype]
    exponent, mantissa = codes >> n_bits, (codes & (2**n_bits - 1)) / 2**n_bits
    bias = 2 ** (6 - n_bits) - 1
    numbers: Floats = np.where(exponent == 0, mantissa * 2.0 ** (1 - bias), (1 + mantissa) * 2.0 ** (exponent - bias))
    return numbers


_FINITE = {dtype: _as_if_finite(dtype) for dtype in OVERFLOW}


def decode_float8(content: bytes, dtype: str) -> Floats:
    """Bytes as float64.

    Examples
    --------
    >>> decode_float8(bytes([0x38, 0xB8, 0x7E]), "F8_E4M3").tolist()
    [1.0, -1.0, 448.0]
    """
    codes, numbers = np.frombuffer(content, np.uint8), _FINITE[dtype].copy()
    numbers[OVERFLOW[dtype] :] = np.nan
    if dtype == "F8_E5M2":
        numbers[OVERFLOW[dtype]] = np.inf
    decoded: Floats = np.where(codes & SIGN, -1.0, 1.0) * numbers[codes & (SIGN - 1)]
    return decoded


def encode_float8(numbers: Floats, dtype: str) -> bytes:
    """Float64 as bytes, each number rounded to the nearest, of two as near to the even code.

    Examples
    --------
    >>> encode_float8(np.array([1.0, -1.0, 1.06, 1000.0]), "F8_E4M3").hex()
    '38b8387f'
    """
    finite, size = _FINITE[dtype][: OVERFLOW[dtype] + 1], np.abs(numbers)
    middles = (finite[1:] + finite[:-1]) / 2
    codes = np.searchsorted(middles, size, side="left")
    at_middle = np.isin(size, middles)
    codes = np.where(at_middle & (codes % 2 == 1), codes + 1, codes)
    codes = np.where(np.isnan(numbers), 0x7F, codes)
    return (codes | np.where(np.signbit(numbers), SIGN, 0)).astype(np.uint8).tobytes()
