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
from transform.reader import Arrays, Snapshot
from transform.sample import SampleColumns
from transform.sql import name
from transform.sums import GroupSums


@dataclass(frozen=True)
class FigureQuery:
    """What is asked of the form's table.

    rows: SQL of which rows belong to the sample (kept, of the round), with the parameters of its `?`. where: the rows
    that the indicator is about, all by default. kinds: the base. needs_score: rows whose answer has no score are not
    in the base.
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


@dataclass(frozen=True, eq=False)
class SampledGroups:
    """The answer: one group a cell, stratum and PSU of the sample.

    design: None where it allows no standard errors. cells: the code of each `by` variable, by group; empty text where
    it is missing. counted: number of rows with a positive score, figures x groups. known_psus: which PSU numbers are
    real ones (rows whose PSU is not known share a number). doubt: share of don't know and refused among answers.
    """

    design: SampleDesign | None
    sums: GroupSums
    cells: tuple["np.ndarray[tuple[int], np.dtype[np.str_]]", ...]
    counted: Integers
    known_psus: "np.ndarray[tuple[int], np.dtype[np.bool_]]"
    doubt: float
    has_unlisted_codes: bool


def sampled_groups(query: FigureQuery, tables: Snapshot) -> SampledGroups:
    """Run the query. Raises DesignIncomplete where records of the sample lack weight, stratum or PSU."""
    groups = _Groups(tables.rows(_sql(query, tables), query.parameters), query)
    groups.require_complete(query.form_id)
    stratum_of_psu, psu = nest(groups.texts("stratum"), groups.texts("psu"))
    psus = len(stratum_of_psu)
    design = None
    if query.sample.has_errors:
        design = SampleDesign(
            stratum_of_psu,
            records=int(groups.integers("records").sum()),
            weight_total=float(groups.floats("weight_total").sum()),
            population=groups.population(stratum_of_psu, psu),
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
        known_psus=known,
        doubt=float(groups.floats("doubt_weight").sum() / answers) if answers else 0.0,
        has_unlisted_codes=bool(groups.integers("unlisted").sum()),
    )


def _sql(query: FigureQuery, tables: Snapshot) -> str:
    sample, question = query.sample, query.question
    psu = "t.root_id" if sample.each_row_is_a_psu else sample.psu or "''"
    in_base = base_sql(question, query.kinds)
    where = _where_sql(query, tables)
    if query.needs_score:
        in_base = f"{in_base} AND {scored_sql(question, query.scores[0])}"
    columns = {
        **{f"cell_{position}": f"coalesce(CAST({by.sql} AS VARCHAR), '')" for position, by in enumerate(query.by)},
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
    aggregates = {
        "population_least": "min(population)",
        "population_most": "max(population)",
        "records": "count(*)",
        "without_weight": "count(*) FILTER (NOT coalesce(weight > 0 AND isfinite(weight), FALSE))",
        "without_stratum": "count(*) FILTER (stratum IS NULL)",
        "without_psu": "count(*) FILTER (psu IS NULL)",
        "without_population": "count(*) FILTER (population IS NULL)",
        "weight_total": "sum(weight)",
        "domain_rows": "count(*) FILTER (in_domain)",
        "answer_weight": "sum(weight) FILTER (in_domain AND is_answered)",
        "doubt_weight": "sum(weight) FILTER (in_domain AND is_doubt)",
        "unlisted": "count(*) FILTER (in_domain AND is_unlisted)",
        "base": "count(*) FILTER (in_base)",
        "base_weight": "sum(weight) FILTER (in_base)",
        "squared_weight": "sum(weight * weight) FILTER (in_base)",
    }
    for position, score in enumerate(query.scores):
        points = f"score_{position}"
        sums = {
            f"scores_{position}": f"sum(weight * {points}) FILTER (in_base)",
            f"counted_{position}": f"count(*) FILTER (in_base AND {points} > 0)",
        }
        if not score.is_share:
            sums[f"squared_scores_{position}"] = f"sum(weight * {points} * {points}) FILTER (in_base)"
        aggregates |= sums
    keys = [*(f"cell_{position}" for position in range(len(query.by))), "stratum", "psu"]
    inner = ", ".join(f"{sql} AS {column}" for column, sql in columns.items())
    outer = ", ".join(f"{sql} AS {column}" for column, sql in aggregates.items())
    return (
        f"SELECT {', '.join(keys)}, {outer} FROM (SELECT {inner} FROM {name(tables.table(query.form_id))} t "
        f"{_asked_join(query, tables)} WHERE {query.rows}) GROUP BY {', '.join(keys)} ORDER BY {', '.join(keys)}"
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


class _Groups:
    """The rows of the result as arrays without missing values."""

    def __init__(self, rows: Arrays, query: FigureQuery) -> None:
        self._rows = rows
        self._query = query

    def texts(self, column: str) -> "np.ndarray[tuple[int], np.dtype[np.str_]]":
        return np.ma.filled(self._rows[column].astype(object), "").astype(np.str_)

    def floats(self, column: str) -> Floats:
        return np.ma.filled(self._rows[column].astype(np.float64), 0.0)

    def integers(self, column: str) -> Integers:
        return np.ma.filled(self._rows[column].astype(np.int64), 0)

    def stack(self, prefix: str) -> Floats:
        return np.stack([self.floats(f"{prefix}_{position}") for position in range(len(self._query.scores))])

    def squared_scores(self) -> Floats:
        """Return the sums of weight x score^2; the square of 0 and 1 is itself, so a share has no column of its own."""
        return np.stack(
            [
                self.floats(f"{'' if score.is_share else 'squared_'}scores_{position}")
                for position, score in enumerate(self._query.scores)
            ]
        )

    def require_complete(self, form_id: str) -> None:
        """Refuse a sample in which records lack what its design says they have."""
        sample = self._query.sample
        wanted = {
            "weight": sample.weight is not None,
            "stratum": sample.stratum is not None,
            "psu": sample.psu is not None and sample.has_errors,
            "finite_population": sample.population is not None,
        }
        column = {"finite_population": "without_population"}
        lacking = {
            key: int(self.integers(column.get(key, f"without_{key}")).sum())
            for key, is_wanted in wanted.items()
            if is_wanted
        }
        lacking = {key: count for key, count in lacking.items() if count}
        if lacking:
            records = int(self.integers("records").sum())
            listed = ", ".join(f"{key}: {count}" for key, count in lacking.items())
            raise DesignIncomplete(
                Bilingual(
                    f"Form {form_id}: of {records} kept records, some lack what the sheet design names ({listed}). "
                    "A weight is above 0. Correct the variables or the records, then build the tables again.",
                    f"Formulaire {form_id} : sur {records} enregistrements retenus, certains n'ont pas ce que nomme la "
                    f"feuille design ({listed}). Un poids est supérieur à 0. Corrigez les variables ou les "
                    "enregistrements, puis reconstruisez les tables.",
                )
            )

    def population(self, stratum_of_psu: Integers, psu: Integers) -> Floats | None:
        """Return the population of each stratum, which all its records must agree on."""
        if self._query.sample.population is None:
            return None
        stratum = stratum_of_psu[psu]
        strata = int(stratum_of_psu.max()) + 1 if len(stratum_of_psu) else 0
        least, most = np.full(strata, np.inf), np.full(strata, -np.inf)
        np.minimum.at(least, stratum, self.floats("population_least"))
        np.maximum.at(most, stratum, self.floats("population_most"))
        if np.any(least != most):
            raise DesignIncomplete(
                Bilingual(
                    "finite_population differs within a stratum. It counts the PSUs of the stratum's population, one "
                    "number a stratum.",
                    "finite_population varie au sein d'une strate. Cette valeur compte les UPE de la population de la "
                    "strate, un seul nombre par strate.",
                )
            )
        return least
