"""Put the sentence for something known into words, with what the workbook adds: the name that was meant, the rows."""

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches

from forms.compile.known import KnownSentence
from forms.compile.type_words import TYPES_WITH_FILE, TYPES_WITH_LIST, lacks_list, meant_type
from forms.nearest import listed
from forms.sheets.choice_columns import LIST_HEADERS, NAME_HEADERS
from forms.sheets.names import OUR_SHEETS
from forms.sheets.survey_rows import NAME_HEADERS as QUESTION_HEADERS
from forms.sheets.survey_rows import TYPE_HEADERS, header_of, survey_rows, survey_sheet
from forms.text import Bilingual
from forms.workbook.workbook import STANDARD_SHEETS, Sheet, Workbook, plain

_LIKENESS = 0.6
_MAX_PIXELS = "max-pixels=1024"
"""Wide enough to read a page from a photo, and a tenth of what a tablet's camera takes."""

_NOTHING = Bilingual("", "")


def worded(
    known: KnownSentence, what: str, other: str, sheet: Sheet | None, row: int | None, workbook: Workbook
) -> Bilingual:
    """Return what is said for a known sentence. what, other: what pyxform names; row: as Excel counts, if known."""
    # Of a bare `rank` it does not even say the name.
    if known.code == "unknown_question_type" and (right := lacks_list(what or "rank")) is not None:
        return _list_missing(right, workbook)
    added = _added(known.code, what, sheet, row, workbook)
    return Bilingual(
        known.said.en.format(what=what, other=other, **{key: said.en for key, said in added.items()}),
        known.said.fr.format(what=what, other=other, **{key: said.fr for key, said in added.items()}),
    )


def _added(code: str, what: str, sheet: Sheet | None, row: int | None, workbook: Workbook) -> Mapping[str, Bilingual]:
    """What the placeholders of a sentence come to; blank where there is nothing to add."""
    first = _first_row(code, sheet, row) if sheet is not None and row is not None else None
    return {
        "near": _near(code, what, workbook) if what else _NOTHING,
        "first": Bilingual(f" It stands first in row {first}.", f" Il figure d'abord à la ligne {first}.")
        if first
        else _NOTHING,
        "rows": _rows_called(what, workbook) if code == "reference_ambiguous" else _NOTHING,
        "sheets": _sheets(workbook) if code == "sheet_missing" else _NOTHING,
        "write": _max_pixels(sheet, row) if code == "image_size" else _NOTHING,
    }


def _near(code: str, what: str, workbook: Workbook) -> Bilingual:
    """Whether a name that exists was meant by one that does not."""
    right: str | None = None
    match code:
        case "unknown_question_type":
            right = meant_type(what)
            if right is None:
                return Bilingual(
                    " Take one from the XLSForm documentation.", " Choisissez-en un de la documentation XLSForm."
                )
            if right in TYPES_WITH_LIST:
                return Bilingual(
                    f" Did you mean `{right} LIST`, with the list's name behind it?",
                    f" Vouliez-vous dire « {right} LISTE », suivi du nom de la liste ?",
                )
        case "list_unknown":
            right = _like(what, _column_texts(workbook.sheet("choices"), LIST_HEADERS))
        case "reference_unknown":
            survey = survey_sheet(workbook)
            right = _like(what, (row.name for row in survey_rows(survey)) if survey else ())
    return Bilingual(f" Did you mean {right}?", f" Vouliez-vous dire {right} ?") if right else _NOTHING


def _list_missing(kind: str, workbook: Workbook) -> Bilingual:
    if kind in TYPES_WITH_FILE:
        return Bilingual(
            f"{kind} needs the name of its file. Write it behind: {kind} towns.csv.",
            f"{kind} doit nommer son fichier. Écrivez-le à la suite : {kind} communes.csv.",
        )
    source = "external_choices" if kind == "select_one_external" else "choices"
    names = listed(dict.fromkeys(_column_texts(workbook.sheet(source), LIST_HEADERS)))
    return Bilingual(
        f"{kind} needs the name of its list. Write it behind: `{kind} LIST`."
        + (f" The lists in the sheet {source}: {names}." if names else f" Add the list to the sheet {source}."),
        f"{kind} doit nommer sa liste. Écrivez-la à la suite : « {kind} LISTE »."
        + (f" Listes de la feuille {source} : {names}." if names else f" Ajoutez la liste à la feuille {source}."),
    )


def _rows_called(what: str, workbook: Workbook) -> Bilingual:
    survey = survey_sheet(workbook)
    header = header_of(survey, QUESTION_HEADERS) if survey is not None else None
    rows = [row.number for row in survey.rows if row.text(header) == what] if survey is not None and header else []
    if len(rows) < 2:
        return _NOTHING
    numbers = ", ".join(map(str, rows[:-1]))
    return Bilingual(f" (rows {numbers} and {rows[-1]})", f" (lignes {numbers} et {rows[-1]})")


def _sheets(workbook: Workbook) -> Bilingual:
    """The sheets there are, and which one is the survey under another name."""
    names = ", ".join(sheet.name for sheet in workbook.sheets)
    like = next(_like_survey(workbook), None)
    if like is None:
        return Bilingual(
            f" The workbook has: {names}. Add the sheet, or correct its name.",
            f" Le classeur contient : {names}. Ajoutez la feuille ou corrigez son nom.",
        )
    return Bilingual(
        f" The workbook has: {names}. {like} has the columns type and name: rename it survey.",
        f" Le classeur contient : {names}. La feuille {like} a les colonnes type et name : renommez-la survey.",
    )


def _like_survey(workbook: Workbook) -> Iterator[str]:
    for sheet in workbook.sheets:
        is_other = sheet.key in (*STANDARD_SHEETS, *OUR_SHEETS)
        if not is_other and header_of(sheet, TYPE_HEADERS) and header_of(sheet, QUESTION_HEADERS):
            yield sheet.name


def _max_pixels(sheet: Sheet | None, row: int | None) -> Bilingual:
    """What to write so that a photo is made smaller, and where."""
    if sheet is not None and header_of(sheet, ("parameters",)) is None:
        return Bilingual(
            f"Add the column parameters to this sheet, and write {_MAX_PIXELS} in this row",
            f"Ajoutez la colonne parameters à cette feuille et écrivez {_MAX_PIXELS} sur cette ligne",
        )
    written = " ".join((*_text(sheet, row, ("parameters",)).split(), _MAX_PIXELS))
    return Bilingual(f"Write {written} in this cell", f"Écrivez {written} dans cette cellule")


def _text(sheet: Sheet | None, number: int | None, headers: tuple[str, ...]) -> str:
    header = header_of(sheet, headers) if sheet is not None else None
    rows = sheet.rows if sheet is not None and header is not None else ()
    return next((row.text(header or "") for row in rows if row.number == number), "")


def _like(written: str, names: Iterable[str]) -> str | None:
    by_key = {plain(name): name for name in names}
    close = get_close_matches(plain(written), by_key, n=1, cutoff=_LIKENESS)
    return by_key[close[0]] if close else None


def _first_row(code: str, sheet: Sheet, number: int) -> int | None:
    """The row above in which the name that stands twice was met first, or None where that cannot be told."""
    if code == "duplicate_choice":
        list_header, name_header = header_of(sheet, LIST_HEADERS) or "", header_of(sheet, NAME_HEADERS) or ""
        names = [(row.number, (row.text(list_header), row.text(name_header))) for row in sheet.rows]
    elif code in ("duplicate_name", "duplicate_repeat"):
        names = [(row.row.number, (row.path, "")) for row in survey_rows(sheet)]
    else:
        return None
    twice = dict(names).get(number)
    first = next((at for at, name in names if name == twice), None)
    return first if first is not None and first < number else None


def _column_texts(sheet: Sheet | None, headers: tuple[str, ...]) -> tuple[str, ...]:
    header = header_of(sheet, headers) if sheet is not None else None
    return tuple(row.text(header) for row in sheet.rows if row.text(header)) if sheet and header else ()
