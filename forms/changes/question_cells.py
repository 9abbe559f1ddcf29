"""List how a question's other cells changed: conditions, calculation, list, hints, looks, and our columns."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from forms.changes.change import Change, Rank, Subject
from forms.changes.comparison import Comparison
from forms.changes.edition import Edition
from forms.changes.expressions import comparable_expression, readable_expression
from forms.form import Question
from forms.sheets.survey_rows import header_of
from forms.text import Bilingual
from forms.workbook.text_columns import text_column
from forms.workbook.workbook import plain

_Q = Subject.QUESTION


@dataclass(frozen=True, slots=True)
class _Rule:
    """A cell that decides who is asked, or which answers there can be."""

    column: str
    headers: tuple[str, ...]
    message: Bilingual


# Other names are those of pyxform (`aliases.survey_header`, 4.5).
_RULES = (
    _Rule(
        "relevant",
        ("relevant", "relevance", "bind::relevant"),
        Bilingual(
            "Other people are asked: the base changes.",
            "On n’interroge plus les mêmes personnes : la base change.",
        ),
    ),
    _Rule(
        "constraint",
        ("constraint", "bind::constraint"),
        Bilingual("Other answers are allowed.", "D’autres réponses sont admises."),
    ),
    _Rule(
        "required",
        ("required", "bind::required"),
        Bilingual(
            "It may be left blank where it could not, or the other way round: the base changes.",
            "Elle peut rester vide alors qu’elle ne le pouvait pas, ou l’inverse : la base change.",
        ),
    ),
    _Rule(
        "calculation",
        ("calculation", "calculate", "bind::calculate"),
        Bilingual("Calculated otherwise.", "Calculée autrement."),
    ),
    _Rule(
        "choice_filter",
        ("choice_filter",),
        Bilingual("Other choices are offered.", "D’autres choix sont proposés."),
    ),
)
_TOLD_ELSEWHERE = frozenset(
    {header for rule in _RULES for header in rule.headers}
    | {"type", "command", "name", "tag", "value", "sensitivity", "renamed_from", "comparable_since", "disabled"}
)
# What decides which answer is given, or may be, without a condition.
_SHAPES_ANSWERS = re.compile(r"^(default|parameters|trigger|repeat_count|read_?only|save_to|intent|bind::.*)$")
_MEDIA = re.compile(r"^(media::)?(image|big-image|audio|video)(::.*)?$")


def cell_changes(comparison: Comparison, old: Question, new: Question) -> Iterator[Change]:
    """The changes of a question beside its path, type and label."""
    yield from _rules(comparison, old, new)
    yield from _lists(comparison, old, new)
    yield from _other_cells(comparison, old, new)
    yield from _our_columns(comparison, old, new)


def _rules(comparison: Comparison, old: Question, new: Question) -> Iterator[Change]:
    for rule in _RULES:
        before: str | None = getattr(old, rule.column)
        after: str | None = getattr(new, rule.column)
        if comparable_expression(before, comparison.renames) == comparable_expression(after, {}):
            continue
        place = comparison.new.at(new.path, *rule.headers)
        advice, declared = comparison.series(old, new, place)
        yield Change(
            f"{rule.column}_changed",
            Rank.COMPARABLE if new.type != "note" else Rank.COSMETIC,
            _Q,
            new.path,
            rule.message,
            spot=place,
            before=_as_written(comparison.old, old.path, rule.headers) or readable_expression(before),
            after=_as_written(comparison.new, new.path, rule.headers) or readable_expression(after),
            advice=advice if new.type != "note" else None,
            is_declared=declared and new.type != "note",
            readers=comparison.read_by(old, new),
            touched=comparison.touched(old) if new.type != "note" else None,
        )


def _lists(comparison: Comparison, old: Question, new: Question) -> Iterator[Change]:
    """Another file of choices; what differs between two lists of the workbook is told of its choices."""
    if old.file_name == new.file_name or not (old.file_name or new.file_name):
        return
    place = comparison.new.at(new.path, "type")
    advice, declared = comparison.series(old, new, place)
    yield Change(
        "choice_file_changed",
        Rank.COMPARABLE,
        _Q,
        new.path,
        Bilingual(
            "Its choices come from another file: the same codes must mean the same.",
            "Ses choix viennent d’un autre fichier : les mêmes codes doivent désigner la même chose.",
        ),
        spot=place,
        before=old.file_name or old.list_name,
        after=new.file_name or new.list_name,
        advice=advice,
        is_declared=declared,
        readers=comparison.read_by(old, new),
        touched=comparison.touched(old),
    )


def _other_cells(comparison: Comparison, old: Question, new: Question) -> Iterator[Change]:
    was_written, is_written = cells_of(comparison.old, old.path), cells_of(comparison.new, new.path)
    if was_written is not None and is_written is not None:
        before, after = was_written, is_written
    else:
        before, after = _cells_of_xform(old), _cells_of_xform(new)
    for key in dict.fromkeys((*before, *after)):
        was, now = before.get(key, ""), after.get(key, "")
        if not cells_differ(comparison, key, was, now):
            continue
        code, rank, message = kind_of_cell(key)
        place = comparison.new.at(new.path, key)
        advice, declared = comparison.series(old, new, place) if rank is Rank.COMPARABLE else (None, False)
        yield Change(
            code,
            rank,
            _Q,
            new.path,
            message,
            spot=place,
            before=was or None,
            after=now or None,
            advice=advice,
            is_declared=declared,
            readers=comparison.read_by(old, new) if rank is Rank.COMPARABLE else (),
            touched=comparison.touched(old) if rank is Rank.COMPARABLE else None,
        )


def cells_differ(comparison: Comparison, key: str, was: str, now: str) -> bool:
    """Whether a cell changed; not where its language came or went, which is told once for the form."""
    column = text_column(key)
    if column is not None and not (was and now) and column.language not in comparison.common_languages:
        return False
    return comparable_expression(was, comparison.renames) != comparable_expression(now, {})


def kind_of_cell(key: str) -> tuple[str, Rank, Bilingual]:
    """Code, rank and message for a change under a header that has no rule of its own."""
    column = text_column(key)
    if column is not None and column.kind in ("hint", "guidance_hint"):
        return "hint_changed", Rank.COSMETIC, Bilingual(f"Another hint ({key}).", f"Autre consigne ({key}).")
    if column is not None:
        return "message_changed", Rank.COSMETIC, Bilingual(f"Another message ({key}).", f"Autre message ({key}).")
    if key == "appearance":
        return "appearance_changed", Rank.COSMETIC, Bilingual("Shown otherwise.", "Présentée autrement.")
    if _MEDIA.match(key):
        return "media_changed", Rank.COSMETIC, Bilingual(f"Another medium ({key}).", f"Autre média ({key}).")
    if _SHAPES_ANSWERS.match(key.replace(" ", "_")):
        return (
            "answering_changed",
            Rank.COMPARABLE,
            Bilingual(
                f"The column {key} differs: it decides which answers come.",
                f"La colonne {key} diffère : elle décide des réponses obtenues.",
            ),
        )
    return "column_changed", Rank.COSMETIC, Bilingual(f"The column {key} differs.", f"La colonne {key} diffère.")


def cells_of(edition: Edition, path: str) -> dict[str, str] | None:
    """Header as compared to text of a row's cells that are told nowhere else; None without a row."""
    found = edition.rows.get(path)
    if found is None:
        return None
    cells: dict[str, str] = {}
    for header, cell in found.row.cells.items():
        key = plain(header)
        column = text_column(key)
        if key.replace(" ", "_") not in _TOLD_ELSEWHERE and (column is None or column.kind != "label"):
            # Languages are compared as written: their case is part of their name.
            written = text_column(header)
            cells[f"{column.kind}::{written.language}" if column and written else key] = cell.text
    return cells


def _cells_of_xform(question: Question) -> dict[str, str]:
    texts = {f"hint::{language}": text for language, text in question.hints.items()}
    texts |= {f"constraint_message::{language}": text for language, text in question.constraint_messages.items()}
    return {**texts, "appearance": question.appearance or "", "read_only": "yes" if question.read_only else ""}


def _our_columns(comparison: Comparison, old: Question, new: Question) -> Iterator[Change]:
    if old.sensitivity is not new.sensitivity:
        looser = new.sensitivity.rank < old.sensitivity.rank
        place = comparison.new.at(new.path, "sensitivity")
        yield Change(
            "sensitivity_loosened" if looser else "sensitivity_tightened",
            Rank.COMPARABLE,
            _Q,
            new.path,
            Bilingual(
                f"{'Less' if looser else 'More'} protected, for all rounds at once, those already collected included.",
                f"{'Moins' if looser else 'Mieux'} protégée, pour toutes les vagues à la fois, même déjà collectées.",
            ),
            spot=place,
            before=old.sensitivity.value,
            after=new.sensitivity.value,
            advice=Bilingual(
                "Ask the data-protection lead before you publish it.",
                "Demandez l’accord du responsable de la protection des données avant de publier.",
            )
            if looser
            else None,
            readers=comparison.read_by(new),
            touched=comparison.touched(old),
        )
    if old.comparable_since != new.comparable_since:
        yield Change(
            "comparable_since_changed",
            Rank.COMPARABLE,
            _Q,
            new.path,
            Bilingual(
                "The series begins at another version, for all rounds at once.",
                "La série commence à une autre version, pour toutes les vagues à la fois.",
            ),
            spot=comparison.new.at(new.path, "comparable_since"),
            before=old.comparable_since,
            after=new.comparable_since,
            is_declared=True,
            readers=comparison.read_by(new),
        )


def _as_written(edition: Edition, path: str, headers: tuple[str, ...]) -> str | None:
    found, sheet = edition.rows.get(path), edition.survey
    header = header_of(sheet, headers) if sheet is not None else None
    return (found.row.text(header) or None) if found is not None and header is not None else None
