"""Mend in a copy what pyxform refused, just enough to hear what it refuses next.

pyxform stops at the first error; a designer wants all of them in one run. The mended copy is compiled for its
refusals only: what goes out is never made of it.
"""

from forms.compile.feed import Feed
from forms.finding import Finding
from forms.sheets.survey_rows import NAME_HEADERS, TYPE_HEADERS

CALCULATION_HEADERS = ("calculation", "calculate")
LABEL_HEADERS = ("label", "hint", "caption", "guidance_hint")

_RENAMED = frozenset(
    {"name_missing", "name_invalid", "name_reserved", "duplicate_name", "duplicate_repeat", "repeat_named_as_form"}
)
_CHOICE_RENAMED = frozenset({"duplicate_choice", "choice_name_missing", "choice_name_with_spaces"})
_REFERENCES = frozenset({"reference_unknown", "reference_ambiguous", "reference_malformed", "references_unseparated"})
_OF_ANOTHER_TYPE = frozenset(
    {"unknown_question_type", "list_unknown", "external_list_unknown", "choices_missing", "external_choices_missing"}
)
# Columns that only fit the type that was there.
_OF_TYPES = ("type", "choice_filter", "parameters", "appearance", "control")
# What is filled in where it is missing: its columns, and a value that cannot be wrong.
_FILLED = {"calculation_missing": (CALCULATION_HEADERS, "''"), "label_missing": (("label",), "-")}
# Codes that begin so are about one cell, which may as well be empty.
_CLEARED = ("parameter", "range", "save_to", "filter_unsupported")


def mend(feed: Feed, finding: Finding) -> bool:
    """Change the feed so that pyxform no longer refuses it for this finding; False where that cannot be done."""
    if finding.code == "header_twice" and finding.sheet is not None and finding.column is not None:
        return _drop_column(feed, finding.sheet.lower(), finding.column)
    sheet = (finding.sheet or "").lower()
    table, numbers = feed.tables.get(sheet), feed.rows.get(sheet, ())
    if table is None or finding.row not in numbers:
        return False
    row = table[numbers.index(finding.row)]
    if finding.code in _REFERENCES and finding.column is not None:
        return _without_reference(feed, sheet, row, finding.column)
    if sheet == "choices" and finding.code in _CHOICE_RENAMED:
        row[feed.make_column(sheet, ("name", "value"))] = f"_row_{finding.row}"
        return True
    return sheet == "survey" and _mend_question(feed, finding, row, finding.row)


def _mend_question(feed: Feed, finding: Finding, row: dict[str, str], number: int) -> bool:
    if finding.code in _RENAMED:
        row[feed.make_column("survey", NAME_HEADERS)] = f"_row_{number}"
    elif finding.code in _FILLED:
        names, filling = _FILLED[finding.code]
        row[feed.make_column("survey", names)] = filling
    elif finding.code in _OF_ANOTHER_TYPE and not feed.opens_or_closes(row):
        _make_text(feed, row)
    elif finding.column in row and finding.code.startswith(_CLEARED):
        del row[finding.column]
    else:
        return _replace(feed, row)
    return True


def _make_text(feed: Feed, row: dict[str, str]) -> None:
    """Make a text question of the row and keep what may be wrong in its other cells."""
    for header in (*row,):
        if header.partition("::")[0].strip().lower() in _OF_TYPES:
            del row[header]
    row[feed.make_column("survey", TYPE_HEADERS)] = "text"
    if feed.column("survey", LABEL_HEADERS) not in row:
        row[feed.make_column("survey", ("label",))] = "-"


def _replace(feed: Feed, row: dict[str, str]) -> bool:
    """Make a plain question of the row; not of a group's beginning or end, which others depend on."""
    harmless = feed.plain_question(row)
    if feed.opens_or_closes(row) or harmless == row:
        return False
    row.clear()
    row.update(harmless)
    return True


def _without_reference(feed: Feed, sheet: str, row: dict[str, str], column: str) -> bool:
    header = next((each for each in row if each == column), feed.column(sheet, (column,)))
    if header is None or header not in row:
        return False
    names = header.partition("::")[0].strip().lower()
    if names in LABEL_HEADERS:
        row[header] = "-"
    elif names in CALCULATION_HEADERS or sheet == "entities":
        row[header] = "''"
    else:
        del row[header]
    return True


def _drop_column(feed: Feed, sheet: str, column: str) -> bool:
    if column not in feed.headers.get(sheet, ()):
        return False
    feed.headers[sheet].remove(column)
    for row in feed.tables[sheet]:
        row.pop(column, None)
    return True
