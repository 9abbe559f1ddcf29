"""XPath as it stands in an XForm: its tree, the words for what is wrong with it, what it refers to, what it yields.

The workbook's own language for indicators is `forms.expression`. Tokens, words for slips, tree and parser have a module
each; this is the language as others use it.
"""

from forms.xpath.functions import BROWSER_FUNCTIONS, FUNCTIONS, Function
from forms.xpath.parser import parse_xpath
from forms.xpath.references import Comparison, comparisons, filter_references, references, resolve
from forms.xpath.tokens import XPathInvalid
from forms.xpath.tree import (
    Binary,
    Call,
    Filtered,
    Negation,
    Number,
    Path,
    Step,
    Text,
    Variable,
    XPath,
    children,
    functions_called,
    text_of,
    variables,
    walk,
    written_literal,
)

__all__ = [
    "BROWSER_FUNCTIONS",
    "FUNCTIONS",
    "Binary",
    "Call",
    "Comparison",
    "Filtered",
    "Function",
    "Negation",
    "Number",
    "Path",
    "Step",
    "Text",
    "Variable",
    "XPath",
    "XPathInvalid",
    "children",
    "comparisons",
    "filter_references",
    "functions_called",
    "parse_xpath",
    "references",
    "resolve",
    "text_of",
    "variables",
    "walk",
    "written_literal",
]
