"""The functions of numbers."""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal

from forms.xpath.calls.arguments import CalledFunction, each_number, nodes_of
from forms.xpath.context import Context
from forms.xpath.values import NotEvaluable, Value, single, to_index, to_number, to_whole


def _round(context: Context, arguments: Sequence[Value]) -> Value:
    number = to_number(arguments[0], context.zone)
    places = to_index(arguments[1], context.zone) if len(arguments) > 1 else 0
    if math.isnan(number) or math.isinf(number):
        return number
    if abs(places) > 30:
        return math.nan
    if places < 0:
        shifted = math.trunc(float(Decimal(repr(number)).scaleb(places)) + 0.5)
        return float(Decimal(shifted).scaleb(-places))
    # Halves go up towards positive infinity, as XPath wants: away from zero above it, towards zero below.
    rounding = ROUND_HALF_DOWN if number < 0 else ROUND_HALF_UP
    if abs(number) >= 1e15:
        return number
    return float(Decimal(repr(number)).quantize(Decimal(1).scaleb(-places), rounding=rounding))


def _reckon(function: Callable[..., float]) -> CalledFunction:
    """A function of numbers; outside of its domain NaN, as in Java."""

    def reckoned(context: Context, arguments: Sequence[Value]) -> Value:
        ones = [single(argument, context.zone) for argument in arguments]
        if any(isinstance(one, datetime) for one in ones):
            raise NotEvaluable("a moment as a number with decimals depends on the tablet")
        numbers = [to_number(one, context.zone) for one in ones]
        if any(math.isnan(number) for number in numbers):
            return math.nan
        try:
            return float(function(*numbers))
        except OverflowError:
            return math.inf
        except (ValueError, ZeroDivisionError):
            return math.nan

    return reckoned


def _logarithm(logarithm: Callable[[float], float]) -> Callable[[float], float]:
    return lambda number: -math.inf if number == 0 else logarithm(number)


def _power(base: float, exponent: float) -> float:
    if base == 0 and exponent < 0:
        return math.inf
    return math.pow(base, exponent)


FUNCTIONS: Mapping[str, CalledFunction] = {
    "number": lambda context, arguments: to_number(arguments[0], context.zone),
    "int": lambda context, arguments: to_whole(arguments[0], context.zone),
    "round": _round,
    "abs": _reckon(abs),
    "acos": _reckon(math.acos),
    "asin": _reckon(math.asin),
    "atan": _reckon(math.atan),
    "atan2": _reckon(math.atan2),
    "cos": _reckon(math.cos),
    "exp": _reckon(math.exp),
    "exp10": _reckon(lambda exponent: _power(10.0, exponent)),
    "log": _reckon(_logarithm(math.log)),
    "log10": _reckon(_logarithm(math.log10)),
    "pi": lambda _context, _arguments: math.pi,
    "pow": _reckon(_power),
    "sin": _reckon(math.sin),
    "sqrt": _reckon(math.sqrt),
    "tan": _reckon(math.tan),
    "sum": lambda context, arguments: math.fsum(each_number(context, [nodes_of(arguments[0])])),
    # JavaRosa starts from Double.MIN_VALUE, the smallest number above zero.
    "max": lambda context, arguments: (
        max([*found, math.ulp(0.0)]) if (found := each_number(context, arguments)) else math.nan
    ),
    "min": lambda context, arguments: min(each_number(context, arguments), default=math.nan),
}
