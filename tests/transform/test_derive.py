from collections.abc import Callable
from typing import Any

import pytest

from forms.expression import parse
from forms.form import Form, Question
from forms.interpretation import Derived, Interpretation
from transform.errors import BuildError
from transform.reader import Tables

AREAS = {"areas.csv": "name,region,weight\na1,ML05,1.5\na2,ML04,\n".encode("utf-8-sig")}


@pytest.fixture
def derive(
    make_form: Callable[..., Form], question: Callable[..., Question], build: Callable[..., Tables]
) -> Callable[..., Tables]:
    """The tables of a form with these derived variables, each `type name = calculation`."""

    def make(*lines: str, answers: list[dict[str, Any]], files: dict[str, bytes] | None = None) -> Tables:
        derived = []
        for line in lines:
            head, _, calculation = line.partition(" = ")
            *kind, name = head.split()
            derived.append(Derived(name, kind[0], kind[1] if kind[1:] else None, parse(calculation)))
        form = make_form(
            question("age", "integer"),
            question("sex"),
            question("psu"),
            question("outcome", "select_one", list_name="outcome"),
            question("start", "datetime"),
            question("member/m_age", "integer", repeat="member"),
            question("member/theme", "select_multiple", list_name="theme", repeat="member"),
            repeats=["member"],
            lists={"outcome": "complete refused 98", "theme": "peace school", "agegrp": "young old", "yn": "1 0 98"},
            interpretation=Interpretation(derived=tuple(derived)),
        )
        return build(form, answers, files=files or {})

    return make


def values(tables: Tables, name: str, table: str = "f") -> list[Any]:
    keys = "root_id" if table == "f" else "root_id, position"
    found = tables.rows(f'SELECT "{name}" AS v FROM "{table}" ORDER BY {keys}')["v"].tolist()
    return [list(value) if hasattr(value, "tolist") else value for value in found]


def test_derived_variables_are_computed_in_the_order_they_need(derive: Callable[..., Tables]):
    tables = derive(
        "integer twice = ${once} * 2",
        "integer once = ${age} + 1",
        "select_one agegrp band = if(${twice} < 60, 'young', 'old')",
        answers=[{"age": "20"}, {"age": "40"}, {}],
    )
    assert (values(tables, "twice"), values(tables, "band")) == ([42, 82, None], ["young", "old", None])


def test_a_result_that_does_not_fit_is_an_issue_row_and_no_value(
    derive: Callable[..., Tables], misfits: Callable[[Tables], list[tuple[str, str, str]]]
):
    tables = derive(
        "select_one agegrp band = if(${age} < 30, 'young', 'ancient')",
        "integer half = ${age} div 2",
        "date born = ${sex}",
        "select_multiple theme themes = ${psu}",
        "decimal huge = ${age} * 100000000000000000 * 100000000000000000 * 10000000000000000000",
        answers=[{"age": "40", "sex": "yesterday", "psu": "peace war"}, {"age": "41", "sex": "2026-01-05"}],
    )
    assert misfits(tables) == [
        ("band", "ancient", "derived_not_a_choice"),
        ("band", "ancient", "derived_not_a_choice"),
        ("born", "yesterday", "derived_not_a_date"),
        ("half", "20.5", "derived_not_an_integer"),
        ("themes", "peace war", "derived_not_a_choice"),
    ]
    assert values(tables, "band") == [None, None]
    assert values(tables, "half") == [20, None]
    assert values(tables, "themes") == [None, None]
    assert values(tables, "huge") == [pytest.approx(4e54), pytest.approx(4.1e54)]


def test_true_and_false_become_one_and_nought(derive: Callable[..., Tables]):
    tables = derive(
        "integer adult = ${age} >= 18",
        "select_one yn adult_code = ${age} >= 18",
        answers=[{"age": "20"}, {"age": "3"}, {}],
    )
    assert values(tables, "adult") == [1, 0, None]
    assert values(tables, "adult_code") == ["1", "0", None]


def test_dont_know_that_is_handed_on_stays_dont_know(derive: Callable[..., Tables]):
    tables = derive(
        "select_one outcome final = if(coalesce(${age}, 18) < 18, 'refused', ${outcome})",
        "integer complete = ${final} = 'complete'",
        answers=[{"outcome": "98"}, {"outcome": "complete"}, {"age": "3", "outcome": "complete"}, {}],
    )
    assert values(tables, "final") == ["98", "complete", "refused", None]
    assert values(tables, "complete") == [None, 1, 0, None]


def test_rows_of_a_repeat_are_counted_summed_and_joined(derive: Callable[..., Tables]):
    tables = derive(
        "integer members = count(${member})",
        "integer years = sum(${m_age})",
        "integer adults = sum(${is_adult})",
        "integer is_adult = if(${m_age} >= 18, 1, 0)",
        "select_multiple theme themes = join(' ', ${theme})",
        "integer head_is_older = if(${age} > ${m_age}, 1, 0)",
        answers=[
            {
                "age": "30",
                "member": [
                    {"member/m_age": "40", "member/theme": "peace school"},
                    {"member/m_age": "7", "member/theme": "peace"},
                ],
            },
            {"age": "30", "member": [{"member/m_age": ""}]},
            {},
        ],
    )
    assert values(tables, "members") == [2, 1, 0]
    assert values(tables, "years") == [47, None, 0]
    assert values(tables, "adults") == [1, None, 0]
    assert values(tables, "themes") == [["peace", "school"], None, None]
    assert values(tables, "head_is_older", "f__member") == [0, 1, None]


def test_pulldata_reads_the_forms_files(derive: Callable[..., Tables]):
    tables = derive(
        "text region = pulldata('areas', 'region', 'name', ${psu})",
        "decimal weight = pulldata('areas', 'weight', 'name', ${psu}) * 2",
        answers=[{"psu": "a1"}, {"psu": "a2"}, {"psu": "zz"}, {}],
        files=AREAS,
    )
    assert values(tables, "region") == ["ML05", "ML04", None, None]
    assert values(tables, "weight") == [3.0, None, None, None]
    assert tables.snapshot().files("f")["areas"].columns == ("name", "region", "weight")


def test_days_between_a_moment_and_today_count_to_the_day_the_figures_are_for(derive: Callable[..., Tables]):
    tables = derive("decimal waiting = today() - ${start}", answers=[{"start": "2026-11-20T12:00:00Z"}])
    assert values(tables, "waiting") == [1.5]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"name,region\na1,x\na1,y\n", "name has 'a1' twice"),
        (b"name,Name\na,b\n", "must name every column, each once"),
        (b"", "must name every column, each once"),
        (b"name,region\na1,x,y\n", "more cells than the first line"),
        (b"name,region\n\xff\xfe,x\n", "cannot be used"),
        (b"name;region\na1;x\n", "its columns are name;region"),
    ],
)
def test_a_file_that_cannot_be_looked_up_stops_the_build_and_is_named(
    derive: Callable[..., Tables], content: bytes, words: str
):
    line = "text region = pulldata('areas', 'region', 'name', ${psu})"
    with pytest.raises(BuildError, match=words) as raised:
        derive(line, answers=[], files={"areas.csv": content})
    assert "areas.csv" in raised.value.message.fr


def test_a_calculation_that_cannot_be_compiled_names_its_variable_in_both_languages(derive: Callable[..., Tables]):
    with pytest.raises(BuildError) as raised:
        derive("integer wrong = ${m_age} + 1", "integer bad = ${nobody}", answers=[])
    assert raised.value.message.en.startswith("Derived variable bad: ")
    assert raised.value.message.fr.startswith("Variable dérivée bad : ")


def test_what_no_type_can_hold_is_unknown_and_listed_never_a_broken_build(
    derive: Callable[..., Tables], misfits: Callable[[Tables], list[tuple[str, str, str]]]
):
    tables = derive(
        f"decimal far = ${{age}} * {'9' * 38} * {'9' * 38} * {'9' * 38} * {'9' * 38} * {'9' * 38} * {'9' * 38} * "
        f"{'9' * 38} * {'9' * 38} * {'9' * 38}",
        # A day in the year 300,000: DuckDB has such dates, and no moments of them.
        f"datetime later = today(){' + 9999999' * 11}",
        "date never = today() + ${age} * 40000000",
        "decimal rounded = round(1.5, 1000000000000)",
        answers=[{"age": "40"}],
    )
    assert [values(tables, name) for name in ("far", "later", "never", "rounded")] == [[None]] * 4
    assert [(path, reason) for path, _, reason in misfits(tables)] == [
        ("far", "derived_not_a_decimal"),
        ("later", "derived_not_a_datetime"),
    ]


def test_a_date_where_a_number_belongs_names_its_variable(derive: Callable[..., Tables]):
    with pytest.raises(BuildError, match="Derived variable wrong: a date or time stands where a number"):
        derive("decimal wrong = round(${start})", answers=[{"start": "2026-11-20T12:00:00Z"}])


def test_a_variable_that_the_database_cannot_compute_is_named_among_those_of_its_wave(
    derive: Callable[..., Tables], monkeypatch: pytest.MonkeyPatch
):
    # The one thing changed is how a text becomes a number: without a guard, as a future release might by mistake.
    monkeypatch.setattr("transform.expression_values._written_as", lambda text, _, kind: f"CAST({text} AS {kind})")
    with pytest.raises(BuildError) as raised:
        derive("integer fine = ${age}", "decimal wrong = ${sex} + 1", answers=[{"age": "1", "sex": "secret"}])
    assert raised.value.message.en.startswith("Derived variable wrong: ")
    assert "ConversionException" in raised.value.message.fr
    assert "secret" not in str(raised.value)
