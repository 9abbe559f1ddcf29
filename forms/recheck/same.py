"""Whether a calculated answer is what its expression yields, written one way or another."""

import math
from datetime import datetime, tzinfo

from forms.xpath.values import NotEvaluable, Value, moment_of, single, to_number, written


def is_same_answer(text: str, value: Value, data_type: str, zone: tzinfo) -> bool:
    """Whether a node's text stands for this value.

    Clients write `true` or `1`, `5` or `5.0`, a moment in this zone or that one. Raises NotEvaluable for several nodes.
    """
    one = single(value, zone)
    if written(one, data_type, zone) == text:
        return True
    if isinstance(one, bool):
        return text in (("true", "1") if one else ("false", "0"))
    if isinstance(one, datetime):
        return _is_moment(text, one, zone)
    number, found = to_number(one, zone), to_number(text, zone)
    if isinstance(one, float) or data_type in ("int", "decimal"):
        return math.isclose(number, found, rel_tol=1e-9, abs_tol=1e-9) or (math.isnan(number) and text == "")
    return False


def _is_moment(text: str, moment: datetime, zone: tzinfo) -> bool:
    if text == moment.astimezone(zone).date().isoformat():
        return True
    try:
        return moment_of(text, zone) == moment
    except NotEvaluable:
        return False
