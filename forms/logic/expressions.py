"""The expressions of a form, each parsed once, with the column they were typed in.

Those that the form keeps are taken from there, where each name is a path; the others from their cells, and their names
become paths here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from forms.form import Form
from forms.sheets.survey_rows import SurveyRow, header_of
from forms.workbook.references import REFERENCE
from forms.workbook.workbook import Sheet
from forms.xpath.parser import parse_xpath
from forms.xpath.tokens import XPathInvalid
from forms.xpath.tree import XPath


class Role(StrEnum):
    """What an expression does; the column of XLSForm it is typed in."""

    RELEVANT = "relevant"
    CONSTRAINT = "constraint"
    REQUIRED = "required"
    CALCULATION = "calculation"
    CHOICE_FILTER = "choice_filter"
    REPEAT_COUNT = "repeat_count"
    READ_ONLY = "read_only"
    DEFAULT = "default"

    @property
    def columns(self) -> tuple[str, ...]:
        """The headers under which it may stand, spaces as underscores (pyxform 4.5 `aliases.survey_header`)."""
        return (self.value, *_ALSO_CALLED.get(self.value, ()))


_ALSO_CALLED = {
    "relevant": ("relevance", "bind::relevant", "bind:relevant"),
    "constraint": ("bind::constraint", "bind:constraint"),
    "required": ("bind::required", "bind:required"),
    "calculation": ("calculate", "bind::calculate", "bind:calculate"),
    "repeat_count": ("count", "jr:count"),
    "read_only": ("readonly", "bind::readonly", "bind:readonly"),
}
_TYPED_ONLY = (Role.REPEAT_COUNT, Role.READ_ONLY, Role.DEFAULT)
_CONSTANT_WORDS = frozenset({"yes", "no", "true", "false", "true()", "false()"})


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression of the form. owner: path of the question or group; text: as in the XForm."""

    owner: str
    role: Role
    text: str
    tree: XPath


def form_expressions(form: Form, rows: Mapping[str, SurveyRow], survey: Sheet) -> tuple[Expression, ...]:
    """Return the expressions of a form in its order; those that do not parse are left out (others tell of them)."""
    trees: dict[str, XPath | None] = {}
    found: list[Expression] = []
    for owner, role, text in (*_compiled(form), *_typed(form, rows, survey)):
        if text not in trees:
            trees[text] = _parsed(text)
        tree = trees[text]
        if tree is not None:
            found.append(Expression(owner, role, text, tree))
    return tuple(found)


def _compiled(form: Form) -> Iterator[tuple[str, Role, str]]:
    for group in form.groups:
        if group.relevant is not None:
            yield group.path, Role.RELEVANT, group.relevant
    for question in form.questions:
        for role, text in (
            (Role.RELEVANT, question.relevant),
            (Role.CONSTRAINT, question.constraint),
            (Role.REQUIRED, question.required),
            (Role.CALCULATION, question.calculation),
            (Role.CHOICE_FILTER, question.choice_filter),
        ):
            if text is not None:
                yield question.path, role, text


def _typed(form: Form, rows: Mapping[str, SurveyRow], survey: Sheet) -> Iterator[tuple[str, Role, str]]:
    paths = {name: question.path for name, question in form.by_name.items()}
    paths |= {group.path.rsplit("/", 1)[-1]: group.path for group in form.groups}
    for role in _TYPED_ONLY:
        header = header_of(survey, role.columns)
        for row in rows.values() if header is not None else ():
            text = row.row.text(header or "")
            if text and text.casefold() not in _CONSTANT_WORDS and (role is not Role.DEFAULT or is_dynamic(text)):
                yield row.path, role, REFERENCE.sub(lambda name: f" /data/{paths.get(name[1], name[1])} ", text)


def is_dynamic(default: str) -> bool:
    """Whether a default is an expression, as pyxform sees it: it refers to a question or calls a function."""
    return "${" in default or default.endswith(")")


def _parsed(text: str) -> XPath | None:
    try:
        return parse_xpath(text)
    except XPathInvalid:
        return None
