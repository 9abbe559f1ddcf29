"""List how our sheets changed (indicators, derived, design ...) and those of choices and entities that no list reads.

Ours say what answers mean: they hold for all rounds at once, so their changes are comparable, never breaking.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from forms.changes.change import Change, Rank, Subject
from forms.changes.comparison import Comparison
from forms.changes.edition import Edition, spot
from forms.text import Bilingual
from forms.workbook.text_columns import text_column
from forms.workbook.workbook import Row, Sheet, plain

_WORD = re.compile(r"[^\W\d][\w.-]*")
_ROUNDS = Bilingual(
    "It holds for all rounds at once, those already shown included.",
    "Cela vaut pour toutes les vagues à la fois, même celles déjà montrées.",
)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A sheet whose rows are told apart by some columns. code: what its changes are called."""

    name: str
    code: str
    keys: tuple[str, ...]
    is_ours: bool = True


_SHEETS = (
    _Sheet("derived", "derived", ("name",)),
    _Sheet("indicators", "indicator", ("name",)),
    _Sheet("design", "design", ("key",)),
    _Sheet("population", "population", ("variable", "value", "round")),
    _Sheet("quotas", "quota", ("variable", "value", "round")),
    _Sheet("codebook", "codebook", ("name",)),
    _Sheet("external_choices", "external_choice", ("list_name", "name"), is_ours=False),
    _Sheet("entities", "entity", ("list_name", "dataset"), is_ours=False),
)


def sheet_changes(comparison: Comparison) -> Iterator[Change]:
    """The changes of our sheets, row by row. Two bare XForms have none."""
    if comparison.old.workbook is None or comparison.new.workbook is None:
        return
    for sheet in _SHEETS:
        yield from _rows(comparison, sheet)


def _rows(comparison: Comparison, kind: _Sheet) -> Iterator[Change]:
    old, new = comparison.old.sheet(kind.name), comparison.new.sheet(kind.name)
    before, after = _by_key(old, kind), _by_key(new, kind)
    for key in dict.fromkeys((*after, *before)):
        if key not in before:
            yield _whole_row(comparison, kind, key, after[key], comparison.new, is_added=True)
        elif key not in after:
            yield _whole_row(comparison, kind, key, before[key], comparison.old, is_added=False)
        else:
            yield from _cells(comparison, kind, key, before[key], after[key])


def _by_key(sheet: Sheet | None, kind: _Sheet) -> dict[str, Row]:
    """Rows by what tells them apart; the second of one key bears a number."""
    rows: dict[str, Row] = {}
    for row in sheet.rows if sheet is not None else ():
        cells = _by_header(row)
        key = " ".join(cells[name] for name in kind.keys if cells.get(name)) or "-"
        number = 1
        while (unique := key if number == 1 else f"{key} ({number})") in rows:
            number += 1
        rows[unique] = row
    return rows


def _by_header(row: Row) -> dict[str, str]:
    return {plain(header).replace(" ", "_"): " ".join(cell.text.split()) for header, cell in row.cells.items()}


def _whole_row(comparison: Comparison, kind: _Sheet, key: str, row: Row, edition: Edition, *, is_added: bool) -> Change:
    sheet = edition.sheet(kind.name)
    readers = _readers(comparison, kind, key)
    harmless = is_added and kind.is_ours and kind.name in ("indicators", "derived", "codebook")
    message = Bilingual(
        f"New row in {kind.name}." if is_added else f"Row removed from {kind.name}.",
        f"Nouvelle ligne dans {kind.name}." if is_added else f"Ligne supprimée de {kind.name}.",
    )
    if kind.is_ours and not harmless:
        message = Bilingual(f"{message.en} {_ROUNDS.en}", f"{message.fr} {_ROUNDS.fr}")
    shown = "; ".join(f"{header}: {text}" for header, text in _by_header(row).items() if header not in kind.keys)
    advice = None
    if not is_added and kind.name == "indicators":
        advice = Bilingual(
            "Its name stands in the API and in releases for ever: keep the row if anybody reads the figure.",
            "Son nom reste pour toujours dans l’API et les publications : gardez la ligne si quelqu’un lit ce chiffre.",
        )
    return Change(
        f"{kind.code}_{'added' if is_added else 'removed'}",
        Rank.COSMETIC if harmless else Rank.COMPARABLE,
        Subject.SHEET,
        f"{kind.name}/{key}",
        message,
        spot=spot(sheet, row, _header(sheet, kind.keys[0]), in_old=not is_added) if sheet is not None else None,
        before=None if is_added else shown,
        after=shown if is_added else None,
        advice=advice,
        readers=readers,
    )


def _cells(comparison: Comparison, kind: _Sheet, key: str, old: Row, new: Row) -> Iterator[Change]:
    before, after = _by_header(old), _by_header(new)
    sheet = comparison.new.sheet(kind.name)
    for header in dict.fromkeys((*before, *after)):
        was, now = before.get(header), after.get(header)
        if was == now:
            continue
        column = text_column(_as_written(header, old, new))
        is_text = column is not None
        if column is not None and not (was and now) and column.language not in comparison.common_languages:
            continue  # a language that came or went is told once, for the form
        follows = not is_text and _renamed(was or "", comparison) == (now or "")
        name = _as_written(header, old, new)
        message = Bilingual(f"{name} differs.", f"{name} diffère.")
        if follows:
            message = Bilingual(f"{name} follows a question's new name.", f"{name} suit le nouveau nom d’une question.")
        elif kind.is_ours and not is_text:
            message = Bilingual(f"{message.en} {_ROUNDS.en}", f"{message.fr} {_ROUNDS.fr}")
        yield Change(
            f"{kind.code}_label_changed" if is_text else f"{kind.code}_changed",
            Rank.COSMETIC if is_text or follows else Rank.COMPARABLE,
            Subject.SHEET,
            f"{kind.name}/{key}",
            message,
            spot=spot(sheet, new, _header(sheet, header)) if sheet is not None else None,
            before=was,
            after=now,
            readers=() if is_text or follows else _readers(comparison, kind, key),
        )


def _as_written(key: str, *rows: Row) -> str:
    """A header as the designer wrote it: the case of a language is part of its name."""
    headers = (header for row in rows for header in row.cells)
    return next((header for header in headers if plain(header).replace(" ", "_") == key), key)


def _renamed(text: str, comparison: Comparison) -> str:
    """A cell in which questions stand under their newer names."""
    return _WORD.sub(lambda match: comparison.renames.get(match[0], match[0]), text)


def _readers(comparison: Comparison, kind: _Sheet, key: str) -> tuple[str, ...]:
    """What a row's change reaches: of a derived variable its readers; the design reaches all, so nothing is named."""
    if kind.name == "derived":
        return tuple(reader for reader in comparison.readers.of(key) if reader != f"derived/{key}")
    if kind.name == "indicators":
        return _mirrors(comparison.new, key)
    return ()


def _mirrors(edition: Edition, name: str) -> tuple[str, ...]:
    """Indicators of the same form that stand beside this one."""
    mirror = f"{edition.form.form_id}:{name}"
    return tuple(each.name for each in edition.form.interpretation.indicators if each.mirror == mirror)


def _header(sheet: Sheet | None, key: str) -> str | None:
    if sheet is None:
        return None
    return next((header for header in sheet.headers if plain(header).replace(" ", "_") == key), None)
