"""The one query behind a figure table: the weighted sums of every cell, stratum and PSU, whatever the measure."""

from dataclasses import dataclass

import numpy as np

from forms.expression import Expression
from forms.text import Bilingual
from transform.answered import Answered
from transform.base import (
    ASKED_ALIAS,
    answer_sql,
    base_sql,
    doubt_sql,
    needs_asked,
    score_sql,
    scored_sql,
    unlisted_sql,
)
from transform.design import Floats, Integers, SampleDesign, nest
from transform.errors import BuildError, DesignIncomplete, MeasureUnavailable
from transform.estimators import Score
from transform.expression_sql import condition_sql
from transform.groups import Groups
from transform.reader import Arrays, Snapshot
from transform.sample import SampleColumns
from transform.sql import name
from transform.sums import GroupSums

MOST_WITHOUT_DESIGN = 0.05
"""Up to this share of the kept records may lack weight, stratum or PSU and be set aside; above, no figure is made."""

_USABLE_WEIGHT = "weight BETWEEN 1e-100 AND 1e100"
"""A weight whose square is a number too: neither infinite nor 0."""


@dataclass(frozen=True)
class FigureQuery:
    """What is asked of the form's table.

    rows: SQL of which rows belong to the sample (kept, of the round), with the parameters of its `?`. where: the rows
    that the indicator is about, all by default. kinds: the base. needs_score: rows whose answer has no score are not
    in the base. needs_tally: the number of rows of each score is asked for too.
    """

    form_id: str
    sample: SampleColumns
    rows: str
    parameters: tuple[str, ...]
    question: Answered
    scores: tuple[Score, ...]
    by: tuple[Answered, ...]
    where: Expression | None
    kinds: tuple[str, ...]
    needs_score: bool
    needs_tally: bool = False


@dataclass(frozen=True, eq=False)
class ScoreTally:
    """How many rows of the base have each score, by the codes of the `by` variables, as arrays of one length."""

    cells: tuple["np.ndarray[tuple[int], np.dtype[np.str_]]", ...]
    score: Floats
    people: Integers


@dataclass(frozen=True, eq=False)
class SampledGroups:
    """The answer: one group a cell, stratum and PSU of the sample.

    design: None where it allows no standard errors. cells: the code of each `by` variable, by group; empty text where
    it is missing. counted, against: number of rows with a positive and with a negative score, figures x groups.
    largest_weight: in the base, by group. known_psus: which PSU numbers are real ones (rows whose PSU is not known
    share a number). doubt: share of don't know and refused among answers. has_set_aside: True where kept records lack
    their place in the design, and so stand in no sum. tally: where the query asks for it.
    """

    design: SampleDesign | None
    sums: GroupSums
    cells: tuple["np.ndarray[tuple[int], np.dtype[np.str_]]", ...]
    counted: Integers
    against: Integers
    largest_weight: Floats
    known_psus: "np.ndarray[tuple[int], np.dtype[np.bool_]]"
    doubt: float
    has_unlisted_codes: bool
    has_set_aside: bool
    tally: ScoreTally | None


def sampled_groups(query: FigureQuery, tables: Snapshot) -> SampledGroups:
    """Run the query. Records without weight, stratum or PSU are set aside; DesignIncomplete where they are many."""
    rows = tables.rows(_sql(query, tables), query.parameters)
    _require_few_set_aside(rows, query)
    is_placed = np.ma.filled(rows["is_placed"], fill_value=False).astype(bool)
    groups = Groups({column: values[is_placed] for column, values in rows.items()}, query.scores)
    stratum_of_psu, psu = nest(groups.texts("stratum"), groups.texts("psu"))
    psus = len(stratum_of_psu)
    design = None
    if query.sample.has_errors:
        design = SampleDesign(
            stratum_of_psu,
            records=int(groups.integers("records").sum()),
            weight_total=float(groups.floats("weight_total").sum()),
            population=groups.population(stratum_of_psu, psu) if query.sample.population is not None else None,
            lonely_psu=query.sample.lonely_psu,
        )
    known = np.ones(psus, dtype=bool)
    known[psu[groups.texts("psu") == ""]] = False
    answers = groups.floats("answer_weight").sum()
    return SampledGroups(
        design=design,
        sums=GroupSums(
            psus=psus,
            psu=psu,
            rows=groups.integers("domain_rows"),
            base=groups.integers("base"),
            weight=groups.floats("base_weight"),
            squared_weight=groups.floats("squared_weight"),
            scores=groups.stack("scores"),
            squared_scores=groups.squared_scores(),
        ),
        cells=tuple(groups.texts(f"cell_{position}") for position in range(len(query.by))),
        counted=groups.stack("counted").astype(np.int64),
        against=groups.stack("against").astype(np.int64),
        largest_weight=groups.floats("largest_weight"),
        known_psus=known,
        doubt=float(groups.floats("doubt_weight").sum() / answers) if answers else 0.0,
        has_unlisted_codes=bool(groups.integers("unlisted").sum()),
        has_set_aside=not bool(is_placed.all()),
        tally=_tally(query, tables) if query.needs_tally else None,
    )


def _tally(query: FigureQuery, tables: Snapshot) -> ScoreTally:
    keys = [*_cell_columns(query), "score_0"]
    sql = f"SELECT {', '.join(keys)}, count(*) AS people FROM ({_rows_sql(query, tables)}) WHERE in_base AND is_placed"
    rows = tables.rows(f"{sql} GROUP BY {', '.join(keys)} ORDER BY {', '.join(keys)}", query.parameters)
    groups = Groups(rows, query.scores)
    cells = tuple(groups.texts(column) for column in _cell_columns(query))
    return ScoreTally(cells, groups.floats("score_0"), groups.integers("people"))


def _cell_columns(query: FigureQuery) -> tuple[str, ...]:
    return tuple(f"cell_{position}" for position in range(len(query.by)))


def _rows_sql(query: FigureQuery, tables: Snapshot) -> str:
    sample, question = query.sample, query.question
    psu = "t.root_id" if sample.each_row_is_a_psu else sample.psu or "''"
    in_base = base_sql(question, query.kinds)
    where = _where_sql(query, tables)
    if query.needs_score:
        in_base = f"{in_base} AND {scored_sql(question, query.scores[0])}"
    columns = {
        **{
            column: f"coalesce(CAST({by.sql} AS VARCHAR), '')"
            for column, by in zip(_cell_columns(query), query.by, strict=True)
        },
        "stratum": sample.stratum or "''",
        "psu": psu,
        "population": sample.population or "NULL",
        "weight": sample.weight or "1.0",
        "in_domain": f"coalesce({where}, FALSE)",
        "in_base": f"coalesce({where} AND {in_base}, FALSE)",
        "is_answered": answer_sql(question),
        "is_doubt": doubt_sql(question),
        "is_unlisted": unlisted_sql(question),
        **{f"score_{position}": score_sql(question, score) for position, score in enumerate(query.scores)},
    }
    inner = ", ".join(f"{sql} AS {column}" for column, sql in columns.items())
    lacks = " OR ".join(_lacking(sample).values()) or "FALSE"
    return (
        f"SELECT *, NOT ({lacks}) AS is_placed FROM (SELECT {inner} FROM {name(tables.table(query.form_id))} t "
        f"{_asked_join(query, tables)} WHERE {query.rows})"
    )


def _sql(query: FigureQuery, tables: Snapshot) -> str:
    aggregates = {
        "population_least": "min(population)",
        "population_most": "max(population)",
        "records": "count(*)",
        **{f"without_{key}": f"count(*) FILTER ({lack})" for key, lack in _lacking(query.sample).items()},
        "weight_total": "sum(weight)",
        "domain_rows": "count(*) FILTER (in_domain)",
        "answer_weight": "sum(weight) FILTER (in_domain AND is_answered)",
        "doubt_weight": "sum(weight) FILTER (in_domain AND is_doubt)",
        "unlisted": "count(*) FILTER (in_domain AND is_unlisted)",
        "base": "count(*) FILTER (in_base)",
        "base_weight": "sum(weight) FILTER (in_base)",
        "squared_weight": "sum(weight * weight) FILTER (in_base)",
        "largest_weight": "max(weight) FILTER (in_base)",
    }
    for position, score in enumerate(query.scores):
        points = f"score_{position}"
        sums = {
            f"scores_{position}": f"sum(weight * {points}) FILTER (in_base)",
            f"counted_{position}": f"count(*) FILTER (in_base AND {points} > 0)",
            f"against_{position}": f"count(*) FILTER (in_base AND {points} < 0)",
        }
        if not score.is_share:
            sums[f"squared_scores_{position}"] = f"sum(weight * {points} * {points}) FILTER (in_base)"
        aggregates |= sums
    keys = [*_cell_columns(query), "is_placed", "stratum", "psu"]
    outer = ", ".join(f"{sql} AS {column}" for column, sql in aggregates.items())
    return (
        f"SELECT {', '.join(keys)}, {outer} FROM ({_rows_sql(query, tables)}) "
        f"GROUP BY {', '.join(keys)} ORDER BY {', '.join(keys)}"
    )


def _lacking(sample: SampleColumns) -> dict[str, str]:
    """Return, by key of the sheet design that the sample needs, the SQL of whether a row lacks it."""
    lacks = {
        "weight": (sample.weight is not None, f"coalesce({_USABLE_WEIGHT}, FALSE) IS FALSE"),
        "stratum": (sample.stratum is not None, "stratum IS NULL"),
        "psu": (sample.psu is not None and sample.has_errors, "psu IS NULL"),
        "finite_population": (sample.population is not None, "population IS NULL"),
    }
    return {key: sql for key, (is_needed, sql) in lacks.items() if is_needed}


def _require_few_set_aside(rows: Arrays, query: FigureQuery) -> None:
    """Refuse a sample of which too many records lack their place in the design: the rest would be another sample.

    One unknown village code must not stop every figure of a round. The message gives no count: leads read it too.
    """
    groups = Groups(rows, query.scores)
    records = groups.integers("records")
    set_aside = int(records[~rows["is_placed"].astype(bool)].sum())
    if set_aside <= MOST_WITHOUT_DESIGN * int(records.sum()):
        return
    listed = ", ".join(key for key in _lacking(query.sample) if groups.integers(f"without_{key}").sum())
    raise DesignIncomplete(
        Bilingual(
            f"Form {query.form_id}: too many kept records lack what the sheet design names ({listed}). A weight is "
            "above 0. Correct the variables or the records, then build the tables again.",
            f"Formulaire {query.form_id} : trop d'enregistrements retenus n'ont pas ce que nomme la feuille design "
            f"({listed}). Un poids est supérieur à 0. Corrigez les variables ou les enregistrements, puis "
            "reconstruisez les tables.",
        )
    )


def _asked_join(query: FigureQuery, tables: Snapshot) -> str:
    if not needs_asked(query.kinds):
        return ""
    found = tables.rows('SELECT asked_name FROM "_tables" WHERE form_id = ? AND repeat IS NULL', [query.form_id])[
        "asked_name"
    ].tolist()
    return f"JOIN {name(str(found[0]))} {ASKED_ALIAS} USING (root_id)"


def _where_sql(query: FigureQuery, tables: Snapshot) -> str:
    if query.where is None:
        return "TRUE"
    try:
        return condition_sql(query.where, tables.scope(query.form_id, alias="t"))
    except BuildError as error:
        raise MeasureUnavailable(
            Bilingual(
                f"The condition in where cannot be computed: {error.message.en}",
                f"La condition de where ne peut être calculée : {error.message.fr}",
            )
        ) from error
