"""How the answers of each data type are written. Source: ODK XForms specification, data types."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC
from itertools import pairwise

from forms.xpath.values import NotEvaluable, moment_of

_INT = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CLOCK = re.compile(r"[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)?")
_LEAST_INT, _GREATEST_INT = -(2**31), 2**31 - 1


def is_written_as(data_type: str, text: str) -> bool:
    """Whether an answer that is not blank is written as its data type wants it; any text will do for other types."""
    wanted = _WRITTEN.get(data_type)
    return wanted is None or wanted(text)


def _is_int(text: str) -> bool:
    return _INT.fullmatch(text) is not None and _LEAST_INT <= int(text) <= _GREATEST_INT


def _is_date(text: str) -> bool:
    return _DATE.fullmatch(text) is not None and _exists(text)


def _is_date_time(text: str) -> bool:
    day, sign, clock = text.partition("T")
    return bool(sign) and _is_date(day) and _CLOCK.fullmatch(clock) is not None and _exists(text)


def _is_time(text: str) -> bool:
    return _CLOCK.fullmatch(text) is not None and _exists(f"2000-01-01T{text}")


def _exists(text: str) -> bool:
    try:
        moment_of(text, UTC)
    except NotEvaluable:
        return False
    return True


def _is_point(text: str) -> bool:
    """`lat lon`, with altitude and accuracy behind them or not."""
    parts = text.split()
    if not 2 <= len(parts) <= 4 or not all(_DECIMAL.fullmatch(part) for part in parts):
        return False
    return -90 <= float(parts[0]) <= 90 and -180 <= float(parts[1]) <= 180 and (len(parts) < 4 or float(parts[3]) >= 0)


def _points(text: str) -> list[str]:
    return [point.strip() for point in text.strip().removesuffix(";").split(";")]


def _is_trace(text: str) -> bool:
    points = _points(text)
    return len(points) >= 2 and all(map(_is_point, points))


def _is_shape(text: str) -> bool:
    """A line that comes back to where it began, around at least three corners."""
    points = _points(text)
    return len(points) >= 4 and points[0] == points[-1] and _is_trace(text) and any(a != b for a, b in pairwise(points))


_WRITTEN: Mapping[str, Callable[[str], bool]] = {
    "int": _is_int,
    "integer": _is_int,
    "decimal": lambda text: _DECIMAL.fullmatch(text) is not None,
    "date": _is_date,
    "time": _is_time,
    "dateTime": _is_date_time,
    "boolean": lambda text: text in ("true", "false", "1", "0"),
    "geopoint": _is_point,
    "geotrace": _is_trace,
    "geoshape": _is_shape,
}
