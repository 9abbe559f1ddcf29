"""Whatever stands in a workbook, examining it ends in findings: nothing crashes, and every error says where it is."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forms.checks import check_all
from forms.examined import Examined
from forms.finding import Finding, Findings, Severity
from forms.library import library_workbook
from forms.read import attempt_to_read
from forms.sheets.interpretation import COLUMNS
from forms.sheets.mirrors import check_mirrors
from forms.sheets.names import OUR_COLUMNS, OUR_SHEETS
from forms.workbook.file import read_workbook
from forms.workbook.workbook import STANDARD_SHEETS, Cell, CellKind, Row, Sheet, Workbook

QUESTIONS = (
    "trust",
    "sex",
    "age",
    "services",
    "first",
    "member",
    "member_age",
    "consent",
    "asked_on",
    "weight",
    "zone",
)
CODES = ("1", "2", "3", "4", "98", "34", "f", "m", "none", "nsp", "each", "total", "valid", "dont_know", "-99")
TYPES = (
    "select_one trust", "select_one sex", "select_multiple service", "rank service", "integer", "decimal", "text",
    "date", "calculate", "note", "begin_group", "end_group", "begin_repeat", "end_repeat", "begin group", "begin_",
    "select_one_from_file towns.csv", "csv-external", "audit", "telepathy", "select_one", "select_one trust or_other",
)  # fmt: skip
WORDS = (
    *(word for columns in COLUMNS.values() for word in columns.names), "share", "mean", "net", "index", "rank", "ratio",
    "count", "total", "duration", "distribution", "multiple", "probability", "quota", "census", "adjust", "drop",
    "kind", "records", "psu", "rake", "poststratify", "geography", "sensitive_level", "severe_level", "entity",
    "latest_by", "strate", "attempts", "entities", "open", "severe", "secret", "asp:trust", "form:x", ":", "data/trust",
    "trust / age", "asked_on to asked_on", "sex*zone", "sex * sex", "each*f", "3,4", "4;5", "yes", "TRUE", "#N/A",
)  # fmt: skip
HEADERS = (
    *dict.fromkeys(
        name for columns in COLUMNS.values() for name in (*columns.names, *(("label",) if columns.has_labels else ()))
    ),
    *(name for columns in OUR_COLUMNS.values() for name in columns),
    "list_name", "label::Français (fr)", "label::English (en)", "label:English", "hint", "relevant", "constraint",
    "required", "calculation", "choice_filter", "repeat_count", "appearance", "form_id", "version", "media::image",
    "parameters", "default", "trigger", "mesure", "compte", "Sensibilité", "libellé::fr", "disabled", "image",
    "list name", "command", "VALUE",
)  # fmt: skip
SHEET_NAMES = (
    *STANDARD_SHEETS, *OUR_SHEETS, "Indicateurs", "livre de codes", "quota", "survey ", "DESIGN", "design ", "Sheet1",
)  # fmt: skip


def expressions() -> st.SearchStrategy[str]:
    """Expressions of the workbook's language and of XPath, most of them wrong somewhere."""
    leaves = st.one_of(
        st.sampled_from([f"${{{name}}}" for name in QUESTIONS]),
        st.sampled_from([f"'{code}'" for code in CODES]),
        st.sampled_from(
            ["1", "0.5", "0,5", "''", ".", "today()", "age", "${", "‘f’", '"m"', "-1", "../sex", "position(..)"]
        ),
    )

    def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        operators = st.sampled_from(
            ["and", "or", "=", "!=", "<", ">=", "+", "-", "*", "div", "mod", "/", "|", ";", "=="]
        )
        functions = st.sampled_from(
            ["if", "coalesce", "not", "selected", "count-selected", "join", "sum", "count", "pulldata", "concat",
             "regex", "once", "uuid", "instance", "indexed-repeat", "iff", "position"]
        )  # fmt: skip
        return st.one_of(
            st.tuples(inner, operators, inner).map(" ".join),
            st.tuples(functions, st.lists(inner, max_size=4)).map(lambda call: f"{call[0]}({', '.join(call[1])})"),
            inner.map(lambda text: f"({text})"),
            inner.map(lambda text: f"({text}"),
        )

    return st.recursive(leaves, grown, max_leaves=8)


def texts() -> st.SearchStrategy[str]:
    several = st.lists(st.sampled_from((*QUESTIONS, *CODES)), min_size=1, max_size=4)
    return st.one_of(
        st.sampled_from((*QUESTIONS, *CODES, *TYPES, *WORDS)),
        several.map(" ".join),
        several.map("*".join),
        expressions(),
        st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12).map(str.strip),
    ).filter(bool)


def cells() -> st.SearchStrategy[Cell]:
    """A cell as a file may hold it: mostly text, and all that Excel makes of text."""
    return st.one_of(
        texts().map(Cell),
        texts().map(Cell),
        st.integers(-(10**18), 10**18).map(lambda number: Cell(str(number), CellKind.NUMBER)),
        st.integers(0, 99).map(lambda number: Cell(str(number), CellKind.NUMBER)),
        st.sampled_from(["3.4", "0.5", "1e-07", "-2.25"]).map(lambda text: Cell(text, CellKind.FRACTION)),
        st.sampled_from(["2026-05-04 00:00:00", "04:05:00", "1 day, 6:00:00", "44000.5"]).map(
            lambda text: Cell(text, CellKind.DATE)
        ),
        st.sampled_from(["TRUE", "FALSE"]).map(lambda text: Cell(text, CellKind.BOOLEAN)),
        st.sampled_from(["", "7", "trust"]).map(lambda text: Cell(text, CellKind.FORMULA)),
        st.sampled_from(["#N/A", "#REF!"]).map(lambda text: Cell(text, CellKind.ERROR)),
    )


@st.composite
def sheets(draw: st.DrawFn) -> Sheet:
    name = draw(st.one_of(st.sampled_from(SHEET_NAMES), st.text("abé ", min_size=1, max_size=8)))
    usual = {"survey": ("type", "name", "label"), "choices": ("list_name", "name", "label"), "design": ("key", "value")}
    columns = COLUMNS.get(name)
    likely = [*usual.get(name, ()), *(columns.names if columns is not None else ())]
    headers = draw(st.lists(st.sampled_from(likely or HEADERS), max_size=8, unique=True))
    headers += draw(st.lists(st.sampled_from(HEADERS), max_size=3))
    rows = []
    for number in range(2, 2 + draw(st.integers(0, 6))):
        kept = {header: draw(cells()) for header in dict.fromkeys(headers) if draw(st.booleans())}
        if "type" in kept and draw(st.booleans()):
            kept["type"] = Cell(draw(st.sampled_from(TYPES)))
        if "name" in kept and draw(st.booleans()):
            kept["name"] = Cell(draw(st.sampled_from((*QUESTIONS, *CODES))))
        if kept:
            rows.append(Row(number, kept))
    positions = {header: number for number, header in reversed(list(enumerate(headers, start=1)))}
    return Sheet(name, tuple(headers), tuple(rows), positions)


SOUND = (
    Sheet(
        "survey",
        ("type", "name", "label", "sensitivity"),
        tuple(
            Row(number, {"type": Cell(kind), "name": Cell(name), "label": Cell(name), "sensitivity": Cell("open")})
            for number, (kind, name) in enumerate(
                [
                    ("select_one trust", "trust"),
                    ("select_one sex", "sex"),
                    ("integer", "age"),
                    ("select_multiple service", "services"),
                    ("rank service", "first"),
                    ("begin_repeat", "member"),
                    ("integer", "member_age"),
                    ("end_repeat", "member"),
                    ("select_one yn", "consent"),
                    ("date", "asked_on"),
                    ("decimal", "weight"),
                ],
                start=2,
            )
        ),
    ),
    Sheet(
        "choices",
        ("list_name", "name", "label", "code_kind"),
        tuple(
            Row(number, {"list_name": Cell(of), "name": Cell(code), "label": Cell(code), "code_kind": Cell("valid")})
            for number, (of, code) in enumerate(
                [("trust", "1"), ("trust", "2"), ("trust", "3"), ("sex", "f"), ("sex", "m"), ("service", "water"),
                 ("service", "school"), ("yn", "0"), ("yn", "1")],
                start=2,
            )
        ),
    ),
)  # fmt: skip


def examined(workbook: Workbook) -> Sequence[Finding]:
    """All that is found in a workbook, ODK Validate aside."""
    attempt = attempt_to_read(workbook)
    if attempt.form is None:
        return attempt.findings
    findings = Findings()
    check_all(Examined(workbook, attempt.form, None), findings)
    mirrors = check_mirrors([attempt.form], {attempt.form.form_id: workbook})
    return [*attempt.findings, *findings.found, *mirrors[attempt.form.form_id]]


def assert_told_well(findings: Sequence[Finding]) -> None:
    for finding in findings:
        assert finding.message.en, finding
        assert finding.message.fr, finding
        # A sheet that is not there has no place.
        if finding.severity is Severity.ERROR and finding.code != "sheet_missing":
            assert finding.sheet is not None, finding


QUICK = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
THOROUGH = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def our_sheets_on_a_sound_form() -> st.SearchStrategy[Workbook]:
    ours = st.lists(sheets().filter(lambda sheet: sheet.key not in ("survey", "choices")), min_size=1, max_size=5)
    return ours.map(lambda drawn: Workbook("random.xlsx", (*SOUND, *drawn)))


def any_sheets() -> st.SearchStrategy[Workbook]:
    return st.lists(sheets(), max_size=5).map(lambda drawn: Workbook("random.xlsx", tuple(drawn)))


@QUICK
@given(st.one_of(any_sheets(), our_sheets_on_a_sound_form()))
def test_random_sheets_never_crash_the_reader(workbook: Workbook):
    assert_told_well(examined(workbook))


@pytest.mark.slow
@THOROUGH
@given(st.one_of(any_sheets(), our_sheets_on_a_sound_form(), our_sheets_on_a_sound_form()))
def test_many_random_sheets_never_crash_the_reader(workbook: Workbook):
    assert_told_well(examined(workbook))


SHIPPED = read_workbook(library_workbook("community_perceptions"), "community_perceptions.xlsx")


@st.composite
def slips(draw: st.DrawFn) -> Workbook:
    """The shipped workbook after one to four slips of the mouse or of Excel."""
    workbook = SHIPPED
    for _ in range(draw(st.integers(1, 4))):
        number = draw(st.sampled_from([at for at, sheet in enumerate(workbook.sheets) if sheet.rows]))
        sheet = draw(slipped(workbook.sheets[number]))
        workbook = replace(workbook, sheets=(*workbook.sheets[:number], sheet, *workbook.sheets[number + 1 :]))
    return workbook


@st.composite
def slipped(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    rows = list(sheet.rows)
    at = draw(st.integers(0, len(rows) - 1))
    row = rows[at]
    header = draw(st.sampled_from(sorted(row.cells)))
    match draw(st.sampled_from(["delete", "retype", "kind", "swap", "row", "copy", "header", "name"])):
        case "delete":
            left = {each: cell for each, cell in row.cells.items() if each != header}
            rows[at : at + 1] = [replace(row, cells=left)] if left else []
        case "retype":
            rows[at] = replace(row, cells={**row.cells, header: draw(cells())})
        case "kind":
            kind = draw(st.sampled_from([CellKind.DATE, CellKind.BOOLEAN, CellKind.FORMULA, CellKind.ERROR]))
            rows[at] = replace(row, cells={**row.cells, header: replace(row.cells[header], kind=kind)})
        case "swap":
            other = draw(st.integers(0, len(rows) - 1))
            rows[at], rows[other] = replace(row, cells=rows[other].cells), replace(rows[other], cells=row.cells)
        case "row":
            del rows[at]
        case "copy":
            rows.append(replace(row, number=rows[-1].number + 1))
        case "header":
            new = draw(st.sampled_from(HEADERS))
            headers = tuple(new if each == header else each for each in sheet.headers)
            renamed = (
                replace(each, cells={new if key == header else key: cell for key, cell in each.cells.items()})
                for each in rows
            )
            positions = {new if key == header else key: place for key, place in sheet.positions.items()}
            return replace(sheet, headers=headers, rows=tuple(renamed), positions=positions)
        case _:
            return replace(sheet, name=draw(st.sampled_from(SHEET_NAMES)))
    return replace(sheet, rows=tuple(rows))


@settings(QUICK, max_examples=20)
@given(slips())
def test_slips_in_the_shipped_workbook_never_crash_the_reader(workbook: Workbook):
    assert_told_well(examined(workbook))


@pytest.mark.slow
@settings(THOROUGH, max_examples=60)
@given(slips())
def test_many_slips_in_the_shipped_workbook_never_crash_the_reader(workbook: Workbook):
    assert_told_well(examined(workbook))
