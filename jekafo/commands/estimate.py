"""`jekafo estimate`: one indicator on the terminal, for whoever holds the project's folder."""

import json
from dataclasses import asdict
from enum import StrEnum
from typing import Annotated

import typer
from rich.table import Column, Table
from rich.text import Text

from api.labels import Lexicon
from jekafo.commands.options import ProjectOption, settings_for
from jekafo.project import opened_existing
from jekafo.settings import terminal_language
from jekafo.terminal import out, reported, words
from transform.estimate import estimate
from transform.figures import Domain, Estimate, FigureTable
from transform.sensitivity import indicator_row


class Layout(StrEnum):
    """How figures are printed."""

    TABLE = "table"
    JSON = "json"


@reported
def estimate_command(
    form_id: Annotated[str, typer.Argument(metavar="FORM")],
    indicator: Annotated[str, typer.Argument(metavar="INDICATOR")],
    by: Annotated[str, typer.Option(help="Variables, separated by commas: area_id,sex")] = "",
    round_id: Annotated[str | None, typer.Option("--round", help="One round only.")] = None,
    layout: Annotated[Layout, typer.Option("--as", help="How to print.")] = Layout.TABLE,
    project: ProjectOption = None,
) -> None:
    """Print an indicator's estimates in full. They are not disclosure-controlled: do not publish them as they are."""
    variables = tuple(name.strip() for name in by.split(",") if name.strip())
    with opened_existing(settings_for(project)) as open_project:
        form = open_project.shelf.newest(form_id)
        figures = estimate(open_project.tables, form, indicator, by=variables, round=round_id)
        lexicon = Lexicon(form, open_project.shelf.data_files(form_id), terminal_language())
    if layout is Layout.JSON:
        out.print_json(json.dumps(_plain(figures)))
    else:
        out.print(figure_table(figures, lexicon))


def _plain(figures: FigureTable) -> dict[str, object]:
    rows = [
        {"domain": dict(figure.domain), "answer": figure.answer, **asdict(figure.estimate)}
        for figure in figures.figures
    ]
    return {
        "form_id": figures.form_id,
        "indicator": figures.indicator,
        "measure": figures.measure,
        "by": list(figures.by),
        "round": figures.round,
        "notes": list(figures.notes),
        "figures": rows,
    }


def figure_table(figures: FigureTable, lexicon: Lexicon) -> Table:
    """Return the figures as a table for the terminal, in the words of the form: labels, and codes where it has none."""
    row = indicator_row(lexicon.form, figures.indicator)
    name = f"{figures.form_id}.{figures.indicator}"
    table = Table(
        *(Column(_text(lexicon.variable(variable))) for variable in figures.by),
        *([words("answer", "réponse")] if figures.answers else []),
        words("estimate", "estimation"),
        words("standard error", "erreur type"),
        words("95 % interval", "intervalle à 95 %"),
        "n",
        title=_text(f"{lexicon.indicator(row)}\n{name} ({figures.measure})"),
    )
    for figure in figures.figures:
        table.add_row(
            *(_value(figure.domain, variable, lexicon) for variable in figures.by),
            *([_text(lexicon.code(row.questions[0], figure.answer or ""))] if figures.answers else []),
            *_cells(figure.estimate),
        )
    return table


def _value(domain: Domain, variable: str, lexicon: Lexicon) -> Text:
    return _text(lexicon.code(variable, domain[variable]) if variable in domain else words("all", "ensemble"))


def _text(words_of_form: str) -> Text:
    # As text: a label may hold what Rich would take for a colour, `[red]`.
    return Text(words_of_form)


def _cells(estimate: Estimate) -> tuple[str, str, str, str]:
    interval = "" if estimate.low is None or estimate.high is None else f"{estimate.low:.4f} - {estimate.high:.4f}"
    return _number(estimate.value), _number(estimate.standard_error), interval, str(estimate.base)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"
