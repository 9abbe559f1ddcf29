"""The expression language of the workbook: XLSForm's own, a closed subset, read into a tree.

What a tree means in SQL (three-valued) is for transform; whether its names and literals exist for `forms.sheets`.
Tokens, tree and parser have a module each; this is the language as others use it. Grammar: docs/workbook.md.
"""

from forms.expression.parser import FUNCTIONS, parse
from forms.expression.tokens import ExpressionInvalid
from forms.expression.tree import (
    Binary,
    Call,
    Expression,
    Negation,
    Number,
    Text,
    Variable,
    children,
    variables,
    walk,
)

__all__ = [
    "FUNCTIONS",
    "Binary",
    "Call",
    "Expression",
    "ExpressionInvalid",
    "Negation",
    "Number",
    "Text",
    "Variable",
    "children",
    "parse",
    "variables",
    "walk",
]
