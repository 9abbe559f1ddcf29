"""What the answers mean: the nouns of our sheets, from `derived` and `indicators` to `codebook`.

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
class QuotaRow:
    """One row of `quotas`: how many interviews are wanted.

    variable: the variables it crosses. value: one code for each, or None where the row holds for each value of that
    variable. round: None where it holds for all rounds.
    """

    variable: tuple[str, ...]
    value: tuple[str | None, ...]
    target: int
    round: str | None = None


@dataclass(frozen=True, slots=True)
class CodebookRow:
    """One row of `codebook`: a code for passages of text. parent: the code it is part of. include, exclude: rules.

    renamed_from: earlier names; several are merged, one on several rows is split.
    """

    name: str
    labels: Mapping[str, str] = field(default_factory=dict)
    parent: str | None = None
    definition: str = ""
    include: str = ""
    exclude: str = ""
    example: str = ""
    renamed_from: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Interpretation:
    """All of our sheets of one workbook, each in its order; empty where the workbook lacks it."""

    derived: tuple[Derived, ...] = ()
    indicators: tuple[IndicatorRow, ...] = ()
    design: DesignRow | None = None
    population: tuple[PopulationRow, ...] = ()
    quotas: tuple[QuotaRow, ...] = ()
    codebook: tuple[CodebookRow, ...] = ()
