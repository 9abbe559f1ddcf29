"""The functions of truths: what holds, and how many of a list do."""

from collections.abc import Mapping, Sequence

from forms.xpath.calls.arguments import CalledFunction, each_value
from forms.xpath.context import Context
from forms.xpath.values import NotEvaluable, Value, to_boolean, to_index, to_number, to_text


def _checklist(context: Context, arguments: Sequence[Value]) -> Value:
    least, most = (to_index(argument, context.zone) for argument in arguments[:2])
    flags = each_value(context, arguments[2:])
    count = sum(to_boolean(flag, context.zone) for flag in flags)
    return not ((least >= 0 and count < least) or (most >= 0 and count > most))


def _weighted_checklist(context: Context, arguments: Sequence[Value]) -> Value:
    least, most = (to_number(argument, context.zone) for argument in arguments[:2])
    flags, weights = list(arguments[2::2]), list(arguments[3::2])
    if len(flags) == 1 and isinstance(flags[0], list) and isinstance(weights[0], list):
        if len(flags[0]) != len(weights[0]):
            raise NotEvaluable("weighted-checklist() of lists of different length")
        flags, weights = each_value(context, flags), each_value(context, weights)
    total = sum(
        to_number(weight, context.zone)
        for flag, weight in zip(flags, weights, strict=True)
        if to_boolean(flag, context.zone)
    )
    return least <= total <= most


FUNCTIONS: Mapping[str, CalledFunction] = {
    "true": lambda _context, _arguments: True,
    "false": lambda _context, _arguments: False,
    "boolean": lambda context, arguments: to_boolean(arguments[0], context.zone),
    "boolean-from-string": lambda context, arguments: to_text(arguments[0], context.zone).lower() in ("true", "1"),
    "not": lambda context, arguments: not to_boolean(arguments[0], context.zone),
    "checklist": _checklist,
    "weighted-checklist": _weighted_checklist,
    "depend": lambda _context, arguments: arguments[0],
}
