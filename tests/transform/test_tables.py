import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forms.expression import parse
from forms.form import Form, Group, Question
from forms.interpretation import Derived, DesignRow, Interpretation
from forms.text import Bilingual
from transform.errors import BuildError
from transform.reader import Tables
from transform.records import AnswerRecord, FailedForm, FormData
from transform.tables import build_tables

SERVICES = {"services": "school water none 98", "yn": "1 0 98"}


@pytest.fixture
def household(make_form: Callable[..., Form], question: Callable[..., Question]):
    """A form with a nested repeat."""
    return make_form(
        question("round_id"),
        question("q/age", "integer"),
        question("q/weight", "decimal"),
        question("q/trust", "select_one", list_name="yn"),
        question("q/services", "select_multiple", list_name="services"),
        question("q/explain", "note"),
        question("q/member/age", "integer", repeat="q/member"),
        question("q/member/visit/day", "date", repeat="q/member/visit"),
        repeats=["q/member", "q/member/visit"],
        lists=SERVICES,
    )


def column(tables: Tables, name: str, table: str = "f") -> list[object]:
    values = tables.rows(f'SELECT "{name}" AS v FROM "{table}" ORDER BY root_id, 1')["v"].tolist()
    return [list(value) if hasattr(value, "tolist") else value for value in values]


def test_answers_become_typed_columns(
    household: Form, build: Callable[..., Tables], misfits: Callable[[Tables], list[tuple[str, str, str]]]
):
    tables = build(
        household,
        [{"round_id": "r1", "q/age": "31", "q/weight": "0.50", "q/trust": "1", "q/services": "school water"}],
    )
    row = {name: values.tolist()[0] for name, values in tables.rows("SELECT * FROM f").items()}
    assert list(row.pop("services")) == ["school", "water"]
    assert {name: row[name] for name in ("root_id", "form_version", "submitter", "kept_record")} == {
        "root_id": "u1",
        "form_version": "1",
        "submitter": "ali",
        "kept_record": True,
    }
    assert (row["round_id"], row["age"], row["weight"], row["trust"]) == ("r1", 31, 0.5, "1")
    assert misfits(tables) == []


def test_rows_of_nested_repeats_know_their_parents(household: Form, build: Callable[..., Tables]):
    visits = [[{"q/member/visit/day": "2026-01-05"}], [], [{"q/member/visit/day": f"2026-02-0{d}"} for d in (1, 2)]]
    members = [{"q/member/age": str(age), "q/member/visit": days} for age, days in zip((31, 7, 2), visits, strict=True)]
    tables = build(household, [{"q/member": members}, {"q/member": members[2:]}])
    rows = tables.rows(
        "SELECT v.root_id || ' ' || v.position || ' of ' || v.parent_position || ', aged ' || m.age || ', ' || day AS t"
        " FROM f__visit v JOIN f__member m ON m.root_id = v.root_id AND m.position = v.parent_position ORDER BY 1"
    )
    assert rows["t"].tolist() == [
        "u1 1 of 1, aged 31, 2026-01-05",
        "u1 2 of 3, aged 2, 2026-02-01",
        "u1 3 of 3, aged 2, 2026-02-02",
        "u2 1 of 1, aged 2, 2026-02-01",
        "u2 2 of 1, aged 2, 2026-02-02",
    ]


def test_not_asked_and_asked_without_an_answer_are_two_things(household: Form, build: Callable[..., Tables]):
    tables = build(household, [{"q/age": ""}, {}, {"q/age": "3"}, {"q/age": "three"}])
    assert column(tables, "age") == [None, None, 3, None]
    asked = tables.rows('SELECT age FROM "f__asked" ORDER BY root_id')["age"].tolist()
    assert asked == [True, False, True, True]


def test_rows_of_a_repeat_have_a_companion_too(household: Form, build: Callable[..., Tables]):
    tables = build(household, [{"q/member": [{"q/member/age": ""}, {}]}])
    assert tables.rows('SELECT position, age FROM "f__member__asked" ORDER BY 1')["age"].tolist() == [True, False]


MISFITS = [
    ({"q/age": "1.5"}, [("q/age", "1.5", "not_an_integer")]),
    ({"q/age": "99999999999999999999"}, [("q/age", "99999999999999999999", "out_of_range")]),
    ({"q/unheard_of": "1"}, [("q/unheard_of", "1", "unknown_path")]),
    ({"AGE": "1", "Q/AGE": "2"}, [("AGE", "1", "unknown_path"), ("Q/AGE", "2", "unknown_path")]),
    ({"q/age": ["1", "2"]}, [("q/age", "1", "stands_several_times"), ("q/age", "2", "stands_several_times")]),
    ({"q/age": {"x": "1"}}, [("x", "1", "wrong_shape")]),
    ({"q/age": [{"q/age/x": "1"}]}, [("q/age/x", "1", "stands_several_times")]),
    ({"q/age": 5}, [("q/age", "5", "wrong_shape")]),
    ({"q/age": True, "q/unheard_of": "1"}, [("q/age", "true", "wrong_shape"), ("q/unheard_of", "1", "unknown_path")]),
    ({"q/member": "31"}, [("q/member", "31", "wrong_shape")]),
    ({"q/member": {"q/member/age": "31"}}, [("q/member/age", "31", "wrong_shape")]),
    (
        {"q/member": [{"q/member/age": "x"}, "7"]},
        [("q/member", "7", "wrong_shape"), ("q/member/age", "x", "not_an_integer")],
    ),
    ({"q/member": [{"q/age": "7"}]}, [("q/age", "7", "unknown_path")]),
    ({"q/member": [["7"], None, 3]}, [("q/member", "3", "wrong_shape"), ("q/member", "7", "wrong_shape")]),
    (
        {"q/new": [{"q/new/x": "1", "q/new/y": [{"z": "2"}]}]},
        [("q/new/x", "1", "unknown_path"), ("z", "2", "unknown_path")],
    ),
    ({"q/new": ["1"]}, [("q/new", "1", "unknown_path")]),
    ({"q/explain": "said"}, [("q/explain", "said", "holds_no_answer")]),
    ({"q/trust": "7"}, [("q/trust", "7", "not_a_choice")]),
    ({"q/services": "school pool"}, [("q/services", "pool", "not_a_choice")]),
    ({"q/services": "  "}, [("q/services", "  ", "not_a_list_of_choices")]),
    ("[]", [("", "[]", "not_json")]),
    ('["x"]', [("", '["x"]', "not_json")]),
    ("{broken", [("", "{broken", "not_json")]),
    ("[" * 5000, [("", "[" * 5000, "not_json")]),
    ('{"q/age": "1", "q/age": "2"}', [("q/age", "2", "stands_several_times")]),
    ('{"round_id": "\\ud800"}', [("round_id", "\\ud800", "not_text")]),
]


@pytest.mark.parametrize(("answers", "expected"), MISFITS)
def test_what_does_not_fit_is_listed_with_its_reason(
    household: Form,
    build: Callable[..., Tables],
    misfits: Callable[[Tables], list[tuple[str, str, str]]],
    answers: Any,
    expected: Any,
):
    assert misfits(build(household, [{"round_id": "r1"}, answers, {"q/age": "4"}])) == expected


FITTING = [
    {"round_id": 'he said "x": "y"'},
    {"round_id": 'ends with \\":'},
    {"round_id": '":"'},
    {"round_id": "[bracket", "q/age": "3"},
    {"round_id": "{brace}"},
    {"round_id": "x\u0000y"},
    {"round_id": "\u2028 é 🎈 \\ \n"},
    {"round_id": "'; DROP TABLE f; --"},
]


@pytest.mark.parametrize("answers", FITTING)
@pytest.mark.parametrize("indent", [None, 2])
def test_text_is_kept_as_it_is_however_the_json_is_written(
    household: Form,
    build: Callable[..., Tables],
    misfits: Callable[[Tables], list[tuple[str, str, str]]],
    answers: Any,
    indent: int | None,
):
    tables = build(household, [json.dumps(answers, indent=indent), json.dumps(answers, separators=(",", ":"))])
    assert column(tables, "round_id") == [answers["round_id"]] * 2
    assert misfits(tables) == []


def test_a_select_answer_that_is_no_choice_is_kept_and_listed(
    household: Form, build: Callable[..., Tables], misfits: Callable[[Tables], list[tuple[str, str, str]]]
):
    tables = build(household, [{"q/trust": "7", "q/services": "school pool"}])
    assert column(tables, "trust") == ["7"]
    assert column(tables, "services") == [["school", "pool"]]
    assert misfits(tables) == [("q/services", "pool", "not_a_choice"), ("q/trust", "7", "not_a_choice")]


def test_choices_from_a_file_are_not_checked(
    make_form: Callable[..., Form],
    question: Callable[..., Question],
    build: Callable[..., Tables],
    misfits: Callable[[Tables], list[tuple[str, str, str]]],
):
    form = make_form(question("area", "select_one_from_file", list_name="areas", file_name="areas.csv"))
    assert misfits(build(form, [{"area": "ML05"}])) == []


def test_a_misfit_in_a_repeat_says_in_which_rows_it_stands(household: Form, build: Callable[..., Tables]):
    visits = [{"q/member/visit/day": "2026-01-05"}, {"q/member/visit/day": "yesterday", "x": "1"}]
    tables = build(household, [{"q/member": [{}, {"q/member/visit": visits}]}])
    rows = tables.rows('SELECT path, positions FROM "_misfits" ORDER BY path')
    assert [(path, list(positions)) for path, positions in zip(rows["path"], rows["positions"], strict=True)] == [
        ("q/member/visit/day", [2, 2]),
        ("x", [2, 2]),
    ]


def test_names_that_differ_only_by_case_keep_their_answers_apart(
    make_form: Callable[..., Form],
    question: Callable[..., Question],
    build: Callable[..., Tables],
    misfits: Callable[[Tables], list[tuple[str, str, str]]],
):
    form = make_form(
        question("Age"), question("age"), question("R/x", repeat="R"), question("r/x", repeat="r"), repeats=["R", "r"]
    )
    tables = build(form, [{"Age": "1", "age": "2", "R": [{"R/x": "3"}], "r": [{"r/x": "4"}, {"r/x": "5"}]}])
    columns = tables.columns("f")
    found = {
        path: tables.rows(f'SELECT "{ref.column}" AS v FROM "{ref.table}" ORDER BY 1')["v"].tolist()
        for path, ref in columns.items()
        if path in ("Age", "age", "R/x", "r/x")
    }
    assert found == {"Age": ["1"], "age": ["2"], "R/x": ["3"], "r/x": ["4", "5"]}
    assert misfits(tables) == []


def test_names_with_quotes_are_only_names(
    make_form: Callable[..., Form], question: Callable[..., Question], build: Callable[..., Tables]
):
    form = make_form(question('a"b', "integer"), question("c'd"), form_id='x"; DROP TABLE y; --')
    tables = build(form, [{'a"b': "1", "c'd": "2"}])
    ref = tables.columns(form.form_id)['a"b']
    assert tables.rows('SELECT "a""b" AS v FROM "x""; DROP TABLE y; --"')["v"].tolist() == [1]
    assert (ref.table, ref.column, ref.sql_type) == (form.form_id, 'a"b', "BIGINT")


def test_a_form_without_questions_and_a_repeat_without_questions_have_tables(
    make_form: Callable[..., Form],
    build: Callable[..., Tables],
    misfits: Callable[[Tables], list[tuple[str, str, str]]],
):
    tables = build(make_form(repeats=["r"]), [{}, {"r": [{}, {}]}])
    assert tables.rows("SELECT root_id FROM f ORDER BY 1")["root_id"].tolist() == ["u1", "u2"]
    assert tables.rows("SELECT position FROM f__r ORDER BY 1")["position"].tolist() == [1, 2]
    assert misfits(tables) == []


# --- several versions -------------------------------------------------------------------------------------------


@pytest.fixture
def three_versions(make_form: Callable[..., Form], question: Callable[..., Question]):
    """Version 1 asks `trust` and a free text age; 2 moves trust into a group; 3 renames it, types age, drops `note`."""
    first = make_form(
        question("trust", "select_one", list_name="l"),
        question("age"),
        question("remark"),
        version="1",
        lists={"l": "pay salary 98"},
    )
    second = make_form(
        question("sec/trust", "select_one", list_name="l"),
        question("age"),
        question("remark"),
        version="2",
        groups=[Group("sec", {}, is_repeat=False, repeat=None)],
        lists={"l": "pay salary 98"},
    )
    third = make_form(
        question("sec/trust_gend", "select_one", list_name="l", renamed_from=("trust", "sec/trust")),
        question("age", "integer"),
        version="3",
        groups=[Group("sec", {}, is_repeat=False, repeat=None)],
        lists={"l": "wage<pay<salary other 98"},
    )
    return first, second, third


def test_over_all_versions_no_answer_is_lost_or_made(
    three_versions: tuple[Form, Form, Form],
    build: Callable[..., Tables],
    misfits: Callable[[Tables], list[tuple[str, str, str]]],
):
    answers = [
        {"trust": "pay", "age": "31", "remark": "ok"},
        {"trust": "", "age": "about 30"},
        {"sec/trust": "salary", "age": "44", "remark": ""},
        {"sec/trust_gend": "98", "age": "7"},
        {"sec/trust_gend": "other", "trust": "pay"},
        {},
    ]
    first, second, third = three_versions
    tables = build(third, answers, versions=[first, second])
    into = {
        "trust": sum(1 for a in answers for p in ("trust", "sec/trust", "sec/trust_gend") if a.get(p)),
        "age": sum(1 for a in answers if a.get("age")),
        "remark": sum(1 for a in answers if a.get("remark")),
    }
    assert into == {"trust": 5, "age": 4, "remark": 1}
    out = tables.rows("SELECT count(trust_gend) AS trust, count(age) AS age, count(remark) AS remark FROM f")
    assert {name: values.tolist()[0] for name, values in out.items()} == {"trust": 4, "age": 3, "remark": 1}
    assert misfits(tables) == [("age", "about 30", "not_an_integer"), ("trust", "pay", "also_under_earlier_path")]


def test_answers_under_earlier_names_of_choices_are_read_as_todays(
    three_versions: tuple[Form, Form, Form],
    build: Callable[..., Tables],
    misfits: Callable[[Tables], list[tuple[str, str, str]]],
):
    first, second, third = three_versions
    tables = build(
        third, [{"trust": "pay"}, {"sec/trust": "salary"}, {"sec/trust_gend": "wage"}], versions=[first, second]
    )
    assert column(tables, "trust_gend") == ["wage"] * 3
    assert misfits(tables) == []


def test_choices_merged_into_one_stand_once_and_split_ones_stay_as_they_were(
    make_form: Callable[..., Form],
    question: Callable[..., Question],
    build: Callable[..., Tables],
    misfits: Callable[[Tables], list[tuple[str, str, str]]],
):
    older = make_form(
        question("s", "select_multiple", list_name="l"),
        question("t", "select_one", list_name="m"),
        version="1",
        lists={"l": "pay salary food", "m": "clinic"},
    )
    newest = make_form(
        question("s", "select_multiple", list_name="l"),
        question("t", "select_one", list_name="m"),
        version="2",
        lists={"l": "wage<pay<salary food", "m": "day_clinic<clinic night_clinic<clinic"},
    )
    tables = build(newest, [{"s": "pay food salary", "t": "clinic"}], versions=[older])
    assert column(tables, "s") == [["wage", "food"]]
    assert column(tables, "t") == ["clinic"]
    assert misfits(tables) == []


def test_rows_of_a_renamed_repeat_are_read_under_both_names(
    make_form: Callable[..., Form],
    question: Callable[..., Question],
    build: Callable[..., Tables],
    misfits: Callable[[Tables], list[tuple[str, str, str]]],
):
    older = make_form(question("old/age", "integer", repeat="old"), question("old/sex", repeat="old"), repeats=["old"])
    newest = make_form(
        question("new/age", "integer", repeat="new"),
        version="2",
        groups=[Group("new", {}, is_repeat=True, repeat=None, renamed_from=("old",))],
    )
    tables = build(newest, [{"old": [{"old/age": "1", "old/sex": "f"}]}, {"new": [{"new/age": "2"}]}], versions=[older])
    rows = tables.rows("SELECT root_id, position, age, sex FROM f__new ORDER BY 1")
    assert (rows["age"].tolist(), rows["sex"].tolist()) == ([1, 2], ["f", None])
    assert misfits(tables) == []


def test_a_path_that_became_a_repeat_keeps_its_old_answers_as_misfits(
    make_form: Callable[..., Form],
    question: Callable[..., Question],
    build: Callable[..., Tables],
    misfits: Callable[[Tables], list[tuple[str, str, str]]],
):
    older = make_form(question("child"))
    newest = make_form(question("child/age", "integer", repeat="child"), version="2", repeats=["child"])
    tables = build(newest, [{"child": "two"}, {"child": [{"child/age": "3"}]}], versions=[older])
    assert misfits(tables) == [("child", "two", "wrong_shape")]
    assert column(tables, "age", "f__child") == [3]


# --- the build --------------------------------------------------------------------------------------------------


def everything(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """All tables of a file, each in the order of its rows' texts."""
    tables = Tables(path)
    names = tables.rows("SELECT table_name FROM duckdb_tables() WHERE database_name = 'tables' ORDER BY 1")
    return {
        name: sorted(tables.rows(f'SELECT CAST(r AS VARCHAR) AS r FROM "{name}" AS r')["r"].tolist())
        for name in names["table_name"].tolist()
    }


def test_rebuilding_from_the_same_answers_gives_equal_tables_however_they_come(
    household: Form, records: Callable[..., list[AnswerRecord]], tmp_path: Path
):
    answers = [
        {"q/age": str(n), "bad": "x" * (n % 3), "q/member": [{"q/member/age": str(m)} for m in range(n % 4)]}
        for n in range(500)
    ]
    given = records(answers)
    files = {"areas.csv": b"name,region\na,b\n"}
    for name, batches in (("one", [given]), ("many", [given[n : n + 7] for n in range(0, 500, 7)])):
        build_tables(
            tmp_path / name,
            [FormData(household, (household,), batches, files)],
            as_of=records([{}])[0].received_at.date(),
        )
    assert everything(tmp_path / "one") == everything(tmp_path / "many")
    assert len(everything(tmp_path / "one")["f"]) == 500


def test_rows_stand_in_the_order_in_which_they_came(
    household: Form, records: Callable[..., list[AnswerRecord]], tmp_path: Path
):
    given = records([{"q/age": str(n), **({"bad": "x"} if n % 5 == 0 else {})} for n in range(3000)])
    build_tables(tmp_path / "t", [FormData(household, (household,), [given])], as_of=given[0].received_at.date())
    assert Tables(tmp_path / "t").rows("SELECT age FROM f")["age"].tolist() == list(range(3000))


def test_a_chunk_ends_where_it_must_and_nothing_is_lost_between(
    household: Form, records: Callable[..., list[AnswerRecord]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("transform.arrivals.CHUNK_ROWS", 10)
    given = records([{"q/age": str(n), "q/member": [{"q/member/age": "1"}]} for n in range(45)])
    report = build_tables(
        tmp_path / "t", [FormData(household, (household,), [given])], as_of=given[0].received_at.date()
    )
    assert report.tables == {"f": 45, "f__member": 45, "f__visit": 0}


def test_several_forms_stand_in_one_file(
    make_form: Callable[..., Form],
    question: Callable[..., Question],
    records: Callable[..., list[AnswerRecord]],
    tmp_path: Path,
):
    forms = [make_form(question("q", "integer"), form_id=form_id) for form_id in ("csp", "asp")]
    data = [FormData(form, (form,), [records([{"q": "1"}])]) for form in forms]
    report = build_tables(tmp_path / "t", data, as_of=records([{}])[0].received_at.date())
    assert report.tables == {"csp": 1, "asp": 1}
    assert Tables(tmp_path / "t").snapshot().form_ids == ("csp", "asp")


def test_a_build_that_fails_leaves_the_file_that_stood_before(
    household: Form,
    make_form: Callable[..., Form],
    question: Callable[..., Question],
    build: Callable[..., Tables],
    tmp_path: Path,
):
    tables = build(household, [{"q/age": "1"}])
    broken = make_form(question("a", renamed_from=("x",)), question("b", renamed_from=("x",)))
    with pytest.raises(BuildError):
        build(broken, [])
    assert column(tables, "age") == [1]
    assert [path.name for path in tmp_path.iterdir()] == ["tables.duckdb"]


def test_drafts_of_builds_that_were_killed_are_swept(household: Form, build: Callable[..., Tables], tmp_path: Path):
    abandoned = tmp_path / ".tables.duckdb.4194305.x"  # above Linux's greatest process id
    abandoned.mkdir()
    (abandoned / "tables.duckdb").write_bytes(b"half")
    build(household, [])
    assert not abandoned.exists()


def test_a_submission_that_comes_twice_stops_its_forms_build(
    household: Form, records: Callable[..., list[AnswerRecord]], tmp_path: Path
):
    report = build_tables(
        tmp_path / "t",
        [FormData(household, (household,), [records([{}]), records([{}])])],
        as_of=records([{}])[0].received_at.date(),
    )
    assert ["1 submissions came twice" in failed.message.en for failed in report.failed] == [True]


def test_records_that_do_not_count_are_marked_and_kept(
    make_form: Callable[..., Form], question: Callable[..., Question], build: Callable[..., Tables]
):
    form = make_form(
        question("consent", "select_one", list_name="yn"),
        lists=SERVICES,
        interpretation=Interpretation(design=DesignRow("quota", records=parse("${consent} = 1"))),
    )
    tables = build(form, [{"consent": "1"}, {"consent": "0"}, {"consent": "98"}, {}])
    rows = tables.rows("SELECT kept_record FROM f ORDER BY root_id")
    assert rows["kept_record"].tolist() == [True, False, False, False]


def test_the_registry_says_what_every_column_is(
    make_form: Callable[..., Form], question: Callable[..., Question], build: Callable[..., Tables]
):
    form = make_form(
        question("q/trust", "select_one", list_name="yn"),
        lists=SERVICES,
        interpretation=Interpretation(derived=(Derived("trusts", "integer", None, parse("${trust} = 1")),)),
    )
    rows = build(form, []).rows(
        'SELECT column_name, path, type, list_name, kind, variable, unknown_codes FROM "_columns" '
        "WHERE kind <> 'system' ORDER BY 1"
    )
    assert [values.tolist() for values in list(rows.values())[:6]] == [
        ["trust", "trusts"],
        ["q/trust", None],
        ["select_one", "integer"],
        ["yn", None],
        ["question", "derived"],
        ["trust", "trusts"],
    ]
    assert list(rows["unknown_codes"][0]) == ["98"]


# --- whatever comes in comes out --------------------------------------------------------------------------------

TEXTS = st.sampled_from(
    ["", "1", "31", "x", "1.5", "98", "school water", '":"', '": "', "[1]", "{}", "2026-01-05", " "]
)
PATHS = st.sampled_from(["round_id", "q/age", "q/weight", "q/trust", "q/services", "q/explain", "zz", "Q/age"])
VISITS = st.lists(st.dictionaries(st.sampled_from(["q/member/visit/day", "zz"]), TEXTS, max_size=2), max_size=2)
WRONG = st.one_of(st.lists(TEXTS, max_size=2), st.integers(), st.none(), st.dictionaries(PATHS, TEXTS, max_size=2))
MEMBERS = st.lists(
    st.one_of(
        st.fixed_dictionaries(
            {}, optional={"q/member/age": st.one_of(TEXTS, WRONG), "q/member/visit": VISITS, "q": TEXTS}
        ),
        TEXTS,
    ),
    max_size=3,
)
ANSWERS = st.tuples(
    st.dictionaries(PATHS, st.one_of(TEXTS, TEXTS, TEXTS, WRONG), max_size=6),
    st.one_of(st.just(None), MEMBERS, TEXTS),
    st.sampled_from([(",", ":"), (", ", ": "), (" , ", " : ")]),
)


def leaves(value: object) -> int:
    """Texts that are not empty, and numbers, however deep."""
    if isinstance(value, dict):
        return sum(map(leaves, value.values()))
    if isinstance(value, list):
        return sum(map(leaves, value))
    return int(value not in ("", None))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ANSWERS, max_size=12))
def test_every_leaf_comes_out_as_a_value_or_as_a_misfit(household: Form, build: Callable[..., Tables], drawn: Any):
    trees = [answers | ({} if members is None else {"q/member": members}) for answers, members, _ in drawn]
    texts = [json.dumps(tree, separators=each[2]) for tree, each in zip(trees, drawn, strict=True)]
    tables = build(household, texts)
    values = sum(
        int(tables.rows(f'SELECT count("{ref.column}") AS n FROM "{ref.table}"')["n"][0])
        for path, ref in tables.columns("f").items()
        if "/" in path or path == "round_id"
    )
    refused = int(tables.rows("SELECT count(*) AS n FROM _misfits WHERE reason <> 'not_a_choice'")["n"][0])
    assert values + refused == leaves(trees)


LARGE = {"one answer as large as the server takes": (1, 10_000_000), "few": (3, 5_000_000), "many": (300, 100_000)}


@pytest.mark.parametrize(("number", "size"), LARGE.values(), ids=LARGE)
def test_large_answers_are_read(household: Form, build: Callable[..., Tables], number: int, size: int):
    tables = build(household, [{"round_id": "x" * size}] * number)
    assert tables.rows("SELECT sum(length(round_id)) AS n FROM f")["n"].tolist() == [number * size]


def test_what_does_not_fit_into_memory_is_read_in_halves_and_a_record_too_large_alone_is_one_misfit(
    household: Form, build: Callable[..., Tables], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("transform.tables.MEMORY_LIMIT", "64MB")
    huge = json.dumps({"q/member": [{"q/member/age": "1"}] * 200_000})
    tables = build(household, [{"q/age": "1"}, huge, {"q/age": "3"}])
    assert column(tables, "age") == [1, None, 3]
    found = tables.rows('SELECT root_id, path, value, reason FROM "_misfits"')
    assert [values.tolist() for values in found.values()] == [["u2"], [""], [huge], ["too_large_to_read"]]


@pytest.fixture
def two_forms(make_form: Callable[..., Form], question: Callable[..., Question], records: Callable[..., Any]):
    """The data of the forms a and b, `b` as the questions given."""

    def make(age: str, *b: Question) -> list[FormData]:
        forms = [
            make_form(question("a_age", "integer"), form_id="a"),
            make_form(*b, form_id="b", repeats=["r"]),
        ]
        files = {"areas.csv": b"name,region\na1,x\n"}
        answers = [{"a_age": age}, {"b_age": age, "r": [{"r/x": age}]}]
        return [FormData(form, (form,), [records([given])], files) for form, given in zip(forms, answers, strict=True)]

    return make


def test_a_form_that_fails_keeps_its_tables_and_the_others_are_built(
    two_forms: Callable[..., list[FormData]], question: Callable[..., Question], tmp_path: Path
):
    good = [question("b_age", "integer"), question("r/x", "integer", repeat="r"), question("y")]
    bad = [question("y", renamed_from=("x",)), question("z", renamed_from=("x",))]
    as_of = date(2026, 11, 22)
    assert build_tables(tmp_path / "t", two_forms("1", *good), as_of=as_of).failed == ()
    before = {name: rows for name, rows in everything(tmp_path / "t").items() if name.startswith("b")}
    report = build_tables(tmp_path / "t", two_forms("2", *bad), as_of=as_of)
    assert [(failed.form_id, "renamed_from" in failed.message.fr) for failed in report.failed] == [("b", True)]
    assert report.tables == {"a": 1}
    tables = Tables(tmp_path / "t")
    assert column(tables, "a_age", "a") == [2]
    assert {name: rows for name, rows in everything(tmp_path / "t").items() if name.startswith("b")} == before
    assert tables.snapshot().form_ids == ("a", "b")
    assert tables.snapshot().table("b", "r") == "b__r"
    region = tables.snapshot().files("b")["areas"].table
    assert tables.rows(f'SELECT region FROM "{region}"')["region"].tolist() == ["x"]


def test_a_form_that_fails_half_way_and_had_no_tables_has_none(
    two_forms: Callable[..., list[FormData]], question: Callable[..., Question], tmp_path: Path
):
    given, half = two_forms("1", question("b_age", "integer"))
    half = FormData(half.form, half.versions, [*half.batches, *half.batches], half.files)
    report = build_tables(tmp_path / "t", [half, given], as_of=date(2026, 11, 22))
    assert [failed.form_id for failed in report.failed] == ["b"]
    assert [name for name in everything(tmp_path / "t") if name.startswith("b")] == []
    for registry in ("_forms", "_tables", "_columns", "_files", "_misfits"):
        rows = Tables(tmp_path / "t").rows(f"SELECT form_id FROM {registry}")["form_id"].tolist()
        assert set(rows) <= {"a"}


def test_kept_tables_make_room_for_a_name_that_another_form_has_taken(
    make_form: Callable[..., Form], question: Callable[..., Question], records: Callable[..., Any], tmp_path: Path
):
    as_of = date(2026, 11, 22)
    kept = make_form(question("x", "integer"), form_id="a__r")
    build_tables(tmp_path / "t", [FormData(kept, (kept,), [records([{"x": "7"}])])], as_of=as_of)
    other = make_form(form_id="a", repeats=["r"])
    failed = FailedForm("a__r", Bilingual("broken", "cassé"))
    build_tables(tmp_path / "t", [FormData(other, (other,), [records([{}])]), failed], as_of=as_of)
    snapshot = Tables(tmp_path / "t").snapshot()
    assert snapshot.table("a", "r") == "a__r"
    assert snapshot.rows(f'SELECT x FROM "{snapshot.table("a__r")}"')["x"].tolist() == [7]
    assert snapshot.columns("a__r")["x"].table == snapshot.table("a__r") != "a__r"
