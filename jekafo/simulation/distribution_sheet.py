"""Read and check the small sheet `name, value, share, when` that says how often each answer is given.

The sheet is described in docs/simulate.md.
"""

import csv
import io
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from forms.errors import XLSFormInvalid
from forms.finding import Finding, Findings, Place, Severity
from forms.form import Form, Question
from forms.text import Bilingual
from forms.workbook.file import read_workbook
from forms.workbook.workbook import plain
from jekafo.simulation.distributions import Distribution, Distributions, NumberRange, Test, Value

BLANK = "blank"
SHEET = "simulation"
CODES: Mapping[str, Bilingual] = {
    "simulation_header": Bilingual(
        "The sheet of distributions lacks a column, or has one that is not read.",
        "Il manque une colonne à la feuille des distributions, ou elle en a une qui n'est pas lue.",
    ),
    "simulation_question": Bilingual(
        "A distribution is for a name that the form does not ask.",
        "Une distribution porte sur un nom que le formulaire ne demande pas.",
    ),
    "simulation_value": Bilingual(
        "A value of a distribution is no choice, number or range that the question takes.",
        "Une valeur d'une distribution n'est ni un choix, ni un nombre, ni un intervalle admis par la question.",
    ),
    "simulation_share": Bilingual(
        "A share is not a number from 0 up, or the shares of a question sum to zero.",
        "Une part n'est pas un nombre positif, ou la somme des parts d'une question est nulle.",
    ),
    "simulation_when": Bilingual(
        "A condition of a distribution is not `name=value`, or names what the form does not ask.",
        "Une condition d'une distribution n'est pas de la forme « nom=valeur », ou nomme ce qui n'est pas demandé.",
    ),
}

_COLUMNS = ("name", "value", "share", "when")
_RANGE = re.compile(r"\s*(-?\d+(?:[.,]\d+)?)\s*\.\.\s*(-?\d+(?:[.,]\d+)?)\s*")
_CONDITION = re.compile(r"\s*(?:\$\{)?([\w.-]+)\}?\s*(!=|=)\s*'?([^'=!]*?)'?\s*")
_NUMBERS = ("integer", "decimal", "range")
_CHOICES = ("select_one", "select_multiple", "rank")
_UNASKED = ("note", "calculate", "hidden", "start", "end", "today", "deviceid", "username", "audit", "phonenumber")


def read_distributions(raw: bytes, file_name: str, form: Form) -> Distributions:
    """Return the distributions of a CSV file, or of an Excel workbook's sheet `simulation` (or its only sheet).

    Raises XLSFormInvalid with a finding for every row that is wrong.
    """
    findings = Findings()
    if file_name.casefold().endswith(".csv"):
        sheet, rows = "", _csv_rows(raw)
    else:
        sheet, rows = _sheet_rows(raw, file_name)
    read = _read(sheet, rows, form, findings)
    if findings.errors:
        raise XLSFormInvalid(file_name, findings.errors)
    return read


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    cells: Mapping[str, str]

    def text(self, column: str) -> str:
        return self.cells.get(column, "").strip()


def _csv_rows(raw: bytes) -> list[_Row]:
    """Rows of a CSV as Excel saves it: with commas or, in French, semicolons; UTF-8 or Windows' own letters."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text), delimiter=";" if first.count(";") > first.count(",") else ",")
    headers: list[str] | None = None
    rows = []
    for cells in reader:
        if headers is None:
            headers = [plain(cell) for cell in cells]
            rows.append(_Row(1, dict(zip(headers, headers, strict=True)) if len(set(headers)) == len(headers) else {}))
        elif any(cell.strip() for cell in cells):
            rows.append(_Row(reader.line_num, dict(zip(headers, cells, strict=False))))
    return rows


def _sheet_rows(raw: bytes, file_name: str) -> tuple[str, list[_Row]]:
    workbook = read_workbook(raw, file_name)
    sheet = workbook.sheet(SHEET) or (workbook.sheets[0] if len(workbook.sheets) == 1 else None)
    if sheet is None:
        message = Bilingual(
            f"There is no sheet {SHEET}. Give the sheet with the distributions that name.",
            f"Il n'y a pas de feuille {SHEET}. Donnez ce nom à la feuille des distributions.",
        )
        raise XLSFormInvalid(file_name, (Finding("simulation_header", Severity.ERROR, message),))
    headers = {plain(header): plain(header) for header in sheet.headers}
    rows = [_Row(1, headers)]
    rows += [_Row(row.number, {plain(header): cell.text for header, cell in row.cells.items()}) for row in sheet.rows]
    return sheet.name, rows


def _read(sheet: str, rows: Sequence[_Row], form: Form, findings: Findings) -> Distributions:
    place = _placer(sheet)
    headers = rows[0].cells if rows else {}
    for column in ("name", "value", "share"):
        if column not in headers:
            findings.error(
                "simulation_header",
                place(1, None),
                f"There is no column {column}. The columns are name, value, share and, if need be, when.",
                f"Il n'y a pas de colonne {column}. Les colonnes sont name, value, share et, au besoin, when.",
            )
    for header in headers:
        if header and header not in _COLUMNS:
            findings.error(
                "simulation_header",
                place(1, header),
                f"The column {header} is not read. The columns are name, value, share and when.",
                f"La colonne {header} n'est pas lue. Les colonnes sont name, value, share et when.",
            )
    if findings.errors:
        return {}
    shares: dict[tuple[str, tuple[Test, ...]], dict[Value, float]] = {}
    first_rows: dict[tuple[str, tuple[Test, ...]], int] = {}
    for row in rows[1:]:
        question = _question(row, form, place, findings)
        tests = _tests(row, form, place, findings)
        share = _share(row, place, findings)
        if question is None or tests is None or share is None:
            continue
        value, is_valid = _value(row, question, form, place, findings)
        if is_valid:
            key = (question.name, tests)
            first_rows.setdefault(key, row.number)
            shares.setdefault(key, {})[value] = share
    for key, number in first_rows.items():
        if not any(shares[key].values()):
            findings.error(
                "simulation_share",
                place(number, "share"),
                f"The shares of {key[0]} sum to zero. Give at least one value a share.",
                f"La somme des parts de {key[0]} est nulle. Donnez une part à une valeur au moins.",
            )
    return _by_name(shares)


def _by_name(shares: Mapping[tuple[str, tuple[Test, ...]], Mapping[Value, float]]) -> Distributions:
    found: dict[str, list[Distribution]] = {}
    for (name, tests), values in shares.items():
        found.setdefault(name, []).append(Distribution(name, tests, values))
    return {name: tuple(sorted(each, key=lambda one: not one.tests)) for name, each in found.items()}


Placer = Callable[[int, str | None], Place]


def _placer(sheet: str) -> Placer:
    return lambda row, column: Place(sheet, row, column)


def _question(row: _Row, form: Form, place: Placer, findings: Findings) -> Question | None:
    name = row.text("name")
    question = form.by_path.get(name) or form.by_name.get(name)
    if question is not None and question.type not in _UNASKED:
        return question
    findings.error(
        "simulation_question",
        place(row.number, "name"),
        f"The form asks no question {name!r}. Write the name as in the column name of survey.",
        f"Le formulaire ne pose pas de question « {name} ». Écrivez le nom comme dans la colonne name de survey.",
    )
    return None


def _share(row: _Row, place: Placer, findings: Findings) -> float | None:
    text = row.text("share").replace(",", ".")
    is_percent = text.endswith("%")
    try:
        share = float(text.removesuffix("%")) / (100 if is_percent else 1)
    except ValueError:
        share = math.nan
    if math.isfinite(share) and share >= 0:
        return share
    findings.error(
        "simulation_share",
        place(row.number, "share"),
        f"{row.text('share')!r} is not a share. Write a number from 0 up, as 0.4.",
        f"« {row.text('share')} » n'est pas une part. Écrivez un nombre positif, comme 0.4.",
    )
    return None


def _value(row: _Row, question: Question, form: Form, place: Placer, findings: Findings) -> tuple[Value, bool]:
    text = row.text("value")
    if plain(text) == BLANK:
        return None, True
    if question.type in _CHOICES:
        offered = {choice.name for choice in form.choices(question)}
        # Choices of a file are known only when it is read; JavaRosa offers them then.
        if text and (text in offered or (question.file_name and not offered)):
            return text, True
    elif question.type in _NUMBERS:
        if ends := _RANGE.fullmatch(text):
            low, high = (float(end.replace(",", ".")) for end in ends.groups())
            if low <= high:
                return NumberRange(low, high), True
        elif re.fullmatch(r"-?\d+([.,]\d+)?", text):
            return text.replace(",", "."), True
    elif text:
        return text, True
    findings.error(
        "simulation_value",
        place(row.number, "value"),
        f"{question.name} does not take {text!r}. Write a choice of its list, a number, a range as 18..24, or blank.",
        f"{question.name} n'admet pas « {text} ». Écrivez un choix de sa liste, un nombre, un intervalle comme 18..24, "
        "ou blank.",
    )
    return None, False


def _tests(row: _Row, form: Form, place: Placer, findings: Findings) -> tuple[Test, ...] | None:
    text = row.text("when")
    if not text:
        return ()
    tests = []
    for part in re.split(r"\s+and\s+", text):
        condition = _CONDITION.fullmatch(part)
        if condition is None or not _is_asked(condition[1], form):
            findings.error(
                "simulation_when",
                place(row.number, "when"),
                f"{part!r} is not a condition. Write the name of a question, = or !=, and a value: sex=f.",
                f"« {part} » n'est pas une condition. Écrivez le nom d'une question, = ou !=, et une valeur : sex=f.",
            )
            return None
        tests.append(Test(condition[1], condition[3], condition[2] == "="))
    return tuple(tests)


def _is_asked(name: str, form: Form) -> bool:
    question = form.by_name.get(name)
    return question is not None and question.type not in _UNASKED
