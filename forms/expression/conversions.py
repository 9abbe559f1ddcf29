"""How one kind of value becomes another in the workbook's expressions, and how values are reckoned; None is unknown."""

import math
import re
from datetime import UTC, date, datetime, time, timedelta

from forms.expression.answers import Kind, Undefined, Value
from forms.expression.tree import Expression, Number, Text
from forms.text import Bilingual

_NUMERAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?")
_DATETIME = re.compile(rf"{_DATE.pattern}T{_TIME.pattern}(?:Z|[+-][0-9]{{2}}:[0-9]{{2}})?")
_DAY_SECONDS = 86_400


def as_number(value: Value) -> float | None:
    """The value as a number; None for what is none, and for what is too large to be one."""
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, float):
        return value
    text = " ".join(value) if isinstance(value, tuple) else value
    if not isinstance(text, str) or not _NUMERAL.fullmatch(text.strip()):
        return None
    number = float(text)
    return number if math.isfinite(number) else None


def as_text(value: Value) -> str:
    """The value as a text: 7.0 as `7`, a truth as `1` or `0`, codes with spaces between; unknown as nothing."""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float):
        return str(int(value)) if value == math.trunc(value) and abs(value) < 1e15 else repr(value)
    if isinstance(value, tuple):
        return " ".join(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return "" if value is None else str(value)


def words(value: Value) -> list[str]:
    """The words of a text, the codes of a select_multiple."""
    return list(value) if isinstance(value, tuple) else as_text(value).split()


def of_kind(value: Value, kind: Kind) -> Value:
    """The value of one branch as the kind of all of them: beside a text a number becomes a text."""
    if value is None:
        return None
    if kind is Kind.TEXT:
        return as_text(value)
    return as_number(value) if kind is Kind.NUMBER and isinstance(value, bool) else value


def literal(expression: Expression) -> str:
    """A literal as it is written; nothing for what is none."""
    match expression:
        case Text(value):
            return value
        case Number(text):
            return text
        case _:
            return ""


def moments(a: Value, b: Value) -> tuple[datetime, datetime] | tuple[time, time] | None:
    """Two values to be compared as moments; None where one is no date or time.

    Raises Undefined for a moment beside a number, or a time of day beside a date.
    """
    if isinstance(a, time) or isinstance(b, time):
        clocks = _clock(a), _clock(b)
        return None if clocks[0] is None or clocks[1] is None else (clocks[0], clocks[1])
    has_times = isinstance(a, datetime) or isinstance(b, datetime)
    days = _moment(a, has_times=has_times), _moment(b, has_times=has_times)
    return None if days[0] is None or days[1] is None else (days[0], days[1])


def _clock(value: Value) -> time | None:
    if isinstance(value, str):
        try:
            return time.fromisoformat(value) if _TIME.fullmatch(value) else None
        except ValueError:
            return None
    if not isinstance(value, time):
        raise Undefined(_no_moments())
    return value


def _moment(value: Value, *, has_times: bool) -> datetime | None:
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    if not isinstance(value, str):
        raise Undefined(_no_moments())
    is_written = _DATE.fullmatch(value) or (has_times and _DATETIME.fullmatch(value))
    try:
        moment = datetime.fromisoformat(value) if is_written else None
    except ValueError:
        return None
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=UTC)


def _no_moments() -> Bilingual:
    return Bilingual(
        "A date or a time is compared with something that is none.",
        "Une date ou une heure est comparée à ce qui n'en est pas une.",
    )


def junction(sign: str, left: bool | None, right: bool | None) -> bool | None:  # noqa: FBT001 - two truths
    """`and`, `or` of three values, as in SQL."""
    decisive = sign == "or"
    if decisive in (left, right):
        return decisive
    return None if None in (left, right) else not decisive


def arithmetic(sign: str, a: float, b: float) -> float | None:
    """What two numbers yield; None beyond the numbers and for a division by zero. `mod` takes the dividend's sign."""
    try:
        match sign:
            case "+":
                number = a + b
            case "-":
                number = a - b
            case "*":
                number = a * b
            case "div":
                number = a / b
            case _:
                number = math.fmod(a, b)
    except (ZeroDivisionError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def shifted(sign: str, a: Value, b: Value, kinds: tuple[Kind, Kind]) -> Value:
    """A date less a date in days, or a date some days on."""
    is_difference = sign == "-" and not {Kind.NUMBER, Kind.BOOLEAN}.intersection(kinds)
    is_shift = kinds[0] is Kind.DATE or (sign == "+" and kinds[1] is Kind.DATE)
    has_two_moments = kinds[0].is_moment and kinds[1].is_moment
    if Kind.TIME in kinds or sign not in ("+", "-") or not (is_difference or (is_shift and not has_two_moments)):
        raise Undefined(Bilingual(f"`{sign}` has no meaning here.", f"`{sign}` n'a pas de sens ici."))
    if a is None or b is None:
        return None
    if is_difference:
        # Less a date there can only be a date, and of a date: a text beside one is read as one.
        both = moments(*(as_text(value) if isinstance(value, tuple) else value for value in (a, b)))
        if both is None or not isinstance(both[0], datetime) or not isinstance(both[1], datetime):
            return None
        return (both[0] - both[1]).total_seconds() / _DAY_SECONDS
    start, shift = (a, b) if kinds[0].is_moment else (b, a)
    number = as_number(shift)
    if number is None or not isinstance(start, date):
        return None
    days = math.trunc(number)
    try:
        return start + timedelta(days=-days if sign == "-" else days)
    except OverflowError:
        return None
