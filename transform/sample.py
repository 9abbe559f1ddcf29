"""How the sheet `design` and an indicator's unit turn into the columns of a query: weight, stratum, PSU, population.

Whether a figure may carry a standard error is decided here and nowhere else.
"""

from dataclasses import dataclass

from forms.form import Form
from forms.interpretation import DesignRow, IndicatorRow
from forms.text import Bilingual
from transform.answered import answered
from transform.design import LonelyPsu
from transform.errors import DesignIncomplete, MeasureUnavailable
from transform.reader import Snapshot
from transform.table_layout import KEPT_RECORD

ATTEMPTS = "attempts"


@dataclass(frozen=True, slots=True)
class SampleColumns:
    """SQL over the form's table selected as `t`, each None where the design has no such column.

    kept: which rows count. weight, stratum, psu (text), population (PSUs in the stratum's population). has_errors:
    True where the design allows standard errors. each_row_is_a_psu: people were drawn one by one.
    """

    kept: str
    weight: str | None
    stratum: str | None
    psu: str | None
    population: str | None
    has_errors: bool
    each_row_is_a_psu: bool
    lonely_psu: LonelyPsu = LonelyPsu.ADJUST


def sample_columns(form: Form, tables: Snapshot, indicator: IndicatorRow) -> SampleColumns:
    """Return the columns of the sample that an indicator is about.

    Kept records carry the declared weight; a quota or purposive sample has none and no standard error, nor have
    attempts. A census has one only where the size of its population is declared: nobody knows otherwise how many did
    not answer. Raises DesignIncomplete for a design that cannot be estimated from.
    """
    design = form.interpretation.design
    if indicator.unit not in (None, ATTEMPTS):
        raise MeasureUnavailable(
            Bilingual(
                f"Indicator {indicator.name}: figures about {indicator.unit} are not computed yet.",
                f"Indicateur {indicator.name} : les chiffres sur {indicator.unit} ne sont pas encore calculés.",
            )
        )

    def text(variable: str | None) -> str | None:
        return f"CAST({answered(form, tables, variable).sql} AS VARCHAR)" if variable is not None else None

    def number(variable: str | None) -> str | None:
        return f"TRY_CAST({answered(form, tables, variable).sql} AS DOUBLE)" if variable is not None else None

    psu = text(design.psu) if design is not None else None
    if design is None or indicator.unit == ATTEMPTS or design.kind not in ("probability", "census"):
        return SampleColumns(
            kept="TRUE" if indicator.unit == ATTEMPTS else f"t.{KEPT_RECORD}",
            weight=None,
            stratum=None,
            psu=psu,
            population=None,
            has_errors=False,
            each_row_is_a_psu=False,
        )
    _require_complete(design)
    has_errors = design.kind == "probability" or design.finite_population is not None
    return SampleColumns(
        kept=f"t.{KEPT_RECORD}",
        weight=number(design.weight),
        stratum=text(design.stratum),
        psu=psu,
        population=number(design.finite_population),
        has_errors=has_errors,
        each_row_is_a_psu=has_errors and psu is None,
        lonely_psu=LonelyPsu(design.lonely_psu),
    )


def _require_complete(design: DesignRow) -> None:
    if design.kind == "probability" and (design.weight is None or design.psu is None):
        raise DesignIncomplete(
            Bilingual(
                "A probability sample needs weight and psu in the sheet design. Name both variables there.",
                "Un échantillon probabiliste exige weight et psu dans la feuille design. Nommez-y les deux variables.",
            )
        )
    if design.rake or design.poststratify:
        raise DesignIncomplete(
            Bilingual(
                "The sheet design asks for rake or poststratify, which is not computed yet: figures with the weights "
                "before calibration would be other figures. Empty both to get them.",
                "La feuille design demande rake ou poststratify, qui ne sont pas encore calculés : avec les poids "
                "avant calage, les chiffres seraient autres. Videz les deux pour les obtenir.",
            )
        )
