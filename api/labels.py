"""What things are called on a page: variables, choices and indicators in the reader's language.

Labels come from the workbook (`label::Français (fr)`) and, for choices kept in a CSV, from its label columns.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from io import StringIO

from forms.form import Form, Labels
from forms.interpretation import IndicatorRow
from forms.text import Language
from transform.figures import Domain

_LANGUAGE_NAMES: Mapping[Language, tuple[str, ...]] = {
    "en": ("english", "anglais"),
    "fr": ("français", "francais", "french"),
}
_DEFAULT = "default"


@dataclass(frozen=True)
class Lexicon:
    """The words of one form in one language. `files`: its CSVs by file name, as bytes."""

    form: Form
    files: Mapping[str, bytes]
    language: Language

    @property
    def speaks_for_a_population(self) -> bool:
        """Whether figures say something of people who were not asked: not those of a purposive sample."""
        design = self.form.interpretation.design
        return design is None or design.kind != "purposive"

    def title(self) -> str:
        """Return the title of the form."""
        return self.form.title or self.form.form_id

    def indicator(self, indicator: IndicatorRow) -> str:
        """Return the indicator's label, else that of the question it reads, else its name."""
        own = self.text(indicator.labels)
        if own:
            return own
        return self.variable(indicator.questions[0]) if len(indicator.questions) == 1 else indicator.name

    def variable(self, name: str) -> str:
        """Return the label of a question or derived variable, else its name."""
        return self.text(self._labels_of_variable(name)) or name

    def code(self, variable: str, code: str) -> str:
        """Return the label of one choice of a variable, else the code itself."""
        return self._codes(variable).get(code) or code

    def domain(self, domain: Domain) -> tuple[str, ...]:
        """Return the labels of a domain's codes in the order of its variables; empty for the total."""
        return tuple(self.code(variable, code) for variable, code in domain.items())

    def text(self, labels: Labels) -> str:
        """Return the text in the reader's language, else the form's default language, else any; "" where none is."""
        for wanted in (self._is_ours, lambda name: name == _DEFAULT, lambda name: name in self.form.languages):
            for name, text in labels.items():
                if wanted(name) and text.strip():
                    return " ".join(text.split())
        return ""

    def _is_ours(self, name: str) -> bool:
        lowered = name.strip().lower()
        return (
            lowered == self.language
            or lowered.endswith(f"({self.language})")
            or any(lowered.startswith(word) for word in _LANGUAGE_NAMES[self.language])
        )

    def _labels_of_variable(self, name: str) -> Labels:
        if name in self._derived:
            return self._derived[name][0]
        question = self.form.by_name.get(name)
        return question.labels if question is not None else {}

    @cached_property
    def _derived(self) -> Mapping[str, tuple[Labels, str | None]]:
        return {derived.name: (derived.labels, derived.list_name) for derived in self.form.interpretation.derived}

    @cached_property
    def _by_list(self) -> dict[str, Mapping[str, str]]:
        return {}

    def _codes(self, variable: str) -> Mapping[str, str]:
        question = self.form.by_name.get(variable)
        list_name = self._derived[variable][1] if variable in self._derived else None
        file_name = None
        if question is not None and list_name is None:
            list_name, file_name = question.list_name, question.file_name
        if list_name is None:
            return {}
        if list_name not in self._by_list:
            self._by_list[list_name] = self._read_list(list_name, file_name)
        return self._by_list[list_name]

    def _read_list(self, list_name: str, file_name: str | None) -> Mapping[str, str]:
        if list_name in self.form.lists:
            return {choice.name: self.text(choice.labels) for choice in self.form.lists[list_name]}
        rows = self.files.get(file_name or f"{list_name}.csv")
        return self._read_csv(rows) if rows is not None else {}

    def _read_csv(self, content: bytes) -> Mapping[str, str]:
        reader = csv.DictReader(StringIO(content.decode("utf-8-sig", errors="replace")))
        columns = {
            column: column.partition("::")[2].strip() or column.partition("_")[2].strip() or _DEFAULT
            for column in reader.fieldnames or ()
            if column.split("::")[0].strip() == "label" or column.startswith("label_")
        }
        return {
            row["name"]: self.text({language: row[column] or "" for column, language in columns.items()})
            for row in reader
            if row.get("name")
        }


def domain_text(domain: Domain) -> str:
    """Return a domain as programs write it: `area=Koro&sex=f`; `total` for all."""
    return "&".join(f"{variable}={code}" for variable, code in domain.items()) or "total"


def table_text(by: Sequence[str]) -> str:
    """Return a table as the workbook writes it: `area*sex`; `total` for all."""
    return "*".join(by) or "total"
