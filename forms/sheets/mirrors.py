"""Check that mirrored indicators of several forms can stand beside each other: same measure, same codes, same count."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from forms.finding import Finding, Findings, Place
from forms.form import Form
from forms.interpretation import IndicatorRow
from forms.sheets.scope import Scope, Subject
from forms.workbook.workbook import Workbook, plain

Codes: TypeAlias = tuple[frozenset[str] | None, ...]
"""Valid codes of each thing that an indicator reads; None where it has none, or they come from a file."""


def check_mirrors(
    forms: Sequence[Form], workbooks: Mapping[str, Workbook] | None = None
) -> Mapping[str, list[Finding]]:
    """Return, by form_id, what is wrong with the mirrors of these forms; each names an indicator of another of them.

    workbooks: by form_id, for the row of each indicator; findings name the sheet and column alone where it is absent.
    """
    by_id = {form.form_id: form for form in forms}
    return {form_id: _of_form(form, by_id, (workbooks or {}).get(form_id)) for form_id, form in by_id.items()}


def _of_form(form: Form, by_id: Mapping[str, Form], workbook: Workbook | None) -> list[Finding]:
    findings = Findings()
    scope = Scope(form, form.interpretation.derived)
    for indicator in form.interpretation.indicators:
        if indicator.mirror is None:
            continue
        form_id, _, name = indicator.mirror.partition(":")
        place = _place(indicator.name, workbook)
        other_form = by_id.get(form_id)
        if other_form is None:
            findings.info(
                "mirror_not_checked",
                place,
                f"The form {form_id} is not among those checked. Give its workbook too, or correct its id.",
                f"Le formulaire {form_id} n'est pas parmi ceux vérifiés. Donnez aussi son classeur, ou corrigez son "
                "identifiant.",
            )
            continue
        other = next((row for row in other_form.interpretation.indicators if row.name == name), None)
        if other is None:
            findings.error(
                "mirror_absent",
                place,
                f"The form {form_id} has no indicator {name}.",
                f"Le formulaire {form_id} n'a pas d'indicateur {name}.",
            )
            continue
        pair = _Pair(_Side(indicator, scope), _Side(other, Scope(other_form, other_form.interpretation.derived)))
        pair.check(place, findings)
    return [_located(finding, workbook) for finding in findings.found]


@dataclass(frozen=True)
class _Side:
    """An indicator and what its names stand for."""

    indicator: IndicatorRow
    scope: Scope

    @property
    def subjects(self) -> tuple[Subject, ...]:
        return tuple(subject for name in self.indicator.questions if (subject := self.scope.find(name)) is not None)

    @property
    def codes(self) -> Codes:
        return tuple(
            frozenset(subject.valid_codes) if subject.valid_codes is not None else None for subject in self.subjects
        )

    @property
    def may_be_a_share(self) -> bool:
        """Whether this is a mean that can lie between 0 and 1: of a fraction, or of answers that are 0 or 1."""
        if self.indicator.measure != "mean":
            return False
        return all(
            subject.type == "decimal" or (subject.valid_codes is not None and set(subject.valid_codes) <= {"0", "1"})
            for subject in self.subjects
        )


@dataclass(frozen=True)
class _Pair:
    this: _Side
    other: _Side

    def check(self, place: Place, findings: Findings) -> None:
        this, other = self.this.indicator, self.other.indicator
        name = this.mirror or ""
        if this.measure != other.measure:
            if not self._guesses_a_share():
                findings.error(
                    "mirror_measure",
                    place,
                    f"{this.name} is a {this.measure} and {name} a {other.measure}: only the same measure compares, or "
                    "the mean of a guess between 0 and 1 with a share.",
                    f"{this.name} est de mesure {this.measure} et {name} de mesure {other.measure} : seule la même "
                    "mesure se compare, ou la moyenne d'une estimation entre 0 et 1 avec une part.",
                )
            return
        if self.this.codes != self.other.codes:
            one, two = _written(self.this.codes), _written(self.other.codes)
            findings.error(
                "mirror_codes",
                place,
                f"{this.name} has the valid codes {one}, and {name} {two}: another scale does not compare.",
                f"{this.name} a les codes valides {one}, et {name} {two} : une autre échelle ne se compare pas.",
            )
        elif {*this.counts} != {*other.counts} or {*this.against} != {*other.against}:
            findings.error(
                "mirror_counts",
                place,
                f"{this.name} counts {_sides(this)}, and {name} {_sides(other)}: count the same codes.",
                f"{this.name} compte {_sides(this)}, et {name} {_sides(other)} : comptez les mêmes codes.",
            )
        elif {*this.base} != {*other.base}:
            findings.warning(
                "mirror_base",
                place,
                f"The base of {this.name} is {' '.join(this.base)}, that of {name} {' '.join(other.base)}.",
                f"La base de {this.name} est {' '.join(this.base)}, celle de {name} {' '.join(other.base)}.",
            )

    def _guesses_a_share(self) -> bool:
        """The share that people guess beside the share that is: "of ten residents, how many trust you?"."""
        measures = {self.this.indicator.measure, self.other.indicator.measure}
        return measures == {"mean", "share"} and (self.this.may_be_a_share or self.other.may_be_a_share)


def _place(indicator: str, workbook: Workbook | None) -> Place:
    sheet = workbook.sheet("indicators") if workbook is not None else None
    if sheet is None:
        return Place("indicators", None, "mirror")
    header = sheet.header_by_key.get("name", "")
    row = next((row.number for row in sheet.rows if plain(row.text(header)) == plain(indicator)), None)
    return Place(sheet.name, row, "mirror")


def _located(finding: Finding, workbook: Workbook | None) -> Finding:
    sheet = workbook.sheet("indicators") if workbook is not None else None
    if sheet is None or finding.row is None:
        return finding
    return replace(finding, cell=sheet.cell_name(finding.row, "mirror"))


def _written(codes: Codes) -> str:
    return " / ".join(" ".join(sorted(each)) if each is not None else "-" for each in codes) or "-"


def _sides(indicator: IndicatorRow) -> str:
    counts = " ".join(indicator.counts)
    return f"{counts} - {' '.join(indicator.against)}" if indicator.against else counts
