"""The functions of dates and times, in the zone of the tablet."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime

from forms.xpath.calls.arguments import CalledFunction
from forms.xpath.context import Context
from forms.xpath.java_text import formatted
from forms.xpath.values import Value, midnight, single, to_moment, to_text


def _decimal_moment(context: Context, arguments: Sequence[Value]) -> Value:
    one = single(arguments[0], context.zone)
    if isinstance(one, float):
        return one
    moment = to_moment(one, context.zone, with_time=True)
    return moment.timestamp() / 86_400 if isinstance(moment, datetime) else moment


def _decimal_time(context: Context, arguments: Sequence[Value]) -> Value:
    one = single(arguments[0], context.zone)
    if isinstance(one, float):
        return one - math.floor(one) if math.isfinite(one) else one
    moment = to_moment(one, context.zone, with_time=True)
    if not isinstance(moment, datetime):
        return moment
    local = moment.astimezone(context.zone)
    return (local - local.replace(hour=0, minute=0, second=0, microsecond=0)).total_seconds() / 86_400


def _format_date(context: Context, arguments: Sequence[Value]) -> Value:
    moment = to_moment(arguments[0], context.zone, with_time=True)
    pattern = to_text(arguments[1], context.zone)
    return formatted(moment, pattern, context.zone) if isinstance(moment, datetime) else ""


FUNCTIONS: Mapping[str, CalledFunction] = {
    "today": lambda context, _arguments: midnight(context.around.now.date(), context.zone),
    "now": lambda context, _arguments: context.around.now,
    "date": lambda context, arguments: to_moment(arguments[0], context.zone, with_time=False),
    "date-time": lambda context, arguments: to_moment(arguments[0], context.zone, with_time=True),
    "decimal-date-time": _decimal_moment,
    "decimal-time": _decimal_time,
    "format-date": _format_date,
    "format-date-time": _format_date,
}
