"""`jekafo pull`, `source`, `review` and `status` as a person types them, against simulated servers."""

import io
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from pull_bench import ANSWER, Bench
from rich.console import Console
from servers.clock import Clock
from servers.faults import refused
from servers.kobo_content import content_of_workbook
from servers.transport import serve
from servers.worlds import Answers, workbook_of
from servers.worlds_kobo import KoboWorld

from forms.submission import Submission
from jekafo.project import opened
from jekafo.pulls.bars import BarDisplay
from jekafo.pulls.lock import only_pull
from jekafo.settings import Settings
from store.audit import events
from store.kept_submissions import find_submission
from store.mirror.hints import hints, note_hint
from store.mirror.states import pull_states
from store.submissions import Arrival, keep
from sync.pull import Stage
from sync.source import RemoteForm

pytestmark = pytest.mark.usefixtures("nothing_lies_around")


def held(bench: Bench) -> set[str]:
    with opened(Settings(project=bench.folder, database_url=None)) as project, project.store.database.read() as reading:
        (state,) = pull_states(reading)
        return {root for root in bench.kobo.roots() if find_submission(reading, state.form_id, root) is not None}


def test_adding_a_source_signs_in_and_says_what_it_sees_and_keeps_the_key_to_the_owner(bench: Bench) -> None:
    bench.kobo.submit(Answers())
    result = bench.add_kobo()
    assert result.exit_code == 0, result.output
    assert "Signed in to https://kf.kobo.test: 1 form." in result.output
    assert f"  {bench.form()} (household) Household: 1 submission" in result.output
    assert "/hooks/kobo/kobo/" in result.output
    assert bench.kobo.state.token_of("sync") not in result.output
    file = bench.folder / "sources.toml"
    assert file.stat().st_mode & 0o077 == 0
    assert bench.kobo.state.token_of("sync") in file.read_text(encoding="utf-8")


def test_a_wrong_token_is_told_and_nothing_is_written(bench: Bench) -> None:
    result = bench.run(
        "source", "add", "kobo", "--kind", "kobo", "--address", "https://kf.kobo.test", secret="no-such-token\n"
    )
    assert result.exit_code == 3
    assert "refused the token: 401. Nothing was written; run the command again" in result.output
    assert "no-such-token" not in result.output
    assert not (bench.folder / "sources.toml").exists()


def test_a_secret_may_come_from_a_file_or_a_pipe(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(bench.kobo.state.token_of("sync") + "\n", encoding="utf-8")
    address = ("--kind", "kobo", "--address", "https://kf.kobo.test")
    assert bench.run("source", "add", "one", *address, "--secret-from", tmp_path / "token").exit_code == 0
    piped = bench.run(
        "source", "add", "two", *address, "--secret-from", "-", secret=bench.kobo.state.token_of("sync") + "\n"
    )
    assert piped.exit_code == 0, piped.output
    listed = bench.run("source", "list", "--check")
    assert listed.exit_code == 0
    assert listed.output.count(bench.form()) == 2


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--kind", "kobo", "--address", "http://kf.example.org"), "http://"),
        (("--kind", "kobo", "--address", "https://kf.example.org", "--every", "soon"), "every must be a time"),
    ],
)
def test_what_is_typed_wrongly_is_refused_before_the_secret_is_asked_for(
    bench: Bench, options: tuple[str, ...], words: str
) -> None:
    result = bench.run("source", "add", "kobo", *options)
    assert result.exit_code == 3
    assert words in result.output
    assert "Token" not in result.output


def test_an_unknown_kind_is_wrong_usage_that_lists_the_kinds(bench: Bench) -> None:
    result = bench.run("source", "add", "x", "--kind", "surveycto", "--address", "https://x.example.org")
    assert result.exit_code == 2
    assert "central" in result.output
    assert "kobo" in result.output


def test_a_name_that_is_taken_is_refused(bench: Bench) -> None:
    bench.add_kobo()
    assert "jekafo source remove kobo" in bench.add_kobo().output


def test_a_removed_source_is_unknown_and_what_it_gave_stays(pulled: Bench) -> None:
    assert pulled.run("source", "remove", "kobo").exit_code == 0
    assert "No source is called kobo" in pulled.run("pull", "kobo").output
    assert pulled.run("source", "remove", "kobo").exit_code == 3
    assert len(held(pulled)) == 3


def test_without_a_usable_source_it_is_said_what_is_missing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "jekafo source add" in bench.run("pull").output
    monkeypatch.setenv("KOBOTOOLBOX_URL", "https://kf.kobo.test")
    result = bench.run("pull")
    assert result.exit_code == 3
    assert "KOBOTOOLBOX_TOKEN is not set" in result.output


def test_nothing_is_pulled_unasked_and_the_forms_to_choose_from_are_shown(bench: Bench) -> None:
    bench.kobo.submit(Answers())
    bench.add_kobo()
    result = bench.run("pull")
    assert result.exit_code == 1
    assert "Nothing has been pulled from kobo yet" in result.output
    assert "jekafo pull kobo --form ID" in result.output
    assert bench.form() in result.output
    with opened(Settings(project=bench.folder, database_url=None)) as project:
        assert list(project.shelf.form_ids()) == []


def test_a_form_is_pulled_by_its_id_there_and_afterwards_without_any(bench: Bench) -> None:
    bench.add_kobo()
    bench.kobo.submit(Answers(name=ANSWER))
    first = bench.run("pull", "kobo", "--form", bench.form())
    assert first.exit_code == 0, first.output
    assert "1 new, 0 edited, 0 deleted, 0 restored, 0 reviewed, 0 media, 0 unchanged; " in first.output
    bench.kobo.submit(Answers())
    again = bench.run("pull")
    assert "1 new" in again.output
    assert "1 unchanged" in again.output
    assert held(bench) == bench.kobo.roots()
    assert ANSWER not in first.output + again.output


def test_a_form_is_pulled_by_its_own_id_once_it_has_one_here(pulled: Bench) -> None:
    with opened(Settings(project=pulled.folder, database_url=None)) as project:
        (form_id,) = project.shelf.form_ids()
    assert "3 unchanged" in pulled.run("pull", "--form", form_id).output


def test_all_forms_are_pulled_when_somebody_says_so(bench: Bench) -> None:
    bench.add_kobo()
    other = bench.kobo.state.add_asset("owner", "Market prices", content_of_workbook(workbook_of("2")))
    bench.kobo.state.share(other, "sync", "view_submissions")
    result = bench.run("pull", "--all")
    assert result.exit_code == 0, result.output
    with opened(Settings(project=bench.folder, database_url=None)) as project, project.store.database.read() as reading:
        assert {state.remote_id for state in pull_states(reading)} == {bench.form(), other.uid}


def test_a_form_that_no_source_has_is_named(pulled: Bench) -> None:
    result = pulled.run("pull", "--form", "aNoSuchForm")
    assert result.exit_code == 3
    assert "aNoSuchForm" in result.output


def test_the_report_is_french_where_the_terminal_is(pulled: Bench) -> None:
    root = next(iter(pulled.kobo._current))
    pulled.kobo.delete(root)
    pulled.clock.advance(10)
    result = pulled.run("pull", language="fr_FR.UTF-8")
    assert "0 nouvelle, 0 modifiée, 1 supprimée" in result.output
    assert "2 inchangées" in result.output


def test_a_program_reads_one_object_a_form(pulled: Bench) -> None:
    result = pulled.run("pull", "--json")
    report = json.loads(result.output)
    assert (report["source"], report["remote_id"], report["pulled"]) == ("kobo", pulled.form(), True)
    assert (report["new"], report["unchanged"], report["needs_person"]) == (0, 3, [])


def test_a_source_that_fails_stops_no_other_and_ends_with_3(pulled: Bench) -> None:
    pulled.run(
        "source", "add", "a-first", "--kind", "kobo", "--address", "https://kf.kobo.test", "--no-check",
        secret="revoked\n",
    )  # fmt: skip
    pulled.kobo.submit(Answers())
    result = pulled.run("pull")
    assert result.exit_code == 3
    assert "1 new" in result.output
    objects = [json.loads(line) for line in pulled.run("pull", "--json").stdout.splitlines()]
    assert [(one["source"], "error" in one) for one in objects] == [("a-first", True), ("kobo", False)]
    assert set(objects[0]["error"]) == {"en", "fr"}


def test_what_needs_a_person_is_said_and_ends_with_1(pulled: Bench) -> None:
    pulled.kobo.cut_rights()
    result = pulled.run("pull")
    assert result.exit_code == 1, result.output
    assert "for you:" in result.output
    assert "for you:" in pulled.run("pull", "--json").stderr
    assert len(held(pulled)) == 3


def test_a_second_pull_of_the_form_is_refused_and_says_who_runs(pulled: Bench) -> None:
    lock = only_pull(pulled.folder, source="kobo", remote_id=pulled.form(), title="Household", clock=pulled.clock.now)
    with lock as note:
        note.note("fetching", 1200, 50_000)
        result = pulled.run("pull")
        assert result.exit_code == 3
        assert "a pull runs already, since 2026-11-22" in result.output
        assert "fetching submissions 1,200/50,000" in pulled.run("status").output
    assert pulled.run("pull").exit_code == 0


def test_the_status_tells_the_last_pull_of_each_form_and_what_waits(pulled: Bench) -> None:
    with opened(Settings(project=pulled.folder, database_url=None)) as project:
        project.store.database.write(
            lambda connection: note_hint(connection, "kobo", pulled.form(), "uuid:x", pulled.clock.now())
        )
    output = pulled.run("status").output
    assert "pulled 2026-11-22" in output
    assert "3 kept" in output
    assert "kobo: 1 hint from the server" in output
    pulled.run("pull")
    with (
        opened(Settings(project=pulled.folder, database_url=None)) as project,
        project.store.database.read() as reading,
    ):
        assert hints(reading) == []


def test_both_kinds_of_servers_are_pulled_into_one_project(bench: Bench) -> None:
    bench.add_kobo()
    added = bench.add_central()
    assert added.exit_code == 0, added.output
    assert "a long password" not in added.output
    assert "/hooks/" not in added.output
    bench.kobo.submit(Answers())
    bench.central.submit(Answers())
    bench.central.submit(Answers())
    objects = [json.loads(line) for line in bench.run("pull", "--all", "--json").stdout.splitlines()]
    assert [(one["source"], one["new"]) for one in objects] == [("kobo", 1), ("mda", 2)]
    assert len(bench.run("pull").output.splitlines()) == 2


def test_a_server_that_is_down_is_told_and_the_other_is_pulled(bench: Bench) -> None:
    bench.add_kobo()
    bench.add_central()
    bench.run("pull", "--all")
    bench.central.submit(Answers())
    bench.kobo.faults.from_on(1, refused())
    result = bench.run("pull")
    assert result.exit_code == 3
    assert "mda household: 1 new" in result.output
    assert "kobo household: " in result.output


def test_a_terminal_shows_how_far_each_stage_is_and_how_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    screen = Console(file=io.StringIO(), force_terminal=True, width=150)
    form = RemoteForm("aForm", "household", "Household [bold]", 2000)
    with BarDisplay(screen).form("kobo", form, None) as show:
        show(Stage.LOOKING, 1000, None)
        show(Stage.FETCHING, 400, 500)
        show(Stage.LOOKING, 2500, 2000)  # more came meanwhile
        show(Stage.MEDIA, 3, 4)
    shown = screen.file.getvalue()
    for words in ("comparing", "2500/2500", "fetching submissions", "400/2000", "fetching media", "3/4"):
        assert words in shown
    assert shown.rstrip().endswith("\x1b[2K")  # nothing of it stays


class Impatient:
    """Sleeps on the clock of the test, and interrupts after a number of pauses, as Ctrl-C does."""

    def __init__(self, clock: Clock, pauses: int) -> None:
        self.clock, self.left, self.slept = clock, pauses, []

    def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.clock.advance(seconds)
        self.left -= 1
        if self.left <= 0:
            raise KeyboardInterrupt


def polling(bench: Bench, monkeypatch: pytest.MonkeyPatch, pauses: int) -> Impatient:
    sleep = Impatient(bench.clock, pauses)
    monkeypatch.setattr("jekafo.commands.pull.wires_for", lambda settings: replace(bench.wires(settings), sleep=sleep))
    return sleep


def test_polling_pulls_at_each_turn_and_an_interruption_loses_nothing(
    pulled: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    sleep = polling(pulled, monkeypatch, pauses=3)
    result = pulled.run("pull", "--every", "5m")
    assert result.exit_code == 0, result.output
    assert result.output.count("3 unchanged") == 3
    assert "Stopped; nothing is lost." in result.output
    assert sleep.slept == pytest.approx([300, 300, 300], abs=1)


def test_polling_a_form_that_only_one_of_two_sources_has_blames_neither(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.add_kobo()
    bench.add_central()
    polling(bench, monkeypatch, pauses=2)
    result = bench.run("pull", "--form", bench.form(), "--every", "5m")
    assert result.output.count("kobo household: ") == 2
    assert "next try" not in result.output
    assert "No form" not in result.output


def test_polling_waits_longer_each_time_a_source_fails(pulled: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    pulled.kobo.state.revoke_token("sync")
    sleep = polling(pulled, monkeypatch, pauses=5)
    result = pulled.run("pull", "--every", "5m")
    assert result.exit_code == 0
    assert sleep.slept == pytest.approx([600, 1200, 2400, 3600, 3600], abs=1)
    assert "next try in 10m" in result.output


def test_an_interval_that_is_none_is_wrong_usage(pulled: Bench) -> None:
    assert pulled.run("pull", "--every", "often").exit_code == 2


def test_a_review_is_set_on_the_server_and_kept_here(pulled: Bench) -> None:
    root = min(pulled.kobo.roots())
    form_id = state_form(pulled)
    result = pulled.run("review", form_id, root.removeprefix("uuid:")[:12], "--as", "rejected")
    assert result.exit_code == 0, result.output
    assert f"{root}: rejected on kobo" in result.output
    assert pulled.kobo.truth()[root].review == "rejected"
    assert review_of(pulled, root) == "rejected"
    assert pulled.run("review", form_id, root, "--as", "none").exit_code == 0
    assert review_of(pulled, root) is None


def test_a_review_that_the_server_refuses_changes_nothing_here(pulled: Bench) -> None:
    root = min(pulled.kobo.roots())
    pulled.kobo.state.revoke_token("sync")
    result = pulled.run("review", state_form(pulled), root, "--as", "approved")
    assert result.exit_code == 3
    assert review_of(pulled, root) is None


@pytest.mark.parametrize("prefix", ["", "uuid:", "nothing"])
def test_an_id_that_means_none_or_several_is_asked_again(pulled: Bench, prefix: str) -> None:
    result = pulled.run("review", state_form(pulled), prefix, "--as", "approved")
    assert result.exit_code == 3
    assert ANSWER not in result.output


def test_a_review_of_what_tablets_sent_here_is_set_here(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "form.md").write_text(
        "| survey | | | |\n| | type | name | label |\n| | integer | age | Age |\n"
        "| settings | | |\n| | form_id | version |\n| | here | 1 |\n",
        encoding="utf-8",
    )
    assert bench.run("form", "publish", tmp_path / "form.md").exit_code == 0
    submission = Submission("here", "1", "uuid:sent-by-a-tablet", None, {"/age": "30"}, b"<here/>")
    arrival = Arrival(submission, "openrosa", None, "tablet 1", None, bench.clock.now())
    with opened(Settings(project=bench.folder, database_url=None)) as project:
        project.store.database.write(lambda connection: keep(connection, arrival))
    result = bench.run("review", "here", "sent-by", "--as", "hasIssues", language="fr_FR.UTF-8")
    assert result.exit_code == 0, result.output
    assert "uuid:sent-by-a-tablet : à vérifier (ici)" in result.output
    with opened(Settings(project=bench.folder, database_url=None)) as project, project.store.database.read() as reading:
        assert find_submission(reading, "here", "uuid:sent-by-a-tablet").review == "hasIssues"
        assert events(reading, 1)[0].action == "submission.review"


def state_form(bench: Bench) -> str:
    with opened(Settings(project=bench.folder, database_url=None)) as project, project.store.database.read() as reading:
        return pull_states(reading)[0].form_id


def review_of(bench: Bench, root: str) -> str | None:
    with opened(Settings(project=bench.folder, database_url=None)) as project, project.store.database.read() as reading:
        found = find_submission(reading, pull_states(reading)[0].form_id, root)
        assert found is not None
        return found.review


def test_the_command_pulls_over_a_real_connection(tmp_path: Path) -> None:
    world = KoboWorld()
    world.submit(Answers())
    with serve(world.server) as address:
        command = [sys.executable, "-m", "jekafo"]
        environment = {
            "KOBOTOOLBOX_URL": address,
            "KOBOTOOLBOX_TOKEN": world.state.token_of("sync"),
            "LC_ALL": "C.UTF-8",
        }
        done = subprocess.run(
            [*command, "pull", "kobo", "--all", "--json", "--project", str(tmp_path / "project")],
            env=environment, cwd=tmp_path, capture_output=True, check=False, timeout=60,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["new"] == 1
