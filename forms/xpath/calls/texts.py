"""The functions of texts, and of the words that a select_multiple holds."""

import re
from collections.abc import Mapping, Sequence

from forms.xpath.calls.arguments import CalledFunction, each_value
from forms.xpath.context import Context
from forms.xpath.java_text import matches
from forms.xpath.values import NotEvaluable, Value, single, to_index, to_text

_SPACES = re.compile(r"\s+", re.ASCII)
_JAVA_SPACE = "".join(map(chr, range(33)))


def _words(context: Context, value: Value) -> list[str]:
    one = single(value, context.zone)
    if not isinstance(one, str):
        raise NotEvaluable("the words of what is no text")
    return one.split()


def _selected(context: Context, arguments: Sequence[Value]) -> Value:
    answer, choice = single(arguments[0], context.zone), single(arguments[1], context.zone)
    if not isinstance(choice, str) or not isinstance(answer, str):
        raise NotEvaluable("selected() of what is no text: the choice must be in quotes")
    return f" {choice.strip(_JAVA_SPACE)} " in f" {answer} "


def _selected_at(context: Context, arguments: Sequence[Value]) -> Value:
    words, place = _words(context, arguments[0]), to_index(arguments[1], context.zone)
    return words[place] if 0 <= place < len(words) else ""


def _substr(context: Context, arguments: Sequence[Value]) -> Value:
    text = to_text(arguments[0], context.zone)
    length = len(text)
    start = to_index(arguments[1], context.zone)
    end = to_index(arguments[2], context.zone) if len(arguments) > 2 else length
    start, end = (place + length if place < 0 else place for place in (start, end))
    return text[max(0, min(start, length)) : max(0, min(end, length))]


def _before(context: Context, arguments: Sequence[Value]) -> Value:
    text, sign = to_text(arguments[0], context.zone), to_text(arguments[1], context.zone)
    return text[: max(text.find(sign), 0)]


def _after(context: Context, arguments: Sequence[Value]) -> Value:
    text, sign = to_text(arguments[0], context.zone), to_text(arguments[1], context.zone)
    return text[text.find(sign) + len(sign) :] if sign in text else ""


def _translate(context: Context, arguments: Sequence[Value]) -> Value:
    text, old, new = (to_text(argument, context.zone) for argument in arguments)
    table: dict[str, str] = {}
    for place, sign in enumerate(old):
        table.setdefault(sign, new[place] if place < len(new) else "")
    return "".join(table.get(sign, sign) for sign in text)


def _own_or(context: Context, arguments: Sequence[Value]) -> str:
    return to_text(arguments[0] if arguments else [context.node], context.zone)


def _length(text: str) -> float:
    """In Java's char: an emoji is two."""
    return len(text.encode("utf-16-le", "surrogatepass")) / 2


FUNCTIONS: Mapping[str, CalledFunction] = {
    "string": lambda context, arguments: to_text(arguments[0], context.zone),
    "concat": lambda context, arguments: "".join(
        to_text(value, context.zone) for value in each_value(context, arguments)
    ),
    "join": lambda context, arguments: to_text(arguments[0], context.zone).join(
        to_text(value, context.zone) for value in each_value(context, arguments[1:])
    ),
    "substr": _substr,
    "substring-before": _before,
    "substring-after": _after,
    "translate": _translate,
    "contains": lambda context, arguments: to_text(arguments[1], context.zone) in to_text(arguments[0], context.zone),
    "starts-with": lambda context, arguments: to_text(arguments[0], context.zone).startswith(
        to_text(arguments[1], context.zone)
    ),
    "ends-with": lambda context, arguments: to_text(arguments[0], context.zone).endswith(
        to_text(arguments[1], context.zone)
    ),
    "string-length": lambda context, arguments: _length(_own_or(context, arguments)),
    "normalize-space": lambda context, arguments: _SPACES.sub(" ", _own_or(context, arguments).strip(_JAVA_SPACE)),
    "regex": lambda context, arguments: matches(
        to_text(arguments[0], context.zone), to_text(arguments[1], context.zone)
    ),
    "selected": _selected,
    "is-selected": _selected,
    "count-selected": lambda context, arguments: float(len(_words(context, arguments[0]))),
    "selected-at": _selected_at,
}
