"""Which submissions a change touches, and whether a file is an older one offered again."""

import datetime as dt
import json
import time
from collections.abc import Callable, Mapping, Sequence

import pytest

from forms.changes.again import KeptVersion, again
from forms.changes.answers import count_touched
from forms.changes.change import Touched
from forms.changes.edition import Edition, read_edition
from forms.submission import Answers
from forms.xform.read import read_xform

MakeWorkbook = Callable[[Mapping[str, Sequence[Mapping[str, object]]]], bytes]

SUBMISSIONS: list[Answers] = [
    {"age": "30", "security/services": "school health", "person": [{"person/name": "A"}, {"person/name": "B"}]},
    {"age": " ", "security/services": "health", "person": [{"person/name": ""}]},
    {"years": "41", "security/services": "healthy"},
    {},
]


@pytest.mark.parametrize(
    ("touched", "count"),
    [
        (Touched(("age",)), 1),
        (Touched(("age", "years")), 2),
        (Touched(("security/services",), ("health",)), 2),
        (Touched(("person/name",)), 1),
        (Touched(("absent",)), 0),
        (None, None),
    ],
)
def test_a_submission_is_touched_where_it_has_an_answer(touched: Touched | None, count: int | None) -> None:
    assert count_touched([touched], SUBMISSIONS) == [count]


def test_all_changes_are_counted_in_one_pass() -> None:
    once = iter(SUBMISSIONS)
    assert count_touched([Touched(("age",)), None, Touched(("years",))], once) == [1, None, 1]


@pytest.mark.slow
def test_a_hundred_thousand_submissions_are_counted_in_seconds() -> None:
    answers = json.dumps({f"group/question_{number}": "some answer" for number in range(60)})
    touched = [Touched((f"group/question_{number}",)) for number in range(20)]
    start = time.perf_counter()
    counts = count_touched(touched, (json.loads(answers) for _ in range(100_000)))
    assert counts == [100_000] * 20
    assert time.perf_counter() - start < 20


@pytest.fixture
def edition(make_workbook: MakeWorkbook) -> Callable[[str, str], Edition]:
    def make(version: str, label: str) -> Edition:
        survey = [{"type": "integer", "name": "age", "en": label}]
        return read_edition(
            make_workbook({"survey": survey, "settings": [{"form_id": "f", "version": version}]}), "f.xlsx"
        )

    return make


@pytest.fixture
def kept(edition: Callable[[str, str], Edition]) -> list[KeptVersion]:
    return [
        KeptVersion(read_xform(edition(version, label).form.xform), dt.datetime(2026, month, 3, tzinfo=dt.UTC))
        for month, (version, label) in enumerate([("1", "Age?"), ("2", "Your age?"), ("3", "How old?")], start=1)
    ]


def test_an_older_file_is_recognised_under_any_version(
    edition: Callable[[str, str], Edition], kept: list[KeptVersion]
) -> None:
    for version in ("1", "4"):
        change = again(edition(version, "Age?"), kept)
        assert change is not None
        assert "version 1 of 2026-01-03 again, 2 versions back" in change.message.en
        assert "version 1 du 03/01/2026, 2 versions en arrière" in change.message.fr
    last = again(edition("2", "Your age?"), kept)
    assert last is not None
    assert "1 version back" in last.message.en


@pytest.mark.parametrize("label", ["How old?", "What is your age?"])
def test_the_newest_file_and_a_new_one_are_no_older_file(
    edition: Callable[[str, str], Edition], kept: list[KeptVersion], label: str
) -> None:
    assert again(edition("4", label), kept) is None
    assert again(edition("4", label), []) is None
