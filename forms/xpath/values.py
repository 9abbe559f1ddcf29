"""The values of XPath as JavaRosa has them, and how it turns one kind into another.

A value is a text, a number, a boolean, a moment (Java's Date; a date is its midnight) or a list of nodes. Source: the
bytecode of `org.javarosa.xpath.expr.XPathFuncExpr` (toNumeric, toString, toBoolean, unpack).
"""

import math
import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TypeAlias

from forms.xpath.nodes import Node

Value: TypeAlias = str | float | bool | datetime | list[Node]
Single: TypeAlias = str | float | bool | datetime

# Numbers nearer to one another than this are one number to JavaRosa.
CLOSE = 1e-12
_NUMERAL = re.compile(r"-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)", re.ASCII)
_DATE = re.compile(r"(?P<y>[0-9]{4})-(?P<m>[0-9]{1,2})-(?P<d>[0-9]{1,2})")
_TIME = re.compile(
    r"(?P<H>[0-9]{1,2}):(?P<M>[0-9]{2})(?::(?P<S>[0-9]{2})(?:\.(?P<f>[0-9]{1,9}))?)?"
    r"(?P<zone>Z|(?P<sign>[+-])(?P<zh>[0-9]{2})(?::?(?P<zm>[0-9]{2}))?)?"
)
_EPOCH = date(1970, 1, 1)
_INT_MAX, _INT_MIN = 2**31 - 1, -(2**31)


class NotEvaluable(Exception):
    """An expression whose value cannot be known here, or that JavaRosa itself refuses; never a guess in its place."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def single(value: Value, zone: tzinfo) -> Single:
    """The one value of a node list: "" where it is empty. Raises NotEvaluable for several nodes, as JavaRosa does."""
    if not isinstance(value, list):
        return value
    if not value:
        return ""
    if len(value) > 1:
        raise NotEvaluable(f"{value[0].name} is repeated: which of {len(value)} answers is meant?")
    return node_value(value[0], zone)


def node_value(node: Node, zone: tzinfo) -> Single:
    """The answer in a node, of the kind its bind says; "" where it is blank."""
    text = node.text
    if not text or node.kind == "string":
        return text
    match node.kind:
        case "int" | "integer" | "decimal" | "long":
            return to_number(text, zone) if _NUMERAL.fullmatch(text) else text
        case "date" | "dateTime" | "time":
            return moment_of(text if node.kind != "time" else f"1970-01-01T{text}", zone)
        case "boolean":
            return text in ("true", "1")
        case _:
            return text


def to_number(value: Value, zone: tzinfo) -> float:
    """The value as a number: a moment in whole days since 1970, what is no number as NaN."""
    one = single(value, zone)
    if isinstance(one, bool):
        return 1.0 if one else 0.0
    if isinstance(one, float):
        return one
    if isinstance(one, datetime):
        return float((one.astimezone(zone).date() - _EPOCH).days)
    # JavaRosa reads a decimal comma; Java's trim takes away all signs up to the space.
    numeral = one.replace(",", ".").strip("".join(map(chr, range(33))))
    return float(numeral) if _NUMERAL.fullmatch(numeral) else math.nan


def to_text(value: Value, zone: tzinfo) -> str:
    """The value as a text: a moment as its date, 5.0 as `5`."""
    one = single(value, zone)
    if isinstance(one, str):
        return one
    if isinstance(one, bool):
        return "true" if one else "false"
    if isinstance(one, datetime):
        return one.astimezone(zone).date().isoformat()
    return number_text(one)


def to_boolean(value: Value, zone: tzinfo) -> bool:
    """The value as a condition: a text that is not empty holds, `'false'` too."""
    one = single(value, zone)
    if isinstance(one, bool):
        return one
    if isinstance(one, float):
        return abs(one) > CLOSE and not math.isnan(one)
    return bool(one)


def to_whole(value: Value, zone: tzinfo) -> float:
    """The value without its decimals, towards zero."""
    number = to_number(value, zone)
    return number if math.isnan(number) or math.isinf(number) else float(math.trunc(number))


def to_index(value: Value, zone: tzinfo) -> int:
    """The value as Java's int: NaN is 0, and beyond its range stands its nearest end."""
    whole = to_whole(value, zone)
    return 0 if math.isnan(whole) else int(max(_INT_MIN, min(_INT_MAX, whole)))


def to_moment(value: Value, zone: tzinfo, *, with_time: bool) -> Single:
    """The value as a moment; blank and NaN stay what they are. Raises NotEvaluable for what is no date."""
    one = single(value, zone)
    if isinstance(one, bool):
        raise NotEvaluable("a boolean is no date")
    if isinstance(one, float):
        if math.isnan(one):
            return one
        if math.isinf(one) or not _INT_MIN <= one <= _INT_MAX:
            raise NotEvaluable(f"{one} is out of range for a date")
        return _moment_of_days(one, zone, with_time=with_time)
    if isinstance(one, str):
        # JavaRosa keeps the time of a text even where a date is asked for.
        return moment_of(one, zone) if one else one
    return one if with_time else midnight(one.astimezone(zone).date(), zone)


def moment_of(text: str, zone: tzinfo) -> datetime:
    """The moment a text names, `2026-11-22` or `2026-11-22T10:00:00.000+01:00`. Raises NotEvaluable for others."""
    day, _, clock = text.partition("T")
    found_day, found_clock = _DATE.fullmatch(day), _TIME.fullmatch(clock) if clock else None
    if found_day is None or (clock and found_clock is None):
        raise NotEvaluable(f"{text!r} is no date")
    try:
        start = datetime(int(found_day["y"]), int(found_day["m"]), int(found_day["d"]), tzinfo=zone)
        return start if found_clock is None else _at(start, found_clock)
    except (ValueError, OverflowError) as error:
        raise NotEvaluable(f"{text!r} is no date") from error


def midnight(day: date, zone: tzinfo) -> datetime:
    """The moment a day begins."""
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def number_text(number: float) -> str:
    """A number as Java writes it: `5`, `0.5`, `3.0E9`, `NaN`."""
    if math.isnan(number):
        return "NaN"
    if abs(number) < CLOSE:
        return "0"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    whole = int(max(_INT_MIN, min(_INT_MAX, number)))
    return str(whole) if abs(number - whole) < CLOSE else java_double(number)


def java_double(number: float) -> str:
    """A finite number as Java's Double.toString writes it: decimals always, an exponent from 1e7 and below 1e-3."""
    if number == 0 or 1e-3 <= abs(number) < 1e7:
        return repr(number) if "e" not in repr(number) else f"{number:f}"
    mantissa, _, exponent = f"{number:.16e}".partition("e")
    # The shortest digits that give the number back, which is what both languages print.
    for digits in range(17):
        mantissa, _, exponent = f"{number:.{digits}e}".partition("e")
        if float(f"{mantissa}e{exponent}") == number:
            break
    return f"{mantissa if '.' in mantissa else mantissa + '.0'}E{int(exponent)}"


def written(value: Value, kind: str, zone: tzinfo) -> str:
    """The value as JavaRosa writes the result of a calculation into a node of this data type; NaN is blank.

    Raises NotEvaluable where JavaRosa refuses to write it.
    """
    one = single(value, zone)
    if one == "" or (isinstance(one, float) and math.isnan(one)):
        return ""
    if kind == "int" and isinstance(one, float) and math.isfinite(one):
        return str(to_index(one, zone))
    if kind == "date" and isinstance(one, datetime):
        return one.astimezone(zone).date().isoformat()
    return _untyped(one, zone)


def moment_text(moment: datetime, zone: tzinfo) -> str:
    """The moment as a submission writes it, `2026-11-22T10:00:00.000+01:00`."""
    text = moment.astimezone(zone).isoformat(timespec="milliseconds")
    return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text


def _untyped(one: Single, zone: tzinfo) -> str:
    if isinstance(one, bool):
        return "1" if one else "0"
    if isinstance(one, float):
        is_whole = math.isfinite(one) and one == math.trunc(one) and abs(one) < 2**63
        return str(int(one)) if is_whole else number_text(one)
    return moment_text(one, zone) if isinstance(one, datetime) else one


def equal(left: Value, right: Value, zone: tzinfo) -> bool:
    """Whether `=` holds: as booleans if one is a boolean, else as numbers if one is a number, else as texts."""
    a, b = single(left, zone), single(right, zone)
    if isinstance(a, bool) or isinstance(b, bool):
        return to_boolean(a, zone) == to_boolean(b, zone)
    if isinstance(a, float) or isinstance(b, float):
        return abs(to_number(a, zone) - to_number(b, zone)) < CLOSE
    return to_text(a, zone) == to_text(b, zone)


def _moment_of_days(days: float, zone: tzinfo, *, with_time: bool) -> datetime:
    try:
        if with_time:
            return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=math.trunc(days * 86_400_000))
        return midnight(_EPOCH + timedelta(days=math.trunc(days)), zone)
    except OverflowError as error:
        raise NotEvaluable(f"{days} is out of range for a date") from error


def _at(start: datetime, clock: re.Match[str]) -> datetime:
    zone = start.tzinfo
    if clock["zone"]:
        minutes = int(clock["zh"] or 0) * 60 + int(clock["zm"] or 0)
        offset = timedelta(minutes=-minutes if clock["sign"] == "-" else minutes)
        start = start.replace(tzinfo=UTC)
    else:
        offset = timedelta()
    moment = start.replace(
        hour=int(clock["H"]),
        minute=int(clock["M"]),
        second=int(clock["S"] or 0),
        # Java's Date holds milliseconds.
        microsecond=int((clock["f"] or "0")[:3].ljust(3, "0")) * 1000,
    )
    return (moment - offset).astimezone(zone)
