"""The functions of ODK XForms, as JavaRosa evaluates them. What depends on dice, devices or places is NotEvaluable.

A module for each kind of function, with its `FUNCTIONS`; how many arguments each takes is `forms.xpath.functions`.
Source: the bytecode of `org.javarosa.xpath.expr.XPathFuncExpr`; its oddities are kept (`max` of negative numbers).
"""

import math
from collections.abc import Callable, Mapping

from forms.xpath.calls import conditions, moments, nodes, numbers, texts
from forms.xpath.calls.arguments import CalledFunction
from forms.xpath.calls.indexed_repeat import indexed_repeat
from forms.xpath.context import Compiled, Context
from forms.xpath.functions import FUNCTIONS
from forms.xpath.tree import Call, Path, XPath
from forms.xpath.values import NotEvaluable, Value, single, to_boolean

_FUNCTIONS: Mapping[str, CalledFunction] = {
    **conditions.FUNCTIONS,
    **numbers.FUNCTIONS,
    **texts.FUNCTIONS,
    **moments.FUNCTIONS,
    **nodes.FUNCTIONS,
}


def compile_call(call: Call, compile_xpath: Callable[[XPath], Compiled]) -> Compiled:
    """Return the function that evaluates a call. Raises NotEvaluable for an unknown function or a wrong count."""
    name, count = call.function, len(call.arguments)
    known = FUNCTIONS.get(name)
    if known is None or not known.takes(count):
        raise NotEvaluable(f"JavaRosa has no {name}() of {count} arguments")
    if name == "indexed-repeat":
        return indexed_repeat(call, [compile_xpath(index) for index in call.arguments[2::2]])
    if name == "position" and not (count == 0 or isinstance(call.arguments[0], Path)):
        raise NotEvaluable("position() of what is no path")
    arguments = [compile_xpath(argument) for argument in call.arguments]
    if name == "if":
        condition, then, otherwise = arguments
        return lambda context: (then if to_boolean(condition(context), context.zone) else otherwise)(context)
    if name == "coalesce":
        first, second = arguments
        return lambda context: _coalesced(first(context), second, context)
    if name not in _FUNCTIONS:
        raise NotEvaluable(f"{name}() depends on what only the tablet has")
    function = _FUNCTIONS[name]
    return lambda context: function(context, [argument(context) for argument in arguments])


def _coalesced(first: Value, second: Compiled, context: Context) -> Value:
    one = single(first, context.zone)
    is_blank = one == "" or (isinstance(one, float) and math.isnan(one))
    return second(context) if is_blank else first
