"""Tell of choice lists that nothing uses: pyxform drops them silently, and with them an answer whose list is mistyped.

One row with `trusst` for `trust4` makes a list of its own, and every question about trust loses that answer.
"""

import re
from collections.abc import Iterator

from forms.finding import Findings, Place
from forms.interpretation import Derived
from forms.sheets.choice_columns import LIST_HEADERS, NAME_HEADERS
from forms.sheets.survey_rows import TYPE_HEADERS, header_of, survey_sheet
from forms.workbook.workbook import Row, Sheet, Workbook, plain

MAX_SLIPS = 2
"""Letters by which a mistyped name may differ from the one that was meant."""

_INSTANCE = re.compile(r"""\binstance\(\s*["']([^"']+)["']\s*\)""")
_PARAMETER = re.compile(r"=\s*(\S+)")
_DIGITS = re.compile(r"\d+")


def check_lists_in_use(workbook: Workbook, derived: tuple[Derived, ...], findings: Findings) -> None:
    """Add a finding for each list of `choices` that no question, expression or derived variable uses.

    It is an error where the name is a slip of one in use and its few codes would complete that list: then answers
    are missing on the tablet. Lists that differ in a number (district_1, district_2) are meant to be two.
    """
    choices, survey = workbook.sheet("choices"), survey_sheet(workbook)
    list_header = header_of(choices, LIST_HEADERS) if choices is not None else None
    if choices is None or survey is None or list_header is None:
        return
    rows: dict[str, list[Row]] = {}
    for row in choices.rows:
        if row.text(list_header):
            rows.setdefault(row.text(list_header), []).append(row)
    used = {*_named_in(survey), *(variable.list_name or "" for variable in derived), *_named_in_derived(workbook)}
    in_use = [name for name in rows if name in used]
    name_header = header_of(choices, NAME_HEADERS) or ""
    codes = {name: {row.text(name_header) for row in its} for name, its in rows.items()}
    for name in (name for name in rows if name not in used):
        place = Place(choices.name, rows[name][0].number, list_header)
        right = next((each for each in in_use if _is_slip(name, each) and _completes(codes[name], codes[each])), None)
        if right is None:
            findings.warning(
                "list_unused",
                place,
                f"No question and no derived variable uses the list {name}. Delete it, or use it in a type.",
                f"Aucune question ni variable dérivée n'utilise la liste {name}. Supprimez-la ou utilisez-la dans un "
                "type.",
            )
        else:
            lost = " ".join(sorted(codes[name]))
            findings.error(
                "list_misspelt",
                place,
                f"No question uses the list {name}: did you mean {right}? As it stands, {right} lacks {lost} on the "
                "tablet. Correct the name; a list that is really another one needs another name.",
                f"Aucune question n'utilise la liste {name} : vouliez-vous dire {right} ? En l'état, {lost} manque à "
                f"{right} sur la tablette. Corrigez le nom ; une liste réellement différente doit porter un autre nom.",
            )


def _named_in(survey: Sheet) -> Iterator[str]:
    """The words by which a survey may name lists: in types, parameters and `instance('...')`."""
    type_header, parameters = header_of(survey, TYPE_HEADERS), header_of(survey, ("parameters",))
    for row in survey.rows:
        written = row.text(type_header) if type_header is not None else ""
        yield from written.split()
        yield written.partition(" ")[2]  # pyxform takes a list's name with spaces in it
        if parameters is not None:
            yield from _PARAMETER.findall(row.text(parameters))
        for cell in row.cells.values():
            yield from _INSTANCE.findall(cell.text)


def _named_in_derived(workbook: Workbook) -> Iterator[str]:
    """The lists named in rows of `derived`, those that could not be read included: a mended row uses its list again."""
    sheet = workbook.sheet("derived")
    header = header_of(sheet, ("type",)) if sheet is not None else None
    for row in sheet.rows if sheet is not None and header is not None else ():
        yield from row.text(header or "").split()[1:]


def _is_slip(written: str, meant: str) -> bool:
    one, other = plain(written), plain(meant)
    if one != other and _DIGITS.sub("0", one) == _DIGITS.sub("0", other):
        return False
    return _distance(one, other) <= min(MAX_SLIPS, len(other) // 3)


def _completes(strays: set[str], codes: set[str]) -> bool:
    """Whether codes look like a few rows of a list that went astray: other codes, and few beside its own."""
    return not strays & codes and (len(strays) == 1 or 2 * len(strays) <= len(codes))


def _distance(one: str, other: str) -> int:
    """Letters to add, drop or change to make one word of the other (Levenshtein)."""
    above = list(range(len(other) + 1))
    for row, letter in enumerate(one, start=1):
        here = [row]
        for column, wanted in enumerate(other, start=1):
            here.append(min(above[column] + 1, here[-1] + 1, above[column - 1] + (letter != wanted)))
        above = here
    return above[-1]
