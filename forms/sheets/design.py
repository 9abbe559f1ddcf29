"""Read the sheet `design`: how the sample was drawn, as pairs of key and value."""

from dataclasses import dataclass

from forms.expression import Expression
from forms.interpretation import DesignRow
from forms.sheets.cells import Columns, OurRow, list_text, words_of
from forms.sheets.expressions import check_expression, read_expression, unknown_name
from forms.sheets.findings import Findings, Place
from forms.sheets.names import meant
from forms.sheets.scope import Scope
from forms.sheets.tables import Tables, read_tables
from forms.workbook.workbook import plain

COLUMNS = Columns(names=("key", "value"), required=("key", "value"))
KINDS = ("probability", "census", "quota", "purposive")
LONELY_PSU = ("adjust", "average", "certainty", "remove", "fail")

_SINGLE = ("round", "stratum", "psu", "weight", "finite_population", "entity", "latest_by", "enumerator")
_LEVELS = ("sensitive_level", "severe_level")
KEYS = ("kind", "records", *_SINGLE, "lonely_psu", "rake", "poststratify", "by", "geography", *_LEVELS)
_UNWEIGHTED = ("quota", "purposive")


def read_design(rows: list[OurRow], sheet: str, scope: Scope, findings: Findings) -> DesignRow | None:
    """Return the design, or None with findings where it cannot be told."""
    values = _values(rows, findings)
    reading = _Reading(values, scope, findings)
    kind = reading.word("kind", KINDS)
    if "kind" not in values:
        findings.error(
            "design_kind_missing",
            Place(sheet),
            f"The key kind is missing: {' '.join(KINDS)}.",
            f"Il manque la clé kind : {' '.join(KINDS)}.",
        )
    records = reading.expression("records")
    if "records" not in values and scope.find("consent") is not None:
        findings.error(
            "design_records_missing",
            Place(sheet),
            "The form asks for consent, so the key records must say whose answers count: `${consent} = 1`.",
            "Le formulaire demande le consentement : la clé records doit dire quelles réponses comptent : "
            "`${consent} = 1`.",
        )
    single = {key: reading.name(key) for key in _SINGLE}
    _check_kind(kind, values, sheet, findings)
    if kind is None:
        return None
    geography = reading.names("geography")
    return DesignRow(
        kind=kind,
        records=records,
        **single,
        lonely_psu=reading.word("lonely_psu", LONELY_PSU) or "adjust",
        by=reading.tables("by"),
        geography=geography,
        sensitive_level=reading.level("sensitive_level", geography),
        severe_level=reading.level("severe_level", geography),
        rake=reading.names("rake"),
        poststratify=tuple(name for table in reading.tables("poststratify") for name in table),
    )


def _values(rows: list[OurRow], findings: Findings) -> dict[str, tuple[str, Place]]:
    values: dict[str, tuple[str, Place]] = {}
    for row in rows:
        key, place = plain(row.text("key")).replace(" ", "_"), row.at("value")
        if key in values:
            findings.error(
                "design_key_twice",
                row.at("key"),
                f"The key {key} stands twice. Keep one row.",
                f"La clé {key} figure deux fois. Gardez une seule ligne.",
            )
        elif key in KEYS:
            if row.text("value"):
                values[key] = (row.text("value"), place)
        else:
            right = meant(key, KEYS) if key else None
            findings.error(
                "design_key_unknown",
                row.at("key"),
                f"There is no key {key!r}: " + (f"it is called {right}." if right else f"keys are {' '.join(KEYS)}."),
                f"Il n'y a pas de clé {key!r} : "
                + (f"elle s'appelle {right}." if right else f"les clés sont {' '.join(KEYS)}."),
            )
    return values


def _check_kind(kind: str | None, values: dict[str, tuple[str, Place]], sheet: str, findings: Findings) -> None:
    missing = [key for key in ("weight", "psu") if key not in values]
    if kind == "probability" and missing:
        findings.error(
            "design_incomplete",
            Place(sheet),
            f"A probability sample names its weight and psu; missing: {' '.join(missing)}.",
            f"Un échantillon probabiliste nomme weight et psu ; il manque : {' '.join(missing)}.",
        )
    if kind in _UNWEIGHTED and "weight" in values:
        findings.error(
            "design_weight_forbidden",
            values["weight"][1],
            f"A {kind} sample has no weights: delete this row.",
            f"Un échantillon {kind} n'a pas de poids : supprimez cette ligne.",
        )


@dataclass(frozen=True)
class _Reading:
    """The values by key, each read as what its key wants; what does not fit is a finding and reads as absent."""

    values: dict[str, tuple[str, Place]]
    scope: Scope
    findings: Findings

    def word(self, key: str, words: tuple[str, ...]) -> str | None:
        """One of a closed list of words."""
        if key not in self.values:
            return None
        text, place = self.values[key]
        if plain(text) in words:
            return plain(text)
        right = meant(text, words)
        self.findings.error(
            "design_value_unknown",
            place,
            f"{text!r} is no value of {key}: " + (f"did you mean {right}?" if right else " ".join(words)),
            f"{text!r} n'est pas une valeur de {key} : "
            + (f"vouliez-vous dire {right} ?" if right else " ".join(words)),
        )
        return None

    def expression(self, key: str) -> Expression | None:
        """An expression about the form's own rows."""
        if key not in self.values:
            return None
        text, place = self.values[key]
        expression = read_expression(text, place, self.findings)
        if expression is not None:
            check_expression(expression, self.scope, place, self.findings)
        return expression

    def names(self, key: str) -> tuple[str, ...]:
        """Names of questions or derived variables."""
        if key not in self.values:
            return ()
        text, place = self.values[key]
        names = words_of(list_text(text, place, self.findings))
        for name in names:
            if self.scope.find(name) is None:
                unknown_name(name, self.scope, place, self.findings)
        return tuple(name for name in names if self.scope.find(name) is not None)

    def name(self, key: str) -> str | None:
        """One name."""
        names = self.names(key)
        if len(names) > 1:
            self.findings.error(
                "design_one_name",
                self.values[key][1],
                f"{key} names one variable.",
                f"{key} nomme une seule variable.",
            )
        return names[0] if names else None

    def tables(self, key: str) -> Tables:
        """Variables and their crossings, checked to be categorical."""
        if key not in self.values:
            return ()
        text, place = self.values[key]
        return read_tables(list_text(text, place, self.findings), self.scope, place, self.findings)

    def level(self, key: str, geography: tuple[str, ...]) -> str | None:
        """One of the names of `geography`."""
        name = self.name(key)
        if name is not None and name not in geography:
            self.findings.error(
                "design_level_unknown",
                self.values[key][1],
                f"{key} is one of the names of geography: {' '.join(geography) or '(the row geography is missing)'}.",
                f"{key} est l'un des noms de geography : {' '.join(geography) or '(il manque la ligne geography)'}.",
            )
            return None
        return name
