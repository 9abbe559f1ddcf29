"""What a form's expressions yield at the question that is being asked, computed by JavaRosa itself.

An answerer looks here before it answers: `. <= ${adults}` means nothing without the answer to `adults`. What the
expressions say is `forms.xpath`.
"""

import math
from dataclasses import dataclass, field
from typing import Any

from jpype import JException

from forms.javarosa.machine import JAVAROSA, java


@dataclass
class Expressions:
    """The expressions of one form as JavaRosa parsed them, each parsed once. None: JavaRosa cannot parse it."""

    parsed: dict[str, Any] = field(default_factory=dict)

    def parse(self, expression: str) -> Any:
        """Return JavaRosa's XPathExpression."""
        if expression not in self.parsed:
            try:
                self.parsed[expression] = java(JAVAROSA + "xpath.XPathParseTool").parseXPath(expression)
            except JException:
                self.parsed[expression] = None
        return self.parsed[expression]


@dataclass(frozen=True, slots=True)
class Circumstances:
    """The form as answered so far, seen from one question. form: JavaRosa's FormDef; reference: the question's node."""

    form: Any
    reference: Any
    expressions: Expressions

    def number(self, expression: str, candidate: Any = None) -> float:
        """Return the expression as a number, dates in days since 1970; NaN where it has none.

        candidate: what `.` stands for, as JavaRosa's IAnswerData; without it `.` is what the form holds.
        """
        value = self._value(expression, candidate)
        if value is None:
            return math.nan
        try:
            return float(java(JAVAROSA + "xpath.expr.XPathFuncExpr").toNumeric(value))
        except JException:
            return math.nan

    def text(self, expression: str) -> str:
        """Return the expression as text; empty where it has no value."""
        value = self._value(expression, None)
        return "" if value is None else str(java(JAVAROSA + "xpath.expr.XPathFuncExpr").toString(value))

    def truth(self, expression: str) -> bool | None:
        """Return whether the expression is true; None where JavaRosa cannot tell."""
        value = self._value(expression, None)
        return None if value is None else bool(java(JAVAROSA + "xpath.expr.XPathFuncExpr").toBoolean(value))

    def _value(self, expression: str, candidate: Any) -> Any:
        """The unpacked value, or None where JavaRosa cannot evaluate it here."""
        parsed = self.expressions.parse(expression)
        if parsed is None:
            return None
        context = java(JAVAROSA + "core.model.condition.EvaluationContext")(
            self.form.getEvaluationContext(), self.reference
        )
        if candidate is not None:
            # As FormDef.evaluateConstraint does: `.` is then the candidate.
            context.isConstraint = True
            context.candidateValue = candidate
        try:
            value = parsed.eval(self.form.getMainInstance(), context)
            return java(JAVAROSA + "xpath.expr.XPathFuncExpr").unpack(value)
        except JException:
            return None
