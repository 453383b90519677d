"""Numbers and names as a reader wants them."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from graftwork.study import Interval

_NAMES = {
    "mse": "mean squared error",
    "mse_own_units": "mean squared error in own units",
    "rmse": "root mean squared error",
    "mae": "mean absolute error",
    "r2": "R²",
    "roc_auc": "ROC AUC",
    "mmd": "maximum mean discrepancy",
    "sliced_wasserstein": "sliced Wasserstein distance",
    "judge_frechet": "judge: Fréchet distance",
    "judge_score": "judge: classes seen",
    "judge_sure": "judge: sure of",
    "judge_accuracy": "judge: right about real images",
    "macs": "multiply-accumulates a row",
    "depth": "depth in networks",
    "layers": "depth in layers",
    "continue": "continue (control)",
}
NONE, _MINUS = "\N{EN DASH}", "\N{MINUS SIGN}"
NO_BREAK = "\N{NO-BREAK SPACE}"
_LONGEST = 28


def plain(identifier: str) -> str:
    """What a person calls an operator, a metric, a policy or a figure of complexity."""
    return _NAMES.get(identifier, identifier.replace("_", " "))


def typeset(text: str) -> str:
    """Figures in a sentence with true minus signs, and with per cent signs that stay on their line.

    Example:
        >>> typeset("from -3 % on").replace(NO_BREAK, "_")
        'from −3_% on'
    """
    return re.sub(r"(?<![\w.])-(?=\d)", _MINUS, text).replace(" %", f"{NO_BREAK}%")


def capital(text: str) -> str:
    """With a capital letter in front, the rest as it is."""
    return text[:1].upper() + text[1:]


def short(text: str) -> str:
    """Cut to what a plot has room for."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def response_name(response: str) -> str:
    """What an effect is on: `skill:<kind>`, or a figure of complexity."""
    kind = response.removeprefix("skill:")
    return f"skill of {kind}" if kind != response else plain(response)


def number(value: float, digits: int = 3) -> str:
    """A figure, with a true minus sign; a dash where there is none.

    Example:
        >>> number(0.91234), number(-0.00001), number(float("nan"))
        ('0.912', '0.000', '–')
    """
    return _tidy(f"{value:.{digits}f}") if math.isfinite(value) else NONE


def error_value(value: float) -> str:
    """A figure in a metric's own unit, with digits that say something.

    Example:
        >>> error_value(0.0213), error_value(0.00123), error_value(1234.5)
        ('0.021', '0.0012', '1,234')
    """
    if abs(value) >= 1000:
        return _tidy(f"{value:,.0f}")
    return number(value) if not 0 < abs(value) < 0.01 else _tidy(f"{value:.2g}")


def signed(value: float, digits: int = 3) -> str:
    """A change, with its sign.

    Example:
        >>> signed(0.0123), signed(-0.2), signed(0.0)
        ('+0.012', '−0.200', '0.000')
    """
    text = number(value, digits)
    return f"+{text}" if value > 0 and not _is_zero(text) else text


def percent(log_ratio: float) -> str:
    """The logarithm of a ratio as a change in per cent.

    Example:
        >>> percent(0.0953), percent(0.0)
        ('+10 %', '0 %')
    """
    return f"{signed(100 * math.expm1(log_ratio), 0)} %"


def change(response: str, interval: Interval) -> str:
    """A median change with its interval: of skill as it is, of complexity in per cent."""
    write = signed if response.startswith("skill:") else percent
    return f"{write(interval.median)} [{write(interval.low)}, {write(interval.high)}]"


def p_value(value: float) -> str:
    """A p-value, or a corrected one."""
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def listed(names: Sequence[str]) -> str:
    """Names in a row: a, b and c."""
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)


def counted(count: int, noun: str, plural: str = "") -> str:
    """A number of things: 1 seed, 3 seeds."""
    return f"{count:,} {noun if count == 1 else plural or f'{noun}s'}"


def _tidy(text: str) -> str:
    """With a true minus sign, but none before what rounds to zero."""
    return text.removeprefix("-") if _is_zero(text) else text.replace("-", _MINUS)


def _is_zero(text: str) -> bool:
    return not any(digit in text for digit in "123456789")
