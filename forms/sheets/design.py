"""Read the sheet `design`: how the sample was drawn, as pairs of key and value."""

from dataclasses import dataclass

from forms.expression import Expression
from forms.finding import Findings, Place
from forms.interpretation import DesignRow
from forms.sheets.cells import Columns, OurRow, list_text, words_of
from forms.sheets.design_rules import check_kind, check_levels_in_order, check_names, check_totals
from forms.sheets.expressions import check_expression, read_expression, unknown_name
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


def read_design(rows: list[OurRow], sheet: str, scope: Scope, findings: Findings) -> DesignRow:
    """Return the design; its kind is blank, with a finding, where it cannot be told."""
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
    places = {key: place for key, (_, place) in values.items()}
    check_names(single, places, scope, findings)
    if kind is not None:
        check_kind(kind, places, sheet, findings)
    geography = reading.names("geography")
    sensitive, severe = (reading.level(key, geography) for key in _LEVELS)
    check_levels_in_order(geography, sensitive, severe, places, findings)
    return DesignRow(
        kind=kind or "",
        records=records,
        **single,
        lonely_psu=reading.word("lonely_psu", LONELY_PSU) or "adjust",
        by=reading.tables("by"),
        geography=geography,
        sensitive_level=sensitive,
        severe_level=severe,
        rake=reading.margins("rake"),
        poststratify=reading.crossing("poststratify"),
    )


def check_calibration(rows: list[OurRow], design: DesignRow, population: list[OurRow], findings: Findings) -> None:
    """Add findings where the weights are to be fitted to totals that the sheet `population` does not give."""
    totals = frozenset(frozenset(name.strip() for name in row.text("variable").split("*")) for row in population)
    places = {_key(row): row.at("value") for row in rows}
    calibrated = {
        key: tables
        for key, tables in (
            ("rake", tuple((name,) for name in design.rake)),
            ("poststratify", (design.poststratify,) if design.poststratify else ()),
        )
        if key in places
    }
    check_totals(calibrated, totals, places, findings)


def _values(rows: list[OurRow], findings: Findings) -> dict[str, tuple[str, Place]]:
    """Key to its text and place; the text is blank where the cell is against the rules, which is told already."""
    values: dict[str, tuple[str, Place]] = {}
    met: set[str] = set()
    for row in rows:
        key = _key(row)
        if key in met:
            findings.error(
                "design_key_twice",
                row.at("key"),
                f"The key {key} stands twice. Keep one row.",
                f"La clé {key} figure deux fois. Gardez une seule ligne.",
            )
        elif key in KEYS:
            met.add(key)
            if row.text("value") or "value" in row.broken:
                values[key] = (row.text("value"), row.at("value"))
        elif "key" not in row.broken:
            right = meant(key, KEYS) if key else None
            findings.error(
                "design_key_unknown",
                row.at("key"),
                f"There is no key {key!r}: " + (f"it is called {right}." if right else f"keys are {' '.join(KEYS)}."),
                f"Il n'y a pas de clé {key!r} : "
                + (f"elle s'appelle {right}." if right else f"les clés sont {' '.join(KEYS)}."),
            )
    return values


def _key(row: OurRow) -> str:
    return plain(row.text("key")).replace(" ", "_")


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
        if not text:
            return None
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
        if not text:
            return None
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
                "design_one_name", self.values[key][1], f"{key} names one variable.", f"{key} nomme une seule variable."
            )
        return names[0] if names else None

    def tables(self, key: str) -> Tables:
        """Variables and their crossings, checked to be categorical."""
        if key not in self.values:
            return ()
        text, place = self.values[key]
        return read_tables(list_text(text, place, self.findings), self.scope, place, self.findings)

    def margins(self, key: str) -> tuple[str, ...]:
        """Variables whose totals are known one by one."""
        tables = self.tables(key)
        crossed = ["*".join(table) for table in tables if len(table) != 1]
        if crossed:
            self.findings.error(
                "rake_crossed",
                self.values[key][1],
                f"rake goes over single variables, not {' '.join(crossed)}: name them one by one, or use poststratify.",
                f"rake parcourt des variables simples, et non {' '.join(crossed)} : nommez-les une à une, ou utilisez "
                "poststratify.",
            )
        return tuple(table[0] for table in tables if len(table) == 1)

    def crossing(self, key: str) -> tuple[str, ...]:
        """The variables of one crossing."""
        tables = self.tables(key)
        if len(tables) > 1 or () in tables:
            self.findings.error(
                "poststratify_one_crossing",
                self.values[key][1],
                "poststratify names one variable or one crossing, `area_id*sex`; for several use rake.",
                "poststratify nomme une variable ou un croisement, `area_id*sex` ; pour plusieurs, utilisez rake.",
            )
            return ()
        return tables[0] if tables else ()

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
