"""What a data manager reads about pulls afterwards: what fails, what waits for a person, what is of which version."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pull_bench import ANSWER, Bench
from servers.faults import refused
from servers.kobo_asset import Asset
from servers.kobo_content import content_of_workbook
from servers.worlds import Answers, workbook_of

from forms.submission import Submission
from forms.text import Bilingual
from jekafo.project import opened
from jekafo.pulls.lock import only_pull
from jekafo.pulls.words import has_changed, report_line
from jekafo.settings import Settings
from store.kept import Store
from store.submissions import Arrival, keep
from sync.pull import PullReport

STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d ")
FORM = """| survey | | | |
| | type | name | label |
| | integer | age | Age |
{more}
| settings | | |
| | form_id | version | form_title |
| | household | {version} | {title} |
"""


def form_file(folder: Path, version: str = "9", more: str = "", title: str = "Household") -> Path:
    path = folder / "household.md"
    path.write_text(FORM.format(version=version, more=more, title=title), encoding="utf-8")
    return path


def write(bench: Bench, deed: Callable[[Store], object]) -> None:
    with opened(Settings(project=bench.folder, database_url=None)) as project:
        deed(project.store)


def second_form(bench: Bench, title: str = "Household (copy)") -> Asset:
    """Another project of the server, with the same form id."""
    asset = bench.kobo.state.add_asset("owner", title, content_of_workbook(workbook_of("1")))
    bench.kobo.state.share(asset, "sync", "view_submissions")
    return asset


def test_a_pull_that_fails_stands_first_in_the_status_until_one_succeeds(pulled: Bench) -> None:
    pulled.kobo.faults.from_on(1, refused())
    pulled.run("pull")
    pulled.clock.advance(3600)
    pulled.run("pull")
    result = pulled.run("status")
    assert result.exit_code == 0
    first = result.output.splitlines()[0]
    assert re.match(
        r"kobo household: pulls fail since 2026-11-22 \d\d:\d\d UTC, last tried 2026-11-22 \d\d:\d\d", first
    )
    assert "kobo household: pulled 2026-11-22" in result.output
    assert "la récupération échoue depuis le 2026" in pulled.run("status", language="fr_FR.UTF-8").output
    pulled.kobo.faults.heal()
    assert pulled.run("pull").exit_code == 0
    assert "fail" not in pulled.run("status").output


def test_a_source_that_cannot_be_asked_at_all_fails_for_each_of_its_forms(pulled: Bench) -> None:
    copy = second_form(pulled)
    assert pulled.run("pull", "kobo", "--form", copy.uid).exit_code == 0
    pulled.kobo.state.revoke_token("sync")
    for arguments in (("pull",), ("pull", "--all")):
        pulled.run(*arguments)
        assert pulled.run("status").output.count("pulls fail since") == 2


def test_a_pull_that_runs_elsewhere_and_a_form_that_nobody_has_are_no_failures(pulled: Bench) -> None:
    assert pulled.run("pull", "--form", "aNoSuchForm").exit_code == 3
    with only_pull(pulled.folder, source="kobo", remote_id=pulled.form(), title="Household", clock=pulled.clock.now):
        assert pulled.run("pull").exit_code == 3
    assert "fail" not in pulled.run("status").output


def test_what_waits_for_a_person_stays_in_the_status_and_what_is_hidden_is_said_to_be_kept(pulled: Bench) -> None:
    pulled.kobo.cut_rights()
    pulled.run("pull")
    output = pulled.run("status").output
    assert "  for you: " in output
    assert "; 3 kept" in output
    assert "3 on the server" not in output
    pulled.kobo.give_rights()
    pulled.run("pull")
    assert "for you" not in pulled.run("status").output


def test_after_a_source_was_added_the_status_says_what_comes_next(bench: Bench) -> None:
    assert bench.run("status").exit_code == 3
    bench.add_kobo()
    result = bench.run("status")
    assert result.exit_code == 0
    assert "Next: jekafo pull kobo" in result.output
    assert not (bench.folder / "jekafo.sqlite").exists()


def test_the_forms_of_a_removed_source_are_no_longer_set_up(pulled: Bench) -> None:
    assert "no longer set up" not in pulled.run("status").output
    pulled.kobo.faults.from_on(1, refused())
    pulled.run("pull")
    pulled.run("source", "remove", "kobo")
    output = pulled.run("status").output
    assert "kobo household: kobo is no longer set up; pulled 2026-11-22" in output
    assert "3 kept" in output
    assert "pulls fail" not in output


def test_a_form_and_all_forms_are_not_asked_for_together(pulled: Bench) -> None:
    result = pulled.run("pull", "--form", "household", "--all")
    assert result.exit_code == 2
    assert "--all" in result.output


def test_the_lines_of_polling_and_of_a_log_carry_the_time(pulled: Bench) -> None:
    line = pulled.run("pull", "--log", "all").stdout.splitlines()[0]
    assert STAMP.match(line)
    assert STAMP.sub("", line).startswith("kobo household: 0 new")
    assert pulled.run("pull").stdout.startswith("kobo household: 0 new")


def test_a_log_of_changes_has_no_line_where_nothing_changed(pulled: Bench) -> None:
    assert pulled.run("pull", "--log", "changes").output == ""
    pulled.kobo.submit(Answers())
    assert "1 new" in pulled.run("pull", "--log", "changes").output
    pulled.kobo.cut_rights()
    assert "for you" in pulled.run("pull", "--log", "changes").output


def report(**counts: int) -> PullReport:
    none = dict.fromkeys(
        (
            "new", "edited", "deleted", "restored", "reviewed", "media_changed", "media_received", "media_bytes",
            "media_failed", "media_listed", "unchanged", "held", "set_aside", "awaiting_media", "requests",
        ),
        0,
    )  # fmt: skip
    return PullReport(
        source="kobo", form_id="household", remote_id="a", title="Household", **(none | counts),
        seconds=0.0, swept=False, remarks=(), needs_person=(),
    )  # fmt: skip


def test_the_first_line_of_a_pull_adds_up_to_what_is_held() -> None:
    parts = {"new": 1, "edited": 2, "restored": 4, "reviewed": 8, "media_changed": 16, "set_aside": 32, "unchanged": 64}
    line = report_line(report(held=sum(parts.values()), **parts))
    for text in (line.en, line.fr):
        counted = [int(number) for number in re.findall(r"(?:: |, )(\d+) ", text.split(";")[0])]
        assert sum(counted) == 127
    assert "16 with other files and the same answers" in line.en


def test_a_pull_that_found_all_as_it_was_has_changed_nothing() -> None:
    assert not has_changed(report(unchanged=3, held=3, requests=2))
    assert has_changed(report(deleted=1))
    assert has_changed(replace(report(), needs_person=(Bilingual("Look.", "Regardez."),)))


def test_what_nobody_has_looked_at_is_listed_newest_first_and_without_answers(pulled: Bench) -> None:
    pulled.clock.advance(60)
    latest = pulled.kobo.submit(Answers(name=ANSWER))
    approved = min(pulled.kobo.roots() - {f"uuid:{latest}"})
    pulled.kobo.review(approved.removeprefix("uuid:"), "approved")
    pulled.run("pull", "--sweep")
    for form in ("household", pulled.form()):
        result = pulled.run("review", form)
        assert result.exit_code == 0, result.output
        first, *lines = result.output.splitlines()
        assert first == "household: 3 submissions wait for a review."
        assert len(lines) == 3
        assert re.match(rf"  uuid:{latest}  2026-11-22 \d\d:\d\d UTC  .*  no review  kobo$", lines[0])
        assert approved not in result.output
        assert ANSWER not in result.output


def test_a_long_list_of_what_waits_says_how_many_more_and_counts_what_was_edited_after_a_review(
    bench: Bench, tmp_path: Path
) -> None:
    assert bench.run("form", "publish", form_file(tmp_path)).exit_code == 0

    def arrive(number: int, edits: str | None = None) -> Arrival:
        instance_id = f"uuid:{number}" + ("-edited" if edits else "")
        submission = Submission("household", "9", instance_id, edits, {"/age": str(number)}, b"<a>%d</a>" % number)
        at = bench.clock.now() + timedelta(minutes=number)
        return Arrival(submission, "openrosa", None, "tablet 1", None, at)

    for number in range(52):
        write(bench, lambda store, number=number: store.database.write(lambda c: keep(c, arrive(number))))
    output = bench.run("review", "household").output
    assert "uuid:51  " in output
    assert output.splitlines()[-1] == "  and 2 more"
    assert "tablet 1  no review  here" in output
    bench.run("review", "household", "uuid:51", "--as", "approved")
    assert "uuid:51" not in bench.run("review", "household").output
    write(bench, lambda store: store.database.write(lambda c: keep(c, arrive(51, "uuid:51"))))
    assert "uuid:51  2026-11-22 " in bench.run("review", "household").output


def test_a_form_that_is_not_here_is_said_with_those_that_are(pulled: Bench) -> None:
    result = pulled.run("review", "houshold")
    assert result.exit_code == 3
    assert "There is no form houshold here. Forms: household." in result.output
    assert pulled.run("review", "household", "--as", "approved").exit_code == 2
    assert pulled.run("review", "household", "uuid:x").exit_code == 2


def test_a_review_is_given_by_the_id_that_the_form_has_on_its_server(pulled: Bench) -> None:
    root = min(pulled.kobo.roots())
    assert pulled.run("review", pulled.form(), root, "--as", "approved").exit_code == 0
    assert pulled.kobo.truth()[root].review == "approved"


def test_each_version_is_listed_with_its_own_submissions_and_a_form_with_several_with_their_sum(
    bench: Bench, tmp_path: Path
) -> None:
    for version, more in (("1", ""), ("2", "| | text | name | Name |")):
        assert bench.run("form", "publish", form_file(tmp_path, version, more)).exit_code == 0
    for number, version in enumerate(("1", "2", "2")):
        submission = Submission("household", version, f"uuid:{number}", None, {}, b"<a>%d</a>" % number)
        arrival = Arrival(submission, "openrosa", None, None, None, bench.clock.now())
        write(bench, lambda store, arrival=arrival: store.database.write(lambda c: keep(c, arrival)))
    rows = [re.findall(r"[\w ]*\w", line) for line in bench.run("form", "list").output.splitlines()]
    rows = [[cell.strip() for cell in row] for row in rows if row and row[0].strip() == "household"]
    assert [(row[1], row[-1]) for row in rows] == [("1", "1"), ("2", "2"), ("all versions", "3")]


def test_an_id_that_several_forms_of_the_server_have_is_asked_again_even_where_one_is_known_here(pulled: Bench) -> None:
    copy = second_form(pulled)
    result = pulled.run("pull", "kobo", "--form", "household")
    assert result.exit_code == 3
    assert copy.uid in result.output
    assert pulled.form() in result.output
    assert "3 unchanged" in pulled.run("pull", "kobo", "--form", pulled.form()).output
    assert pulled.run("pull", "kobo", "--form", copy.uid).exit_code == 0


def test_polling_a_form_by_its_id_lists_the_forms_of_the_server_once(
    pulled: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses = iter((300.0, 300.0))

    def sleep(seconds: float) -> None:
        if next(pauses, None) is None:
            raise KeyboardInterrupt
        pulled.clock.advance(seconds)

    monkeypatch.setattr("jekafo.commands.pull.wires_for", lambda settings: replace(pulled.wires(settings), sleep=sleep))
    pulled.kobo.log.clear()
    assert pulled.run("pull", "--form", "household", "--every", "5m").output.count("3 unchanged") == 3
    assert pulled.kobo.log.paths().count("GET /api/v2/assets/") == 1


def test_a_form_id_that_the_server_has_in_a_project_unknown_here_is_published_only_as_new(
    bench: Bench, tmp_path: Path
) -> None:
    bench.add_kobo()
    before = len(bench.kobo.state.assets)
    # Under whatever title: the id is what submissions and tablets go by.
    file = form_file(tmp_path, title="Households of the north")
    result = bench.run("form", "publish", file, "--to", "kobo")
    assert result.exit_code == 3, result.output
    assert f"jekafo pull kobo --form {bench.form()}" in result.output
    assert "--as-new" in result.output
    assert len(bench.kobo.state.assets) == before
    made = bench.run("form", "publish", file, "--to", "kobo", "--as-new")
    assert made.exit_code == 0, made.output
    assert len(bench.kobo.state.assets) == before + 1
    again = bench.run("form", "publish", form_file(tmp_path, "10", title="Households of the north"), "--to", "kobo")
    assert again.exit_code == 0, again.output
    assert len(bench.kobo.state.assets) == before + 1


def test_a_source_of_central_without_a_project_number_says_where_to_write_one(bench: Bench, tmp_path: Path) -> None:
    bench.add_central()
    assert "no project number" in bench.run("source", "list").output
    result = bench.run("form", "publish", form_file(tmp_path), "--to", "mda")
    assert result.exit_code == 3
    for word in ("[sources.mda] in sources.toml", "jekafo source remove mda", "--central-project 8"):
        assert word in result.output
    bench.run("source", "remove", "mda")
    address = ("--address", "https://central.test", "--username", "sync@example.org", "--central-project", "1")
    bench.run("source", "add", "mda", "--kind", "central", *address, secret="a long password\n")
    assert "mda: central, https://central.test, project 1, " in bench.run("source", "list").output
