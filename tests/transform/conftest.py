"""Small forms by hand, and their tables."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Protocol

import pytest

from forms.form import Choice, CodeKind, Form, Group, Question
from forms.interpretation import Interpretation
from transform.errors import BuildError
from transform.reader import Tables
from transform.tables import AnswerRecord, FormData, build_tables

DATA_TYPES = {
    "integer": "int",
    "decimal": "decimal",
    "date": "date",
    "time": "time",
    "datetime": "dateTime",
    "geopoint": "geopoint",
    "rank": "odk:rank",
    "image": "binary",
}
MOMENT = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
AS_OF = date(2026, 11, 22)


class MakeForm(Protocol):
    def __call__(self, *questions: Question, **rest: Any) -> Form: ...


class Build(Protocol):
    def __call__(self, form: Form, answers: Sequence[object], **rest: Any) -> Tables: ...


@pytest.fixture
def question() -> Callable[..., Question]:
    """A question by path and type; `repeat` and the like as in the noun."""

    def make(path: str, kind: str = "text", **rest: Any) -> Question:
        return Question(path, path.rpartition("/")[2], kind, DATA_TYPES.get(kind, "string"), {}, **rest)

    return make


@pytest.fixture
def make_form() -> MakeForm:
    """A form of some questions. repeats: paths, outer before inner. lists: name to codes; `98` is don't know."""

    def make(
        *questions: Question,
        form_id: str = "f",
        version: str = "1",
        repeats: Sequence[str] = (),
        groups: Sequence[Group] = (),
        lists: Mapping[str, str] | None = None,
        interpretation: Interpretation | None = None,
    ) -> Form:
        around = {path: next((o for o in reversed(repeats) if path.startswith(o + "/")), None) for path in repeats}
        return Form(
            form_id=form_id,
            version=version,
            title=form_id,
            languages=("fr",),
            questions=questions,
            groups=(*groups, *(Group(path, {}, is_repeat=True, repeat=around[path]) for path in repeats)),
            lists={name: tuple(map(choice, codes.split())) for name, codes in (lists or {}).items()},
            files=(),
            xform=b"<html/>",
            interpretation=interpretation or Interpretation(),
        )

    return make


def choice(code: str) -> Choice:
    """`98` is don't know, `99` refused, `none` none; `new<old` was called old before."""
    name, *earlier = code.split("<")
    kinds = {"98": CodeKind.DONT_KNOW, "99": CodeKind.REFUSED, "none": CodeKind.NONE}
    return Choice(name, {}, kinds.get(name, CodeKind.VALID), tuple(earlier))


@pytest.fixture
def records() -> Callable[..., list[AnswerRecord]]:
    """Submissions u1, u2 ... with these answers: a mapping, or JSON text as it is."""

    def make(answers: Sequence[object], version: str = "1") -> list[AnswerRecord]:
        return [
            AnswerRecord(
                root_id=f"u{number}",
                instance_id=f"u{number}",
                version=version,
                received_at=MOMENT,
                updated_at=MOMENT,
                submitter="ali",
                device_id=None,
                review=None,
                answers=each if isinstance(each, str) else json.dumps(each, ensure_ascii=False),
            )
            for number, each in enumerate(answers, start=1)
        ]

    return make


@pytest.fixture
def build(tmp_path: Path, records: Callable[..., list[AnswerRecord]]) -> Build:
    """Build the tables of one form and open them. Raises BuildError where it failed."""

    def make(
        form: Form,
        answers: Sequence[object],
        *,
        versions: Sequence[Form] = (),
        files: Mapping[str, bytes] | None = None,
        as_of: date = AS_OF,
    ) -> Tables:
        path = tmp_path / "tables.duckdb"
        data = FormData(form, (*versions, form), [records(answers)], files or {})
        for failed in build_tables(path, [data], as_of=as_of).failed:
            raise BuildError(failed.message)
        return Tables(path)

    return make


@pytest.fixture
def misfits() -> Callable[[Tables], list[tuple[str, str, str]]]:
    """The misfits as (path, value, reason), sorted."""

    def read(tables: Tables) -> list[tuple[str, str, str]]:
        rows = tables.rows('SELECT path, value, reason FROM "_misfits"')
        return sorted(zip(rows["path"].tolist(), rows["value"].tolist(), rows["reason"].tolist(), strict=True))

    return read
