"""What the answers mean: the nouns of our sheets `derived`, `indicators`, `design` and `population`.

An interpretation may change without a new form version and then applies to all rounds (docs/workbook.md).
Reading the sheets is `forms.sheets`; expressions are parsed by `forms.expression`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from forms.expression import Expression


@dataclass(frozen=True, slots=True)
class Derived:
    """A variable computed after collection. `list_name` for select types; sensitivity None: strictest input."""

    name: str
    type: str
    list_name: str | None
    calculation: Expression
    labels: Mapping[str, str] = field(default_factory=dict)
    sensitivity: str | None = None


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    """One row of `indicators`: a figure. `by`: the declared tables, each a tuple of variables (`()` is the total)."""

    name: str
    measure: str
    questions: tuple[str, ...]
    labels: Mapping[str, str] = field(default_factory=dict)
    counts: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    base: tuple[str, ...] = ("valid",)
    where: Expression | None = None
    unit: str | None = None
    by: tuple[tuple[str, ...], ...] | None = None
    mirror: str | None = None


@dataclass(frozen=True, slots=True)
class DesignRow:
    """The sheet `design`: how the sample was drawn. Names are of questions or derived variables."""

    kind: str
    records: Expression | None = None
    round: str | None = None
    stratum: str | None = None
    psu: str | None = None
    weight: str | None = None
    finite_population: str | None = None
    lonely_psu: str = "adjust"
    by: tuple[tuple[str, ...], ...] = ()
    geography: tuple[str, ...] = ()
    sensitive_level: str | None = None
    severe_level: str | None = None
    entity: str | None = None
    latest_by: str | None = None
    enumerator: str | None = None
    rake: tuple[str, ...] = ()
    poststratify: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PopulationRow:
    """One row of `population`: a known total."""

    variable: tuple[str, ...]
    value: tuple[str, ...]
    total: float
    source: str = ""
    date: str = ""
    round: str | None = None


@dataclass(frozen=True, slots=True)
class Interpretation:
    """All of our sheets of one workbook; `reference` are the external CSVs that `pulldata` reads, by stem."""

    derived: tuple[Derived, ...] = ()
    indicators: tuple[IndicatorRow, ...] = ()
    design: DesignRow | None = None
    population: tuple[PopulationRow, ...] = ()
