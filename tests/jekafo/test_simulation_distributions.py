"""The sheet of shares: what it steers, and what is said about it when it is wrong."""

import io
import random
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from lxml import etree
from openpyxl import Workbook
from pyxform.xls2xform import convert

from forms.errors import XLSFormInvalid
from forms.form import Form
from forms.javarosa.filler import FormFiller
from forms.xform.read import read_xform
from jekafo.simulation.distribution_sheet import CODES, read_distributions
from jekafo.simulation.distributions import Distributions
from jekafo.simulation.interviews import Tally, interview
from jekafo.simulation.patterns import PatternUnread, pattern_text
from jekafo.simulation.plan import FormPlan
from jekafo.simulation.sittings import plan_sittings

DICE = random.Random(3)  # noqa: S311 - tests must repeat

SURVEY = """
| survey |
| | type | name | label | constraint | required | calculation |
| | select_one sex | sex | Sex | | yes |
| | select_one trust | trust | Trust | | |
| | integer | age | Age | . >= 18 | yes |
| | select_multiple need | needs | Needs | | |
| | rank need | order | Order | | |
| | text | said | Said | | |
| | calculate | c | | | | 1 |
| choices |
| | list_name | name | label |
| | sex | f | F |
| | sex | m | M |
| | trust | 1 | No |
| | trust | 2 | Little |
| | trust | 3 | Yes |
| | need | water | Water |
| | need | school | School |
| | need | none | None |
| settings |
| | form_id | version |
| | probe | 1 |
"""


@pytest.fixture(scope="module")
def form() -> Form:
    return read_xform(convert(SURVEY, validate=False, file_type=".md").xform.encode())


def drawn(form: Form, distributions: Distributions, count: int = 400) -> tuple[list[Mapping[str, str]], Tally]:
    plan = FormPlan.of(form, {}, distributions)
    filler, tally, rows = FormFiller(form.xform, {}), Tally(plan), []
    for sitting in plan_sittings(count, 6, date(2026, 3, 10), 1):
        done = interview(plan, filler, sitting, 1)
        tally.add(done)
        assert done.filled is not None
        rows.append({str(node.tag): node.text or "" for node in etree.fromstring(done.filled.xml)})
    return rows, tally


def share(rows: list[Mapping[str, str]], name: str, value: str) -> float:
    return sum(row[name] == value for row in rows) / len(rows)


def read(sheet: str, form: Form, file_name: str = "shares.csv") -> Distributions:
    return read_distributions(sheet.encode(), file_name, form)


def test_answers_come_in_the_shares_given_and_what_is_not_named_shares_the_rest(form: Form):
    rows, _ = drawn(form, read("name,value,share\ntrust,3,0.4\ntrust,blank,0.1\n", form))

    assert share(rows, "trust", "3") == pytest.approx(0.4, abs=0.08)
    assert share(rows, "trust", "") == pytest.approx(0.1, abs=0.06)
    assert share(rows, "trust", "1") == pytest.approx(0.25, abs=0.08)


def test_weights_above_one_are_shares_of_their_sum_and_leave_no_rest(form: Form):
    rows, _ = drawn(form, read("name,value,share\ntrust,3,30\ntrust,1,10\n", form))

    assert share(rows, "trust", "3") == pytest.approx(0.75, abs=0.08)
    assert share(rows, "trust", "2") == 0


def test_a_condition_gives_other_shares_to_those_it_holds_for(form: Form):
    rows, _ = drawn(form, read("name,value,share,when\ntrust,3,1,sex=f\ntrust,1,1,\n", form))

    assert {row["trust"] for row in rows if row["sex"] == "f"} == {"3"}
    assert {row["trust"] for row in rows if row["sex"] == "m"} == {"1"}


def test_numbers_come_from_ranges(form: Form):
    rows, _ = drawn(form, read("name,value,share\nage,18..24,0.5\nage,60..70,0.5\n", form))
    ages = [int(row["age"]) for row in rows]

    assert all(18 <= age <= 24 or 60 <= age <= 70 for age in ages)
    assert sum(age <= 24 for age in ages) / len(ages) == pytest.approx(0.5, abs=0.08)


def test_of_several_choices_each_is_taken_with_its_own_share(form: Form):
    rows, _ = drawn(form, read("name,value,share\nneeds,water,0.8\nneeds,school,0.3\nneeds,none,0.1\n", form))
    taken = [row["needs"].split() for row in rows]

    assert sum("none" in each for each in taken) / len(taken) == pytest.approx(0.1, abs=0.05)
    assert all(each == ["none"] for each in taken if "none" in each)
    assert sum("water" in each for each in taken) / len(taken) == pytest.approx(0.8 * 0.9, abs=0.08)


def test_a_heavier_choice_is_ranked_sooner(form: Form):
    rows, _ = drawn(form, read("name,value,share\norder,water,8\norder,school,1\norder,none,1\n", form))

    assert share([{"first": row["order"].split()[0]} for row in rows if row["order"]], "first", "water") > 0.6


def test_shares_the_form_refuses_are_given_up_and_told(form: Form):
    rows, tally = drawn(form, read("name,value,share\nage,3..9,1\n", form), 20)

    assert all(int(row["age"]) >= 18 for row in rows)
    assert tally.overruled["age"] == 20


@pytest.mark.parametrize(
    ("sheet", "code", "row", "says"),
    [
        ("name,value,share\nnobody,1,1\n", "simulation_question", 2, "'nobody'"),
        ("name,value,share\nsex,f,1\nc,1,1\n", "simulation_question", 3, "'c'"),
        ("name,value,share\nsex,x,1\n", "simulation_value", 2, "'x'"),
        ("name,value,share\nage,old,1\n", "simulation_value", 2, "'old'"),
        ("name,value,share\nage,24..18,1\n", "simulation_value", 2, "24..18"),
        ("name,value,share\nsex,f,-0.1\n", "simulation_share", 2, "-0.1"),
        ("name,value,share\nsex,f,many\n", "simulation_share", 2, "many"),
        ("name,value,share\nsex,f,inf\n", "simulation_share", 2, "inf"),
        ("name,value,share\nsex,f,0\nsex,m,0\n", "simulation_share", 2, "sum to zero"),
        ("name,value,share,when\nsex,f,1,nobody=1\n", "simulation_when", 2, "nobody=1"),
        ("name,value,share,when\nsex,f,1,age>3\n", "simulation_when", 2, "age>3"),
        ("name,share\nsex,1\n", "simulation_header", 1, "no column value"),
        ("name,value,share,notes\nsex,f,1,\n", "simulation_header", 1, "notes is not read"),
        ("", "simulation_header", 1, "no column name"),
    ],
)
def test_a_wrong_row_is_a_finding_with_its_number(form: Form, sheet: str, code: str, row: int, says: str):
    with pytest.raises(XLSFormInvalid) as invalid:
        read(sheet, form)

    finding = invalid.value.findings[0]
    assert (finding.code, finding.row) == (code, row)
    assert says in finding.message.en
    assert finding.code in CODES
    assert finding.message.fr != finding.message.en


def test_all_wrong_rows_are_told_at_once(form: Form):
    with pytest.raises(XLSFormInvalid) as invalid:
        read("name,value,share\nnobody,1,1\nsex,x,1\nsex,f,-1\n", form)

    assert [finding.row for finding in invalid.value.findings] == [2, 3, 4]


def test_a_french_excel_writes_semicolons_and_decimal_commas(form: Form):
    assert read("name;value;share\nsex;f;0,4\n", form) == read("name,value,share\nsex,f,0.4\n", form)


def test_a_workbook_holds_the_shares_on_its_sheet_simulation(form: Form):
    book = Workbook()
    book.worksheets[0].title = "README"
    sheet = book.create_sheet("simulation")
    for row in (("name", "value", "share"), ("sex", "f", 0.4)):
        sheet.append(row)
    content = io.BytesIO()
    book.save(content)

    assert read_distributions(content.getvalue(), "s.xlsx", form) == read("name,value,share\nsex,f,0.4\n", form)
    book.remove(sheet)
    book.create_sheet("other")
    content = io.BytesIO()
    book.save(content)
    with pytest.raises(XLSFormInvalid, match="no sheet simulation"):
        read_distributions(content.getvalue(), "s.xlsx", form)


PATTERNS = [
    r"^[0-9]{8}$",
    r"[A-Z]{2}-\d{3,5}",
    r"(\+223)?[67]\d{7}",
    r"^[A-Za-z' -]+$",
    r"^\w+@\w+\.[a-z]{2,3}$",
    r"[^0-9]{2,}",
    r"(?:ab|cd)+x?",
    r"^(0?[1-9]|1[0-2])$",
    r"[\]\-a]{3}",
    r"a.c\.d",
    r"",
]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_text_made_for_a_pattern_matches_it(pattern: str):
    assert all(re.fullmatch(pattern, pattern_text(pattern, DICE)) for _ in range(50))


@pytest.mark.parametrize("pattern", ["(a", "[a", "a{2", r"(a)\1", "\\", "a)"])
def test_a_pattern_that_cannot_be_read_is_refused(pattern: str):
    with pytest.raises(PatternUnread):
        pattern_text(pattern, DICE)


def test_the_page_lists_every_code_of_the_sheet_with_what_it_finds():
    page = (Path(__file__).resolve().parents[2] / "docs" / "simulate.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `(simulation_\w+)` \| (.+) \|$", page, re.MULTILINE)
    assert listed == [(code, said.en) for code, said in CODES.items()]
