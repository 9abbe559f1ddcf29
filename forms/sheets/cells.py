"""Read the cells of our sheets by their rules: closed headers, lists without commas, nothing that Excel changed.

A cell that breaks a rule is a finding and reads as blank, so that the rest of the workbook can still be checked.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from forms.finding import Findings, Place
from forms.sheets.names import meant
from forms.workbook.workbook import Cell, CellKind, Row, Sheet, column_letters, plain

_LIST_SEPARATOR = re.compile(r"[\s;]+")
_LABEL = re.compile(r"^label(?:\s*::\s*(?P<language>.+))?$", re.IGNORECASE)
_LABEL_IN_OTHER_WORDS = frozenset({"labels", "lable", "libellé", "libelle", "étiquette", "etiquette", "intitulé"})
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
    headers: our name of a column to its header as written, which findings name.
    """

    sheet: str
    number: int
    cells: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    headers: Mapping[str, str] = field(default_factory=dict)

    def text(self, column: str) -> str:
        """The cell's text, empty where it is blank."""
        return self.cells.get(column, "")

    def words(self, column: str) -> tuple[str, ...]:
        """The cell as a list, each word once."""
        return words_of(self.text(column))

    def at(self, column: str | None = None) -> Place:
        """Where a finding about this row, or one cell of it, stands."""
        return Place(self.sheet, self.number, self.headers.get(column, column) if column is not None else None)


def words_of(text: str) -> tuple[str, ...]:
    """A list as our cells write it: separated by spaces, line breaks or `;`; each word once, `4.0` as `4`."""
    return tuple(dict.fromkeys(_WHOLE_NUMBER.sub(r"\1", word) for word in _LIST_SEPARATOR.split(text) if word))


def rows_of(sheet: Sheet, columns: Columns, findings: Findings) -> list[OurRow]:
    """Return the rows of a sheet of ours; what breaks the rules of headers and cells becomes findings."""
    if not sheet.headers and not sheet.rows:
        return []
    known, told = _known_headers(sheet, columns, findings)
    for number, column in sheet.unheaded:
        letters = column_letters(column)
        findings.error(
            "column_unheaded",
            Place(sheet.name, number),
            f"Column {letters} has no header, so nobody reads this. Type its header in row 1, or clear the column.",
            f"La colonne {letters} n'a pas d'en-tête : personne ne la lit. Tapez-le en ligne 1, ou videz la colonne.",
        )
    for name in columns.required:
        if name not in known.values() and name not in told:
            told.add(name)
            findings.error(
                "column_missing",
                Place(sheet.name, 1),
                f"The column {name} is missing. Add it.",
                f"Il manque la colonne {name}. Ajoutez-la.",
            )
    headers = {name: header for header, name in known.items()}
    return [
        _row(OurRow(sheet.name, row.number, {}, {}, set(told), headers), row, columns, findings) for row in sheet.rows
    ]


def cell_text(cell: Cell, place: Place, findings: Findings, *, allowed: frozenset[CellKind] = frozenset()) -> str:
    """The text of a cell, or blank with a finding where Excel made something else of what was typed."""
    if cell.kind in (CellKind.TEXT, CellKind.NUMBER) or cell.kind in allowed:
        return cell.text
    typed_en, typed_fr = _as_typed(cell)
    mend_en = f"format the column as Text and type {typed_en}."
    mend_fr = f"mettez la colonne au format Texte et tapez {typed_fr}."
    match cell.kind:
        case CellKind.FRACTION:
            findings.error(
                "cell_fraction",
                place,
                f"Excel changed this into the number {cell.text}; {mend_en}",
                f"Excel en a fait le nombre {cell.text} ; {mend_fr}",
            )
        case CellKind.DATE:
            findings.error(
                "cell_date",
                place,
                f"Excel changed this into a date ({cell.text}); {mend_en}",
                f"Excel en a fait une date ({cell.text}) ; {mend_fr}",
            )
        case CellKind.BOOLEAN:
            findings.error(
                "cell_boolean",
                place,
                f"Excel changed this into {cell.text}, true or false; {mend_en}",
                f"Excel en a fait {cell.text}, vrai ou faux ; {mend_fr}",
            )
        case CellKind.FORMULA:
            findings.error(
                "cell_formula", place, f"Here stands a formula; {mend_en}", f"Il y a ici une formule ; {mend_fr}"
            )
        case _:
            findings.error(
                "cell_error",
                place,
                f"Here stands Excel's error {cell.text}; {mend_en}",
                f"Il y a ici l'erreur {cell.text} d'Excel ; {mend_fr}",
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


def _known_headers(sheet: Sheet, columns: Columns, findings: Findings) -> tuple[dict[str, str], set[str]]:
    """Header as written to our name of the column, and the columns that cannot be read, which a finding tells.

    A column whose name is nearly right is an error and read all the same: its cells have mistakes of their own.
    """
    known: dict[str, str] = {}
    told: set[str] = set()
    written = {plain(header) for header in sheet.headers}
    for header in dict.fromkeys(sheet.headers):
        name = plain(header)
        place = Place(sheet.name, 1, header)
        if sheet.headers.count(header) > 1 or name in known.values():
            told.add(name)
            findings.error(
                "duplicate_header",
                place,
                f"Two columns are called {name}. Delete one.",
                f"Deux colonnes s'appellent {name}. Supprimez-en une.",
            )
        elif name in columns.names or (columns.has_labels and _LABEL.match(header)):
            known[header] = name
        else:
            right = _meant_column(header, columns)
            _refuse_header(header, right, place, columns, findings)
            if right in columns.names and right not in written and right not in known.values():
                known[header] = right
    return known, told


def _meant_column(header: str, columns: Columns) -> str | None:
    """The column that was meant by a header, `label::language` included; None where none is near."""
    what, colons, language = header.partition("::")
    if columns.has_labels and plain(what) in _LABEL_IN_OTHER_WORDS:
        return f"label{colons}{language}"
    return meant(header, columns.names)


def _refuse_header(header: str, right: str | None, place: Place, columns: Columns, findings: Findings) -> None:
    known = " ".join((*columns.names, *(("label::…",) if columns.has_labels else ())))
    findings.error(
        "column_unknown",
        place,
        f"There is no column {header} here: " + (f"it is called {right}." if right else f"the columns are {known}."),
        f"Il n'y a pas de colonne {header} ici : "
        + (f"elle s'appelle {right}." if right else f"les colonnes sont {known}."),
    )


def _row(ours: OurRow, row: Row, columns: Columns, findings: Findings) -> OurRow:
    """The row with its cells filled in."""
    for name, header in ours.headers.items():
        text = _text(row, header, name, ours.at(name), columns, findings)
        label = _LABEL.match(header) if columns.has_labels else None
        if text and label:
            ours.labels[(label["language"] or "default").strip()] = text
        elif text:
            ours.cells[name] = text
        elif header in row.cells:
            ours.broken.add(name)
    return ours


def _text(row: Row, header: str, name: str, place: Place, columns: Columns, findings: Findings) -> str:
    cell = row.cells.get(header)
    if cell is None:
        return ""
    fractions = {CellKind.FRACTION} if name in columns.numbers else set()
    dates = {CellKind.DATE} if name in columns.dates else set()
    text = cell_text(cell, place, findings, allowed=frozenset(fractions | dates))
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
        f"Lists are separated by spaces: write `{spaced}`. A French Excel reads a comma as a decimal sign.",
        f"Les listes se séparent par des espaces : écrivez `{spaced}`. Excel prend la virgule pour un signe décimal.",
    )
    return ""
