"""Rows that only KoboToolbox knows (score, rank, question matrix), unfolded into the XLSForm that it deploys for them.

The paths are those of the deployed form, under which the answers come; the layout of its pages is not rebuilt.
Source: kpi's `kobo_to_xlsform`, whose result is what `/valid_content/` shows.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from forms.text import Bilingual

Row = Mapping[str, Any]

_BOUNDARY = re.compile(r"(begin|end)[ _](\w+)")
_SCORE_LIST = "kobo--score-choices"
_RANK_LIST = "kobo--rank-items"
_RANK_MESSAGE = "kobo--rank-constraint-message"
_MATRIX_LIST = "kobo--matrix_list"


class RowUnclear(Exception):
    """A row of the survey that cannot be written as XLSForm: its number in the content, counted from 1, and why.

    code: of the finding that tells it.
    """

    def __init__(self, number: int, code: str, message: Bilingual) -> None:
        super().__init__(message.en)
        self.number = number
        self.code = code
        self.message = message


def unfolded(survey: Sequence[Row], choices: Sequence[Row]) -> Iterator[Row]:
    """Give the rows of a survey, each construct of KoboToolbox's own as a group of plain questions.

    choices: rows with their `name` (a matrix asks its columns once for each). Raises RowUnclear.
    """
    numbered = iter(enumerate(survey, start=1))
    for number, row in numbered:
        construct = _begun(row)
        if construct not in _UNFOLDING:
            yield row
            continue
        inner: list[tuple[int, Row]] = []
        for inner_number, inner_row in numbered:
            if _word(inner_row) == f"end_{construct}":
                break
            inner.append((inner_number, inner_row))
        else:
            raise _unclear(
                number,
                row,
                "group_not_closed",
                f"has no row end_{construct}",
                f"n'a pas de ligne end_{construct}",
            )
        yield from _UNFOLDING[construct](number, row, inner, choices)


def name_of(row: Row) -> str:
    """The name a question or choice goes by; rows that were never given one go by KoboToolbox's automatic name."""
    return str(row.get("name") or row.get("$autoname") or row.get("$autovalue") or "")


def _score(number: int, begin: Row, inner: Sequence[tuple[int, Row]], _choices: Sequence[Row]) -> Iterator[Row]:
    name = name_of(begin)
    list_name = _list(number, begin, _SCORE_LIST)
    yield _group(begin, name)
    yield {
        **_asked(begin, ("label", "hint")),
        **_select_one(list_name, f"{name}_header"),
        "appearance": "label",
    }
    for inner_number, row in inner:
        if _word(row) != "score__row":
            raise _stranger(inner_number, row, "score")
        required = {"required": True} if begin.get("required") in (True, "true", "yes") else {}
        yield {
            **row,
            **_select_one(list_name, name_of(row)),
            "appearance": row.get("appearance") or "list-nolabel",
            **required,
        }
    yield {"type": "end_group"}


def _rank(number: int, begin: Row, inner: Sequence[tuple[int, Row]], _choices: Sequence[Row]) -> Iterator[Row]:
    name = name_of(begin)
    list_name = _list(number, begin, _RANK_LIST)
    yield _group(begin, name)
    yield {**_asked(begin, ("label", "hint")), "type": "note", "name": f"{name}_label"}
    before: list[str] = []
    for inner_number, row in inner:
        if _word(row) != "rank__level":
            raise _stranger(inner_number, row, "rank")
        level = name_of(row)
        differs = " and ".join(f"${{{level}}} != ${{{other}}}" for other in before)
        yield {
            **row,
            **_select_one(list_name, level),
            "required": True,
            "constraint_message": begin.get(_RANK_MESSAGE),
            "appearance": row.get("appearance") or "minimal",
            **({"constraint": differs} if differs else {}),
        }
        before.append(level)
    yield {"type": "end_group"}


def _matrix(number: int, begin: Row, inner: Sequence[tuple[int, Row]], choices: Sequence[Row]) -> Iterator[Row]:
    name = name_of(begin)
    list_name = _list(number, begin, _MATRIX_LIST)
    asked_of = [choice for choice in choices if choice.get("list_name") == list_name]
    if not asked_of:
        raise _unclear(
            number,
            begin,
            "list_empty",
            f"asks its questions of each choice of the list {list_name}, which is empty",
            f"pose ses questions pour chaque choix de la liste {list_name}, qui est vide",
        )
    for inner_number, row in inner:
        if _BOUNDARY.fullmatch(_word(row)):
            raise _stranger(inner_number, row, "kobomatrix")
    columns = [row for _, row in inner]
    header = f"{name}_header"
    yield _group(begin, header)
    yield {"type": "note", "name": f"{header}_note", "label": begin.get("label")}
    for column in columns:
        yield {"type": "note", "name": f"{header}_{name_of(column)}", "label": column.get("label")}
    yield {"type": "end_group"}
    for item in asked_of:
        line = f"{name}_{name_of(item)}"
        yield _group(begin, line)
        yield {"type": "note", "name": f"{line}_note", "label": item.get("label")}
        for column in columns:
            yield _matrix_cell(line, item, column, columns)
        yield {"type": "end_group"}


def _matrix_cell(line: str, item: Row, column: Row, columns: Sequence[Row]) -> Row:
    """A question of a matrix as it is asked of one choice; references to other columns stay on the same line."""
    cell = {
        **_asked(column, ("type", "select_from_list_name", "relevant", "constraint", "required")),
        "name": f"{line}_{name_of(column)}",
        "label": _joined(item.get("label"), column.get("label")),
    }
    for key in ("relevant", "constraint", "required"):
        if isinstance(cell.get(key), str):
            for other in columns:
                cell[key] = cell[key].replace(f"${{{name_of(other)}}}", f"${{{line}_{name_of(other)}}}")
    return cell


_UNFOLDING = {"score": _score, "rank": _rank, "kobomatrix": _matrix}


def _word(row: Row) -> str:
    return str(row.get("type") or "").strip().replace(" ", "_")


def _begun(row: Row) -> str:
    found = _BOUNDARY.fullmatch(_word(row))
    return found[2] if found is not None and found[1] == "begin" else ""


def _group(begin: Row, name: str) -> Row:
    return {"type": "begin_group", "name": name, "appearance": "field-list", **_asked(begin, ("relevant",))}


def _select_one(list_name: str, name: str) -> Row:
    return {"type": "select_one", "select_from_list_name": list_name, "name": name}


def _asked(row: Row, keys: Sequence[str]) -> dict[str, Any]:
    return {key: row[key] for key in keys if row.get(key)}


def _joined(item: Any, column: Any) -> Any:
    """The label of a matrix's cell in each language: what it is asked of, then what is asked."""
    if not isinstance(item, list) or not isinstance(column, list):
        return column or item
    return [" - ".join(part for part in both if part) or None for both in zip_longest(item, column)]


def _list(number: int, row: Row, key: str) -> str:
    if not row.get(key):
        raise _unclear(
            number,
            row,
            "list_unknown",
            f"names no choice list in {key}",
            f"ne nomme aucune liste de choix dans {key}",
        )
    return str(row[key])


def _stranger(number: int, row: Row, construct: str) -> RowUnclear:
    return _unclear(
        number,
        row,
        "unknown_question_type",
        f"cannot stand between begin_{construct} and end_{construct}",
        f"ne peut pas se trouver entre begin_{construct} et end_{construct}",
    )


def _unclear(number: int, row: Row, code: str, english: str, french: str) -> RowUnclear:
    said = f"{row.get('type')} {name_of(row)}".strip()
    return RowUnclear(
        number,
        code,
        Bilingual(
            f"The row {said} {english}. Open the form in KoboToolbox and mend it.",
            f"La ligne {said} {french}. Ouvrez le formulaire dans KoboToolbox et corrigez-la.",
        ),
    )
