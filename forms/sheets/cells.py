"""Read the cells of our sheets by their rules: closed headers, lists without commas, nothing that Excel changed.

A cell that breaks a rule is a finding and reads as blank, so that the rest of the workbook can still be checked.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from forms.sheets.findings import Findings, Place
from forms.sheets.names import meant
from forms.workbook.workbook import Cell, CellKind, Row, Sheet, plain

_LIST_SEPARATOR = re.compile(r"[\s;]+")
_LABEL = re.compile(r"^label(?:\s*::\s*(?P<language>.+))?$", re.IGNORECASE)
_ISO_DATE = re.compile(r"^\d{4}-(?P<month>\d\d)-(?P<day>\d\d)")
_WHOLE_NUMBER = re.compile(r"^(-?\d+)\.0+$")
_DIGITS = re.compile(r"^\d+\.\d+$")


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns a sheet of ours may have.

    lists: columns whose cells are lists. numbers: columns that may hold a fraction. dates: columns that may hold a
    date. has_labels: whether `label` and `label::language` are columns too.
    """

    names: tuple[str, ...]
    required: tuple[str, ...]
    lists: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    dates: frozenset[str] = frozenset()
    has_labels: bool = False


@dataclass(frozen=True, slots=True)
class OurRow:
    """A row of one of our sheets, its cells by our name of the column.

    broken: columns whose cell is against the rules and reads as blank. Its finding stands; being blank is not another.
    """

    sheet: str
    number: int
    cells: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)

    def text(self, column: str) -> str:
        """The cell's text, empty where it is blank."""
        return self.cells.get(column, "")

    def words(self, column: str) -> tuple[str, ...]:
        """The cell as a list, each word once."""
        return words_of(self.text(column))

    def at(self, column: str | None = None) -> Place:
        """Where a finding about this row, or one cell of it, stands."""
        return Place(self.sheet, self.number, column)


def words_of(text: str) -> tuple[str, ...]:
    """A list as our cells write it: separated by spaces, line breaks or `;`; each word once, `4.0` as `4`."""
    return tuple(dict.fromkeys(_WHOLE_NUMBER.sub(r"\1", word) for word in _LIST_SEPARATOR.split(text) if word))


def rows_of(sheet: Sheet, columns: Columns, findings: Findings) -> list[OurRow]:
    """Return the rows of a sheet of ours; what breaks the rules of headers and cells becomes findings."""
    known = _known_headers(sheet, columns, findings)
    missing = [name for name in columns.required if name not in known.values()]
    if missing and not sheet.headers and not sheet.rows:
        return []
    for name in missing:
        findings.error(
            "column_missing",
            Place(sheet.name, 1),
            f"The column {name} is missing. Add it.",
            f"Il manque la colonne {name}. Ajoutez-la.",
        )
    return list(_rows(sheet, columns, known, findings))


def cell_text(cell: Cell, place: Place, findings: Findings, *, allowed: frozenset[CellKind] = frozenset()) -> str:
    """The text of a cell, or blank with a finding where Excel made something else of what was typed."""
    if cell.kind in (CellKind.TEXT, CellKind.NUMBER) or cell.kind in allowed:
        return cell.text
    example = _as_typed(cell)
    english = {
        CellKind.FRACTION: f"Excel changed this into the number {cell.text}",
        CellKind.DATE: f"Excel changed this into a date ({cell.text})",
        CellKind.BOOLEAN: f"Excel changed this into {cell.text}, true or false",
        CellKind.FORMULA: "Here stands a formula",
        CellKind.ERROR: f"Here stands Excel's error {cell.text}",
    }[cell.kind]
    french = {
        CellKind.FRACTION: f"Excel en a fait le nombre {cell.text}",
        CellKind.DATE: f"Excel en a fait une date ({cell.text})",
        CellKind.BOOLEAN: f"Excel en a fait {cell.text}, vrai ou faux",
        CellKind.FORMULA: "Il y a ici une formule",
        CellKind.ERROR: f"Il y a ici l'erreur {cell.text} d'Excel",
    }[cell.kind]
    findings.error(
        f"cell_{cell.kind}",
        place,
        f"{english}; format the column as Text and type {example[0]}.",
        f"{french} ; mettez la colonne au format Texte et tapez {example[1]}.",
    )
    return ""


def _as_typed(cell: Cell) -> tuple[str, str]:
    if cell.kind is CellKind.FRACTION and _DIGITS.match(cell.text):
        codes = cell.text.replace(".", " ")
        return f"`{codes}`", f"`{codes}`"
    date = _ISO_DATE.match(cell.text) if cell.kind is CellKind.DATE else None
    if date:
        codes = f"{int(date['day'])} {int(date['month'])}"
        return f"`{codes}`", f"`{codes}`"
    return "what is meant", "ce qui est voulu"


def _known_headers(sheet: Sheet, columns: Columns, findings: Findings) -> dict[str, str]:
    """Header as written to our name of the column."""
    known: dict[str, str] = {}
    for header in dict.fromkeys(sheet.headers):
        name = plain(header)
        place = Place(sheet.name, 1, header)
        if sheet.headers.count(header) > 1 or name in known.values():
            findings.error(
                "duplicate_header",
                place,
                f"Two columns are called {name}. Delete one.",
                f"Deux colonnes s'appellent {name}. Supprimez-en une.",
            )
        elif name in columns.names or (columns.has_labels and _LABEL.match(header)):
            known[header] = name
        else:
            _refuse_header(header, place, columns, findings)
    return known


def _refuse_header(header: str, place: Place, columns: Columns, findings: Findings) -> None:
    right = meant(header, columns.names)
    known = " ".join((*columns.names, *(("label::…",) if columns.has_labels else ())))
    findings.error(
        "column_unknown",
        place,
        f"There is no column {header} here: " + (f"it is called {right}." if right else f"the columns are {known}."),
        f"Il n'y a pas de colonne {header} ici : "
        + (f"elle s'appelle {right}." if right else f"les colonnes sont {known}."),
    )


def _rows(sheet: Sheet, columns: Columns, known: dict[str, str], findings: Findings) -> Iterator[OurRow]:
    for row in sheet.rows:
        ours = OurRow(sheet.name, row.number)
        for header, name in known.items():
            text = _text(row, header, name, ours.at(name), columns, findings)
            label = _LABEL.match(header) if columns.has_labels else None
            if text and label:
                ours.labels[(label["language"] or "default").strip()] = text
            elif text:
                ours.cells[name] = text
            elif header in row.cells:
                ours.broken.add(name)
        yield ours


def _text(row: Row, header: str, name: str, place: Place, columns: Columns, findings: Findings) -> str:
    cell = row.cells.get(header)
    if cell is None:
        return ""
    allowed = {CellKind.FRACTION} if name in columns.numbers else {CellKind.DATE} if name in columns.dates else set()
    text = cell_text(cell, place, findings, allowed=frozenset(allowed))
    if name in columns.lists:
        return list_text(text, place, findings)
    return text


def list_text(text: str, place: Place, findings: Findings) -> str:
    """The text of a list, or blank with a finding where commas separate it."""
    if "," not in text:
        return text
    spaced = " ".join(text.replace(",", " ").split())
    findings.error(
        "list_comma",
        place,
        f"Lists are separated by spaces: write `{spaced}`. Excel in French reads a comma as a decimal sign.",
        f"Les listes se séparent par des espaces : écrivez `{spaced}`. Excel lit une virgule comme une décimale.",
    )
    return ""
