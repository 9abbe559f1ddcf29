"""An indicator's figures from the tables: what the workbook declares, computed as the design allows.

What of them may be shown to whom is `transform.disclose`.
"""

from math import prod

from forms.form import Form, Sensitivity
from forms.interpretation import IndicatorRow
from forms.text import Bilingual
from transform.answered import Answered, answered
from transform.errors import IndicatorUnknown, MeasureUnavailable, TableNotDeclared
from transform.estimators import AnswerShape, Estimator, estimator_of
from transform.figures import FigureTable, Footing
from transform.query import FigureQuery, SampledGroups, sampled_groups
from transform.reader import Snapshot, Tables
from transform.sample import SampleColumns, sample_columns
from transform.sensitivity import indicator_row, indicator_sensitivity, variable_sensitivity
from transform.sql import name
from transform.table_layout import KEPT_RECORD
from transform.tabulate import FigureMaker

MOST_CELLS = 100_000
MUCH_DOUBT = 0.20
"""From this share of "don't know" and refusals on, a table says so: here refusal is often fear."""


def estimate(
    tables: Tables,
    form: Form,
    indicator: str,
    *,
    by: tuple[str, ...] = (),
    round: str | None = None,  # noqa: A002 - the field's own word for a wave of interviews
) -> FigureTable:
    """Return the figures of an indicator: the total, then every cell of the crossing of `by`, in choice order.

    round: one round; None pools all of them, their villages stacked as one design. `by` need not be declared: that
    binds those who get disclosed tables. Rows whose `by` answer is missing or not substantive stand in the total only.
    The design is that of all kept records of the round, whatever the domain; the few of them that lack weight, stratum
    or PSU are set aside, and the table notes it.
    Raises IndicatorUnknown; TableNotDeclared for variables and rounds that make no table; MeasureUnavailable for what
    is not computed yet; DesignIncomplete.
    """
    snapshot = tables.snapshot()
    row = indicator_row(form, indicator)
    estimator = estimator_of(row)
    question = _question(form, snapshot, row, estimator)
    variables = _by_variables(form, snapshot, by)
    kinds = tuple(row.base) or ("valid",)
    if estimator.needs_valid_base and kinds != ("valid",):
        raise MeasureUnavailable(
            Bilingual(
                f"Indicator {row.name}: a {row.measure} has the base valid, since other answers are no numbers.",
                f"Indicateur {row.name} : une mesure {row.measure} a pour base valid, les autres réponses n'étant pas "
                "des nombres.",
            )
        )
    scores = estimator.scores(row, tuple(choice for choice in question.choices if _is_in(kinds, choice.kind)))
    if not scores:
        raise MeasureUnavailable(
            Bilingual(
                f"Indicator {row.name}: no choice of {question.name} stands in its base, so it has no figure. Check "
                "base, and that the list's file is attached to the form.",
                f"Indicateur {row.name} : aucun choix de {question.name} n'entre dans sa base, il n'a donc aucun "
                "chiffre. Vérifiez base, et que le fichier de la liste est joint au formulaire.",
            )
        )
    sample = sample_columns(form, snapshot, row)
    condition, parameters = _round_condition(form, snapshot, sample, round)
    query = FigureQuery(
        form_id=form.form_id,
        sample=sample,
        rows=condition,
        parameters=parameters,
        question=question,
        scores=scores,
        by=variables,
        where=row.where,
        kinds=kinds,
        needs_score=estimator.needs_valid_base,
        needs_tally=estimator.measure == "mean",
    )
    groups = sampled_groups(query, snapshot)
    maker = FigureMaker(groups, estimator, scores, has_psu=sample.psu is not None)
    figures, unplaced = maker.table(variables)
    return FigureTable(
        form_id=form.form_id,
        indicator=row.name,
        measure=row.measure,
        by=by,
        round=round,
        figures=figures,
        answers=tuple(score.answer for score in scores if score.answer is not None),
        notes=_notes(groups, sample),
        unplaced=unplaced if by else Footing(0, 0),
    )


def rounds(tables: Tables, form: Form) -> tuple[str, ...]:
    """Return the rounds that have kept records, in choice order; empty where the design names no round.

    Of a question with a list only codes of the list: a mistyped code would otherwise be everybody's newest round.
    """
    design = form.interpretation.design
    if design is None or design.round is None:
        return ()
    return _rounds(form, tables.snapshot(), design.round, f"t.{KEPT_RECORD}")


def _question(form: Form, tables: Snapshot, row: IndicatorRow, estimator: Estimator) -> Answered:
    if indicator_sensitivity(form, row) is Sensitivity.IDENTIFIER:
        raise IndicatorUnknown(
            Bilingual(
                f"Indicator {row.name} reads an identifier, and identifiers are never a figure. Give the questions it "
                "reads their class in survey.sensitivity.",
                f"L'indicateur {row.name} lit un identifiant, et un identifiant n'est jamais un chiffre. Donnez leur "
                "classe aux questions lues, dans survey.sensitivity.",
            )
        )
    if len(row.questions) != 1:
        raise MeasureUnavailable(
            Bilingual(
                f"Indicator {row.name}: the measure {row.measure} reads one question, {len(row.questions)} are given.",
                f"Indicateur {row.name} : la mesure {row.measure} lit une seule question, {len(row.questions)} sont "
                "données.",
            )
        )
    question = answered(form, tables, row.questions[0])
    if question.shape not in estimator.shapes:
        raise MeasureUnavailable(
            Bilingual(
                f"Indicator {row.name}: the measure {row.measure} does not fit the type of {question.name}.",
                f"Indicateur {row.name} : la mesure {row.measure} ne convient pas au type de {question.name}.",
            )
        )
    return question


def _by_variables(form: Form, tables: Snapshot, by: tuple[str, ...]) -> tuple[Answered, ...]:
    known = tables.columns(form.form_id)
    for variable in by:
        is_known = variable in known and known[variable].repeat is None
        if not is_known or variable_sensitivity(form, variable) is Sensitivity.IDENTIFIER:
            raise TableNotDeclared(
                Bilingual(
                    f"Form {form.form_id} makes no table by {variable}: it is no variable of the interview, or an "
                    "identifier.",
                    f"Le formulaire {form.form_id} ne fait pas de tableau par {variable} : ce n'est pas une variable "
                    "de l'entretien, ou c'est un identifiant.",
                )
            )
    variables = tuple(answered(form, tables, variable) for variable in by)
    if any(variable.shape is not AnswerShape.CODE or not variable.categories for variable in variables):
        raise TableNotDeclared(
            Bilingual(
                f"A table is made by questions with one answer from a list; {'*'.join(by)} is not all that.",
                f"Un tableau se fait par des questions à réponse unique dans une liste ; {'*'.join(by)} n'en est pas "
                "fait.",
            )
        )
    cells = prod(len(variable.categories) for variable in variables)
    if len(set(by)) < len(by) or cells > MOST_CELLS:
        raise TableNotDeclared(
            Bilingual(
                f"The table by {'*'.join(by)} names a variable twice or has too many cells ({cells}).",
                f"Le tableau par {'*'.join(by)} nomme une variable deux fois ou a trop de cellules ({cells}).",
            )
        )
    return variables


def _is_in(kinds: tuple[str, ...], kind: str) -> bool:
    """True where a choice of this kind stands in the base: `none` is valid too."""
    return kind in kinds or (kind == "none" and "valid" in kinds)


def _round_condition(
    form: Form, tables: Snapshot, sample: SampleColumns, round_id: str | None
) -> tuple[str, tuple[str, ...]]:
    design = form.interpretation.design
    if round_id is None:
        return sample.kept, ()
    variable = design.round if design is not None else None
    known = _rounds(form, tables, variable, sample.kept) if variable is not None else ()
    if variable is None or round_id not in known:
        listed = ", ".join(known) or "-"
        raise TableNotDeclared(
            Bilingual(
                f"Form {form.form_id} has no records of a round {round_id}. Rounds with records: {listed}.",
                f"Le formulaire {form.form_id} n'a pas d'enregistrements d'une vague {round_id}. Vagues avec "
                f"enregistrements : {listed}.",
            )
        )
    column = answered(form, tables, variable).sql
    return f"{sample.kept} AND CAST({column} AS VARCHAR) = ?", (round_id,)


def _rounds(form: Form, tables: Snapshot, variable: str, kept: str) -> tuple[str, ...]:
    question = answered(form, tables, variable)
    found = tables.rows(
        f"SELECT DISTINCT CAST({question.sql} AS VARCHAR) AS round FROM {name(tables.table(form.form_id))} t "
        f"WHERE {kept} AND {question.sql} IS NOT NULL"
    )["round"].tolist()
    codes = {str(code) for code in found}
    if question.choices:
        return tuple(code for code in question.categories if code in codes)
    return tuple(sorted(codes))


def _notes(groups: SampledGroups, sample: SampleColumns) -> tuple[str, ...]:
    design = groups.design
    told = {
        "unweighted": sample.weight is None,
        "no_interval": design is None,
        "single_psu_stratum": design is not None and design.has_lonely_stratum,
        "dont_know_over_20_percent": groups.doubt > MUCH_DOUBT,
        "codes_without_choice": groups.has_unlisted_codes,
        "psu_unknown": sample.psu is None,
        "records_without_design": groups.has_set_aside,
    }
    return tuple(code for code, holds in told.items() if holds)
