"""`jekafo form publish` guards what was collected before: what breaks answers is refused until it is meant."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from forms.instance import read_instance, submission_of
from forms.read import read_form
from jekafo.main import app
from jekafo.project import opened
from jekafo.settings import Settings
from store.submissions import Arrival, keep

Publish = Callable[..., Result]

FIRST = """| survey |
| | type | name | label |
| | integer | children | How many children live here? |
| | text | wish | What is needed? |
| settings |
| | form_id | version | form_title |
| | household | 2026010101 | Household |
"""
RENAMED = FIRST.replace("| wish |", "| need |").replace("2026010101", "2026020101")
DECLARED = (
    RENAMED.replace("| name | label |", "| name | label | renamed_from |")
    .replace("live here? |", "live here? | |")
    .replace("What is needed? |", "What is needed? | wish |")
)


@pytest.fixture
def publish(tmp_path: Path) -> Publish:
    def run(text: str, *options: str) -> Result:
        path = tmp_path / "household.md"
        path.write_text(text, encoding="utf-8")
        command = ["form", "publish", str(path), "--project", str(tmp_path / "project"), *options]
        return CliRunner().invoke(app, command, env={"LC_ALL": "en_GB.UTF-8", "COLUMNS": "200"})

    return run


def test_a_question_renamed_without_a_word_is_not_published(publish: Publish):
    assert publish(FIRST).exit_code == 0

    refused = publish(RENAMED)

    assert refused.exit_code == 1
    assert "question_renamed_undeclared" in refused.output
    assert "Not published" in refused.output


def test_the_same_is_published_once_it_is_declared(publish: Publish):
    publish(FIRST)
    declared = publish(DECLARED)
    assert declared.exit_code == 0, declared.output
    assert "Published household, version 2026020101." in declared.output


def test_a_break_that_is_meant_can_be_published(publish: Publish):
    publish(FIRST)
    assert publish(RENAMED, "--accept-breaks").exit_code == 0


def test_an_older_file_uploaded_again_is_recognised(publish: Publish):
    publish(FIRST)
    publish(DECLARED)

    again = publish(FIRST.replace("2026010101", "2026030101"))

    assert again.exit_code == 1
    assert "This is version 2026010101" in again.output


def test_an_older_file_under_its_own_number_counts_what_came_in_since(publish: Publish, tmp_path: Path):
    publish(FIRST)
    xform = read_form(FIRST.encode(), "household.md")
    answers = "<children>3</children><wish>water</wish>"
    raw = f'<data id="household" version="2026010101">{answers}<meta><instanceID>uuid:1</instanceID></meta></data>'
    at = datetime(2026, 1, 5, tzinfo=UTC)
    with opened(Settings(project=tmp_path / "project", database_url=None)) as project:
        submission = submission_of(read_instance(raw.encode()), xform)
        arrival = Arrival(submission, "here", None, None, None, at, ())
        project.store.database.write(lambda connection: keep(connection, arrival))
    publish(DECLARED)

    again = publish(FIRST)

    assert again.exit_code == 1
    assert "This is version 2026010101" in again.output
    assert "1 submission collected" in again.output


def test_the_same_workbook_twice_changes_nothing(publish: Publish):
    publish(FIRST)
    again = publish(FIRST)
    assert again.exit_code == 0
    assert "published already" in again.output


def test_a_version_that_an_answer_is_said_to_compare_with_must_exist(publish: Publish):
    publish(FIRST)
    later = (
        FIRST.replace("2026010101", "2026020101")
        .replace("| name | label |", "| name | label | comparable_since |")
        .replace("live here? |", "live here? | 2025010101 |")
    )
    refused = publish(later)
    assert refused.exit_code == 1
    assert "comparable_since_unknown" in refused.output
