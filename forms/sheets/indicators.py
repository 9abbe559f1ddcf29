"""Read the sheet `indicators`: one row a figure.

Whether a measure suits what it reads, and codes their list, is `forms.sheets.measures`'s.
"""

from dataclasses import dataclass

from forms.expression import Expression
from forms.finding import Findings
from forms.form import CodeKind
from forms.interpretation import DesignRow, IndicatorRow
from forms.sheets.cells import Columns, OurRow
from forms.sheets.expressions import check_expression, read_expression
from forms.sheets.levels import check_levels
from forms.sheets.measures import MEASURES, check_measure
from forms.sheets.names import is_name, meant
from forms.sheets.scope import Scope
from forms.sheets.tables import Tables, read_tables
from forms.workbook.workbook import plain

COLUMNS = Columns(
    names=("name", "measure", "question", "counts", "against", "base", "where", "unit", "by", "mirror"),
    required=("name", "measure"),
    lists=frozenset({"question", "counts", "against", "base", "by"}),
    has_labels=True,
)
UNITS = ("attempts", "entities")

_KINDS = tuple(str(kind) for kind in CodeKind)
_SHORT_BASES = {"answered": _KINDS, "asked": (*_KINDS, "blank"), "all": (*_KINDS, "blank", "not_asked")}
BASES = (*_KINDS, "blank", "not_asked", *_SHORT_BASES)
_NUMERIC_MEASURES = ("mean", "index", "total", "ratio", "duration")


def read_indicators(
    rows: list[OurRow], scope: Scope, design: DesignRow | None, findings: Findings
) -> tuple[IndicatorRow, ...]:
    """Return the indicators in the sheet's order; bases are written out (`asked` is all kinds and `blank`)."""
    read: dict[str, IndicatorRow] = {}
    for row in rows:
        indicator = _Reading(row, scope, design, findings).indicator()
        if indicator is None:
            continue
        if indicator.name.casefold() in read:
            findings.error(
                "indicator_twice",
                row.at("name"),
                f"{indicator.name} stands twice (capitals aside). A figure has one row: rename one of them.",
                f"{indicator.name} figure deux fois (majuscules à part). Un chiffre n'a qu'une ligne : renommez-en un.",
            )
            continue
        read[indicator.name.casefold()] = indicator
    return tuple(read.values())


@dataclass(frozen=True)
class _Reading:
    row: OurRow
    scope: Scope
    design: DesignRow | None
    findings: Findings

    def indicator(self) -> IndicatorRow | None:
        name, measure = self._name(), self._measure()
        unit = self._unit()
        where = self._where(unit)
        base = self._base(measure)
        by = self._by(self._repeat(unit))
        mirror = self._mirror()
        if name is None or measure is None:
            return None
        questions = check_measure(self.row, measure, base, self.scope, self.findings, repeat=self._repeat(unit))
        if questions is None:
            return None
        indicator = IndicatorRow(
            name=name,
            measure=measure,
            questions=questions,
            labels=self.row.labels,
            counts=self.row.words("counts"),
            against=self.row.words("against"),
            base=base,
            where=where,
            unit=unit,
            by=by,
            mirror=mirror,
        )
        check_levels(indicator, self.design, self.scope, self.row.at("by"), self.findings)
        return indicator

    def _name(self) -> str | None:
        name = self.row.text("name")
        if is_name(name):
            return name
        if "name" in self.row.broken:
            return None
        self.findings.error(
            "name_invalid",
            self.row.at("name"),
            f"{name!r} is no name: letters, digits and `_`, beginning with a letter. It is the figure's id for ever.",
            f"{name!r} n'est pas un nom : lettres, chiffres et `_`, en commençant par une lettre. C'est l'identifiant "
            "du chiffre pour toujours.",
        )
        return None

    def _measure(self) -> str | None:
        written = plain(self.row.text("measure"))
        if written in MEASURES:
            return written
        if "measure" in self.row.broken:
            return None
        right = meant(written, MEASURES) if written else None
        self.findings.error(
            "measure_unknown",
            self.row.at("measure"),
            f"{written!r} is no measure: " + (f"did you mean {right}?" if right else " ".join(MEASURES)),
            f"{written!r} n'est pas une mesure : " + (f"vouliez-vous dire {right} ?" if right else " ".join(MEASURES)),
        )
        return None

    def _unit(self) -> str | None:
        unit = self.row.text("unit")
        if plain(unit) in UNITS:
            unit = plain(unit)
        if not unit:
            return None
        if unit == "entities" and (self.design is None or self.design.entity is None):
            self.findings.error(
                "unit_without_entity",
                self.row.at("unit"),
                "The unit entities needs the key entity in the sheet design.",
                "L'unité entities exige la clé entity dans la feuille design.",
            )
        elif unit not in UNITS and unit not in self.scope.repeats:
            repeats = " ".join(self.scope.repeats)
            right = meant(unit, (*UNITS, *self.scope.repeats))
            self.findings.error(
                "unit_unknown",
                self.row.at("unit"),
                f"{unit!r} is no unit: "
                + (
                    f"did you mean {right}?" if right else f"attempts, entities or a repeat ({repeats or 'none here'})."
                ),
                f"{unit!r} n'est pas une unité : "
                + (
                    f"vouliez-vous dire {right} ?"
                    if right
                    else f"attempts, entities ou une répétition ({repeats or 'il n’y en a pas'})."
                ),
            )
        return unit

    def _repeat(self, unit: str | None) -> str | None:
        return self.scope.repeats.get(unit) if unit is not None else None

    def _where(self, unit: str | None) -> Expression | None:
        text = self.row.text("where")
        if not text:
            return None
        expression = read_expression(text, self.row.at("where"), self.findings)
        if expression is not None:
            check_expression(expression, self.scope, self.row.at("where"), self.findings, repeat=self._repeat(unit))
        return expression

    def _base(self, measure: str | None) -> tuple[str, ...]:
        words = tuple(plain(word) for word in self.row.words("base")) or ("valid",)
        for word in words:
            if word not in BASES:
                self.findings.error(
                    "base_unknown",
                    self.row.at("base"),
                    f"{word!r} is no kind of answer: {' '.join(BASES)}.",
                    f"{word!r} n'est pas un type de réponse : {' '.join(BASES)}.",
                )
        known = [kind for word in words if word in BASES for kind in _SHORT_BASES.get(word, (word,))]
        base = tuple(dict.fromkeys(known)) or ("valid",)
        if measure in _NUMERIC_MEASURES and base != ("valid",):
            self.findings.error(
                "base_not_numeric",
                self.row.at("base"),
                f"The base of {measure} is valid answers: only they have a number. Leave base blank.",
                f"La base de {measure} est celle des réponses valides : elles seules ont un nombre. Laissez base vide.",
            )
        return base

    def _by(self, repeat: str | None) -> Tables | None:
        text = self.row.text("by")
        return read_tables(text, self.scope, self.row.at("by"), self.findings, repeat=repeat) if text else None

    def _mirror(self) -> str | None:
        mirror = self.row.text("mirror")
        if mirror and (mirror.count(":") != 1 or "" in mirror.split(":")):
            self.findings.error(
                "mirror_malformed",
                self.row.at("mirror"),
                "A mirror names a form and its indicator: `asp:svc_suff`.",
                "Un miroir nomme un formulaire et son indicateur : `asp:svc_suff`.",
            )
            return None
        if mirror.partition(":")[0] == self.scope.form.form_id:
            self.findings.error(
                "mirror_of_itself",
                self.row.at("mirror"),
                "A mirror is an indicator of another form, and this is the form's own id.",
                "Un miroir est un indicateur d'un autre formulaire, or ceci est l'identifiant de ce formulaire.",
            )
            return None
        return mirror or None
