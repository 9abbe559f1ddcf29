"""Decide for each translation that came back whether it may be laid into the workbook as it stands now."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from forms.text import Bilingual
from forms.translation.incoming import Answer
from forms.translation.missing import text_hash
from forms.translation.texts import TextKey, TextRow
from forms.workbook.references import REFERENCE

MAX_CELL_CHARACTERS = 32_767
"""What a cell of Excel holds."""

_MARKUP = re.compile(r"\*\*|__|</?[a-zA-Z]+|\]\(|^#{1,6} ", re.MULTILINE)
_BROKEN_REFERENCE = re.compile(r"\$\s+\{|\$\{[^}]*$|\$\(|(?<!\$)\{\s*\w+\s*\}")


class Why(StrEnum):
    """Why a translation is not laid in, or with a remark."""

    SOURCE_CHANGED = "source_changed"
    TRANSLATION_CHANGED = "translation_changed"
    ROW_GONE = "row_gone"
    REFERENCE_MISSING = "reference_missing"
    REFERENCE_UNKNOWN = "reference_unknown"
    NOT_TEXT = "not_text"
    MARKUP_MISSING = "markup_missing"
    ALREADY_THERE = "already_there"
    ANSWERED_TWICE = "answered_twice"


@dataclass(frozen=True, slots=True)
class Remark:
    """What is to be said of one translation. row: in the translator's file; place: in the workbook, where it stands."""

    why: Why
    key: TextKey
    row: int
    place: str
    message: Bilingual


@dataclass(frozen=True, slots=True)
class Accepted:
    """A translation and the row it goes to."""

    answer: Answer
    row: TextRow


@dataclass(frozen=True)
class Acceptance:
    """What may be laid in, what not, and what is remarked on although it is laid in."""

    accepted: tuple[Accepted, ...]
    refused: tuple[Remark, ...]
    remarks: tuple[Remark, ...]


def accept(answers: Sequence[Answer], rows: Sequence[TextRow], language: str) -> Acceptance:
    """Return which answers go where. rows: all rows of the workbook as it stands now."""
    by_path = {(row.sheet.key, row.path): row for row in rows}
    by_name: dict[tuple[str, str], list[TextRow]] = {}
    for each in rows:
        by_name.setdefault((each.sheet.key, each.path.rpartition("/")[2]), []).append(each)
    accepted: list[Accepted] = []
    refused: list[Remark] = []
    remarks: list[Remark] = []
    first: dict[TextKey, Answer] = {}
    for answer in answers:
        row = by_path.get((answer.key.sheet, answer.key.path)) or _moved(answer.key, by_name)
        earlier = first.setdefault(answer.key, answer)
        if earlier is not answer and earlier.text == answer.text:
            continue
        refusal = (
            next(_refusals(answer, row, language, rows), None) if earlier is answer else _second(answer, earlier, row)
        )
        if refusal is not None:
            # What stands there already needs no second look, and is no refusal either.
            (remarks if refusal.why is Why.ALREADY_THERE else refused).append(refusal)
        elif row is not None:
            accepted.append(Accepted(answer, row))
            remarks.extend(_on_markup(answer, row))
    return Acceptance(tuple(accepted), tuple(refused), tuple(remarks))


def _second(answer: Answer, earlier: Answer, row: TextRow | None) -> Remark:
    return _remark(
        Why.ANSWERED_TWICE,
        answer,
        row,
        f"Row {earlier.row} translates the same text otherwise. Keep one of the two rows and lay the file in again.",
        f"La ligne {earlier.row} traduit autrement le même texte. Gardez une des deux lignes et reportez le fichier.",
    )


def _moved(key: TextKey, by_name: Mapping[tuple[str, str], list[TextRow]]) -> TextRow | None:
    """The question of that name in another group, where there is but one; a choice belongs to its list."""
    if key.sheet != "survey":
        return None
    found = by_name.get((key.sheet, key.path.rpartition("/")[2]), [])
    return found[0] if len(found) == 1 else None


def _refusals(answer: Answer, row: TextRow | None, language: str, rows: Sequence[TextRow]) -> Iterator[Remark]:
    """Why an answer may not be laid in, the first reason first."""
    kind = answer.key.kind
    if row is None:
        yield _remark(
            Why.ROW_GONE,
            answer,
            None,
            f"{answer.key.path} is no longer in {answer.key.sheet}. If it was renamed, make a new export.",
            f"{answer.key.path} n’est plus dans {answer.key.sheet}. S’il a été renommé, refaites un export.",
        )
        return
    source, present = row.text(kind, answer.source_language), row.text(kind, language)
    if present == answer.text:
        yield _remark(Why.ALREADY_THERE, answer, row, "It is there already.", "Elle y est déjà.")
    if text_hash(answer.source_language, source) != answer.source_hash:
        yield _remark(
            Why.SOURCE_CHANGED,
            answer,
            row,
            f"The source was changed since it was sent out, and now says: {_short(source)} Translate it anew.",
            f"La source a changé depuis l’envoi et dit maintenant : {_short(source)} À traduire de nouveau.",
        )
    if text_hash("", present) != answer.present_hash:
        yield _remark(
            Why.TRANSLATION_CHANGED,
            answer,
            row,
            f"Somebody else wrote a translation meanwhile: {_short(present)} Decide which one stays.",
            f"Quelqu’un d’autre a écrit une traduction entre-temps : {_short(present)} Décidez laquelle reste.",
        )
    if not answer.is_text or len(answer.text) > MAX_CELL_CHARACTERS or ILLEGAL_CHARACTERS_RE.search(answer.text):
        yield _remark(
            Why.NOT_TEXT,
            answer,
            row,
            f"{_short(answer.text)} is a formula, a date or no readable text. Type it again in a cell of format Text.",
            f"{_short(answer.text)} est une formule, une date ou un texte illisible. Retapez-le dans une cellule au "
            "format Texte.",
        )
    yield from _on_references(answer, row, source, rows)


def _on_references(answer: Answer, row: TextRow, source: str, rows: Sequence[TextRow]) -> Iterator[Remark]:
    lost = sorted(references(source) - references(answer.text))
    if lost:
        names = " ".join(f"${{{name}}}" for name in lost)
        broken = _BROKEN_REFERENCE.search(answer.text) is not None
        yield _remark(
            Why.REFERENCE_MISSING,
            answer,
            row,
            f"{names} is missing{', or was changed' if broken else ''}: the tablet puts an answer there. Copy it from "
            "the source as it stands.",
            f"{names} manque{' ou a été modifié' if broken else ''} : la tablette y met une réponse. Recopiez-le tel "
            "quel de la source.",
        )
    strange = sorted(references(answer.text) - references(source))
    questions = {each.path.rpartition("/")[2] for each in rows if each.sheet is rows[0].sheet}
    unknown = [name for name in strange if name not in questions]
    if unknown:
        names = " ".join(f"${{{name}}}" for name in unknown)
        yield _remark(
            Why.REFERENCE_UNKNOWN,
            answer,
            row,
            f"{names} is no question of this form.",
            f"{names} n’est pas une question de ce formulaire.",
        )


def references(text: str) -> frozenset[str]:
    """The names that a text refers to by `${name}`."""
    return frozenset(REFERENCE.findall(text))


def _on_markup(answer: Answer, row: TextRow) -> Iterator[Remark]:
    source = row.text(answer.key.kind, answer.source_language)
    lost = sorted(set(_MARKUP.findall(source)) - set(_MARKUP.findall(answer.text)))
    if lost:
        marks = " ".join(mark.strip() for mark in lost)
        yield _remark(
            Why.MARKUP_MISSING,
            answer,
            row,
            f"Laid in, but the source is formatted with {marks} and the translation is not. Have a look.",
            f"Reportée, mais la source est mise en forme avec {marks} et la traduction non. À vérifier.",
        )


def _remark(why: Why, answer: Answer, row: TextRow | None, english: str, french: str) -> Remark:
    place = f"{row.sheet.name} {row.row.number} {row.path.rpartition('/')[2]}" if row is not None else answer.key.path
    return Remark(why, answer.key, answer.row, f"{place}, {answer.key.kind}", Bilingual(english, french))


def _short(text: str) -> str:
    shown = " ".join(text.split())
    return f"« {shown if len(shown) <= 120 else shown[:118].rstrip() + ' …'} »"
