"""The functions of ODK XForms: how many arguments each takes, and what kind of value it yields.

Source: the names and counts that `org.javarosa.xpath.expr.XPathFuncExpr` tests for in the JavaRosa that ODK Validate
1.20 carries, the handlers that ODK Collect and the form itself add, and the ODK XForms specification.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Yields = Literal["number", "text", "boolean", "date", "nodes", "any"]


@dataclass(frozen=True, slots=True)
class Function:
    """A function. maximum: None where any number may follow. step: further arguments come this many at a time."""

    minimum: int
    maximum: int | None
    returns: Yields
    step: int = 1

    def takes(self, count: int) -> bool:
        """Whether the function can be called with this many arguments."""
        if count < self.minimum or (self.maximum is not None and count > self.maximum):
            return False
        return (count - self.minimum) % self.step == 0

    @property
    def counts(self) -> str:
        """How many arguments it takes, as people say it: `2`, `1-2`, `2+`, `3, 5, 7, 9, 11`."""
        if self.maximum is None:
            return f"{self.minimum}+"
        if self.step > 1:
            return ", ".join(str(count) for count in range(self.minimum, self.maximum + 1, self.step))
        return str(self.minimum) if self.maximum == self.minimum else f"{self.minimum}-{self.maximum}"


FUNCTIONS: Mapping[str, Function] = {
    # Logic
    "true": Function(0, 0, "boolean"),
    "false": Function(0, 0, "boolean"),
    "boolean": Function(1, 1, "boolean"),
    "boolean-from-string": Function(1, 1, "boolean"),
    "not": Function(1, 1, "boolean"),
    "if": Function(3, 3, "any"),
    "coalesce": Function(2, 2, "any"),
    "once": Function(1, 1, "text"),
    "checklist": Function(2, None, "boolean"),
    "weighted-checklist": Function(2, None, "boolean", step=2),
    "depend": Function(1, None, "any"),
    # Numbers
    "number": Function(1, 1, "number"),
    "int": Function(1, 1, "number"),
    "round": Function(1, 2, "number"),
    "abs": Function(1, 1, "number"),
    "acos": Function(1, 1, "number"),
    "asin": Function(1, 1, "number"),
    "atan": Function(1, 1, "number"),
    "atan2": Function(2, 2, "number"),
    "cos": Function(1, 1, "number"),
    "exp": Function(1, 1, "number"),
    "exp10": Function(1, 1, "number"),
    "log": Function(1, 1, "number"),
    "log10": Function(1, 1, "number"),
    "pi": Function(0, 0, "number"),
    "pow": Function(2, 2, "number"),
    "sin": Function(1, 1, "number"),
    "sqrt": Function(1, 1, "number"),
    "tan": Function(1, 1, "number"),
    "random": Function(0, 0, "number"),
    # Over nodes
    "count": Function(1, 1, "number"),
    "count-non-empty": Function(1, 1, "number"),
    "sum": Function(1, 1, "number"),
    "max": Function(1, None, "number"),
    "min": Function(1, None, "number"),
    "position": Function(0, 1, "number"),
    "randomize": Function(1, 2, "nodes"),
    "instance": Function(1, 1, "nodes"),
    "current": Function(0, 0, "nodes"),
    "indexed-repeat": Function(3, 11, "any", step=2),
    # Text
    "string": Function(1, 1, "text"),
    "concat": Function(0, None, "text"),
    "join": Function(1, None, "text"),
    "substr": Function(2, 3, "text"),
    "substring-before": Function(2, 2, "text"),
    "substring-after": Function(2, 2, "text"),
    "translate": Function(3, 3, "text"),
    "contains": Function(2, 2, "boolean"),
    "starts-with": Function(2, 2, "boolean"),
    "ends-with": Function(2, 2, "boolean"),
    "string-length": Function(0, 1, "number"),
    "normalize-space": Function(0, 1, "text"),
    "regex": Function(2, 2, "boolean"),
    "uuid": Function(0, 1, "text"),
    "digest": Function(2, 3, "text"),
    "base64-decode": Function(1, 1, "text"),
    "extract-signed": Function(2, 2, "text"),
    # Choices
    "selected": Function(2, 2, "boolean"),
    "is-selected": Function(2, 2, "boolean"),
    "count-selected": Function(1, 1, "number"),
    "selected-at": Function(2, 2, "text"),
    "jr:choice-name": Function(2, 2, "text"),
    "jr:itext": Function(1, 1, "text"),
    # Dates
    "today": Function(0, 0, "date"),
    "now": Function(0, 0, "date"),
    "date": Function(1, 1, "date"),
    "date-time": Function(1, 1, "date"),
    "decimal-date-time": Function(1, 1, "number"),
    "decimal-time": Function(1, 1, "number"),
    "format-date": Function(2, 2, "text"),
    "format-date-time": Function(2, 2, "text"),
    # Places
    "area": Function(1, 1, "number"),
    "enclosed-area": Function(1, 1, "number"),
    "distance": Function(1, None, "number"),
    "geofence": Function(2, 2, "boolean"),
    # The form, its files and its device
    "pulldata": Function(4, 4, "text"),
    "search": Function(1, 6, "boolean"),
    "version": Function(0, 0, "text"),
    "property": Function(1, 1, "text"),
}
"""Every function that ODK Collect evaluates, `search` (of appearances alone) included."""

BROWSER_FUNCTIONS: Mapping[str, Function] = {
    "ceiling": Function(1, 1, "number"),
    "floor": Function(1, 1, "number"),
    "id": Function(1, 1, "nodes"),
    "lang": Function(1, 1, "boolean"),
    "last": Function(0, 0, "number"),
    "local-name": Function(0, 1, "text"),
    "name": Function(0, 1, "text"),
    "namespace-uri": Function(0, 1, "text"),
    "substring": Function(2, 3, "text"),
}
"""Functions of XPath 1.0 (section 4) that JavaRosa lacks: they work in a web form (Enketo) and stop ODK Collect."""
