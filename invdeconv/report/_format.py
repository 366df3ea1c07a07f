"""How the page prints a number; `script.js` does the same, and a test compares the two.

============  =========================================================================
style         meaning
============  =========================================================================
``d``         whole number
``f2``        two decimals; ``+f2`` with a sign always
``s4``        four significant digits, as a power of ten outside 10⁻⁴ … 10⁶
``c3``        three significant digits without trailing zeros; rounding errors are 0
``p1``        per cent, one decimal
============  =========================================================================

Halves are rounded away from zero on the exact binary value: what JavaScript does.
"""

from __future__ import annotations

import decimal
import re
from typing import Any

__all__ = ["SUPERSCRIPTS", "format_number"]

_STYLE = re.compile(r"(\+?)([dfscp])(\d*)")
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_CONTEXT = decimal.Context(prec=800, rounding=decimal.ROUND_HALF_UP, Emin=-2000, Emax=2000)
_ROUNDING = 1e-9


def format_number(value: Any, style: str) -> str:
    """Return `value` as text: None is a dash, "inf" and "-inf" are infinite."""
    if value is None:
        return "–"
    value = float(value)
    matched = _STYLE.fullmatch(style)
    if matched is None:
        raise ValueError(f"unknown number style {style!r}")
    sign, kind, digits = matched[1], matched[2], int(matched[3] or 0)
    magnitude = abs(value)
    if magnitude == float("inf"):
        text = "∞"
    elif kind == "s":
        text = _significant(magnitude, digits)
    elif kind == "c":
        text = _compact(magnitude, digits)
    elif kind == "p":
        text = _fixed(100 * magnitude, digits) + " %"
    else:
        text = _fixed(magnitude, digits)
    if not re.search("[1-9∞]", text):
        return text
    return ("−" if value < 0 else "+" if sign else "") + text


def _fixed(magnitude: float, decimals: int) -> str:
    exact = decimal.Decimal(magnitude)
    return format(exact.quantize(decimal.Decimal(1).scaleb(-decimals), context=_CONTEXT), "f")


def _digits(magnitude: float, count: int) -> tuple[str, int]:
    """Return the significant digits and the exponent of the first one."""
    context = decimal.Context(prec=count, rounding=decimal.ROUND_HALF_UP)
    rounded = context.create_decimal(decimal.Decimal(magnitude))
    digits = "".join(map(str, rounded.as_tuple().digits))
    return digits.ljust(count, "0"), rounded.adjusted()


def _significant(magnitude: float, count: int) -> str:
    if magnitude == 0:
        return "0"
    digits, exponent = _digits(magnitude, count)
    if -4 <= exponent < 6:
        return _place(digits, exponent)
    mantissa = digits[0] + ("." + digits[1:] if count > 1 else "")
    return f"{mantissa}×10{str(exponent).translate(SUPERSCRIPTS)}"


def _place(digits: str, exponent: int) -> str:
    if exponent < 0:
        return "0." + "0" * (-exponent - 1) + digits
    whole = digits[: exponent + 1].ljust(exponent + 1, "0")
    part = digits[exponent + 1 :]
    return whole + ("." + part if part else "")


def _compact(magnitude: float, count: int) -> str:
    if magnitude < _ROUNDING:
        return "0"
    text = _significant(magnitude, count)
    return re.sub(r"\.?0+$", "", text) if "." in text and "×" not in text else text
