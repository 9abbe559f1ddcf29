"""The XPath of many organisations' forms: all of it is read, and every question it names is found."""

import csv
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from lxml import etree

from forms.form import Form
from forms.read import read_form
from forms.recheck.definition import Expression, form_rules
from forms.xpath import XPath, filter_references, parse_xpath, references

pytestmark = pytest.mark.slow

REPEAT = "{http://www.w3.org/2002/xforms}repeat"
COUNT = "{http://openrosa.org/javarosa}count"

# Two designers wrote these words without quotes; ODK Validate lets a path through that leads nowhere.
NO_QUESTIONS = {("waterpoints.xls", "basic"), ("whova_form.xlsx", "null")}


@dataclass(frozen=True)
class Written:
    """An expression of a form. owner: path of what it belongs to. Parsing it raises XPathInvalid."""

    owner: str
    text: str
    is_filter: bool = False

    @property
    def tree(self) -> XPath:
        return parse_xpath(self.text)

    @property
    def references(self) -> tuple[str, ...]:
        return (filter_references if self.is_filter else references)(self.tree, self.owner)


@pytest.fixture(scope="module")
def accepted(shared: Path) -> dict[str, Form]:
    """The forms that both pyxform and ODK Validate accept, by file."""
    folder = shared / "corpus"
    with warnings.catch_warnings(), (folder / "manifest.csv").open(encoding="utf-8", newline="") as manifest:
        # openpyxl tells of styles and extensions that no form depends on.
        warnings.simplefilter("ignore", UserWarning)
        rows = [row for row in csv.DictReader(manifest) if row["pyxform_ok"] == row["validate_ok"] == "True"]
        return {row["file"]: read_form((folder / row["file"]).read_bytes(), Path(row["file"]).name) for row in rows}


def written(form: Form) -> Iterator[Written]:
    for group in form.groups:
        if group.relevant is not None:
            yield Written(group.path, group.relevant)
    for question in form.questions:
        for text in (question.relevant, question.constraint, question.required, question.calculation):
            if text is not None:
                yield Written(question.path, text)
        if question.choice_filter is not None:
            yield Written(question.path, question.choice_filter, is_filter=True)
    for repeat in etree.fromstring(form.xform).iter(REPEAT):
        count = repeat.get(COUNT)
        if count is not None:
            yield Written((repeat.get("nodeset") or "").split("/", 2)[2], count)


def test_every_expression_of_an_accepted_form_is_read(accepted: dict[str, Form]):
    trees = [each.tree for form in accepted.values() for each in written(form)]

    assert len(accepted) > 200
    assert len(trees) > 4000


def test_every_question_that_an_expression_names_is_found(accepted: dict[str, Form]):
    lost = set()
    for file, form in accepted.items():
        known = {*form.by_path, *(group.path for group in form.groups)}
        for each in written(form):
            lost |= {(Path(file).name, path.rpartition("/")[2]) for path in each.references if path not in known}

    assert lost == NO_QUESTIONS


def test_of_all_rules_only_what_the_tablet_alone_knows_is_beyond_the_recheck(accepted: dict[str, Form]):
    reasons = set()
    for form in accepted.values():
        for definition in form_rules(form.xform).root.walk():
            rules: tuple[Expression | None, ...] = (
                definition.relevant,
                definition.required,
                definition.constraint,
                definition.calculation,
                definition.read_only,
                definition.count,
            )
            reasons |= {rule.reason for rule in rules if rule is not None and rule.compiled is None}

    assert reasons == {
        f"{function}() depends on what only the tablet has" for function in ("jr:choice-name", "jr:itext", "random")
    }
