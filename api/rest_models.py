"""What the JSON API answers with: the shapes its clients may rely on."""

from datetime import datetime

from pydantic import BaseModel, Field, SerializeAsAny

from transform.coarsen import Bound


class FormOut(BaseModel):
    """A form. last_received: when the newest submission came, null where none did."""

    form_id: str
    title: str
    version: str
    published_at: datetime
    submissions: int
    last_received: datetime | None


class FormsOut(BaseModel):
    """All forms, by title."""

    forms: list[FormOut]


class FormDetailOut(FormOut):
    """A form with its versions, languages and the rounds that have data, each oldest first."""

    versions: list[str]
    languages: list[str]
    rounds: list[str]


class IndicatorOut(BaseModel):
    """An indicator. by: the tables the asker may ask for, each a list of variables; the empty one is the total."""

    name: str
    label: str
    measure: str
    by: list[list[str]]


class IndicatorsOut(BaseModel):
    """The indicators of a form, in the order of its workbook."""

    form_id: str
    indicators: list[IndicatorOut]


class LabelledOut(BaseModel):
    """A variable or a choice, with its label in the asker's language."""

    name: str
    label: str


class FigureOut(BaseModel):
    """One figure. Where `shown` is false nothing else is said about it; `see` names the nearest domain shown.

    value: shares 0..1, balances -1..1, scores 0..10, means in the question's unit. interval: 95 %. base: rows in the
    denominator, unweighted. answer: the choice it is about, null where the indicator has one figure a domain.
    imprecise: not to be ranked. bound: the value is a limit only, and has no interval.
    """

    domain: dict[str, str]
    labels: dict[str, str]
    answer: str | None
    shown: bool
    value: float | None = None
    interval: tuple[float, float] | None = None
    base: int | None = None
    imprecise: bool = False
    bound: Bound | None = None
    see: str | None = Field(default=None, examples=["area=Koro", "total"])


class FullFigureOut(FigureOut):
    """A figure for analysts and managers, with what its interval stands on."""

    standard_error: float | None
    design_effect: float | None
    psus: int
    degrees_of_freedom: int | None


class EstimatesOut(BaseModel):
    """One table of one indicator: the total first, then every cell of the crossing, in choice order."""

    form_id: str
    indicator: str
    label: str
    measure: str
    table: str = Field(examples=["total", "area*sex"])
    by: list[LabelledOut]
    round: str | None
    answers: list[LabelledOut]
    figures: list[SerializeAsAny[FigureOut]]
    notes: list[str]


class ProblemOut(BaseModel):
    """What went wrong (RFC 9457), in the asker's language. `type` is stable, for programs."""

    type: str
    title: str
    status: int
    detail: str
