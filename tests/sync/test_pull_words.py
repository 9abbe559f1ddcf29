"""What a pull and its errors say to the people who must act: which record, where, and what to do."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from servers.faults import answers
from servers.pulls import fresh_store, pull
from servers.worlds import Answers, wires
from servers.worlds_central import CentralWorld
from servers.worlds_kobo import KoboWorld

from store.kept import Store
from sync.errors import SourceRefused, SourceUnavailable
from sync.pull import PullPlan, PullReport, pull_form
from sync.source import Review
from sync.sources import connect
from sync.sources.settings import SourceSettings
from sync.wires import Wires


@pytest.fixture
def store() -> Iterator[Store]:
    with fresh_store() as store:
        yield store


def pull_folder(folder: Path, store: Store) -> PullReport:
    source = connect(SourceSettings("stick", "folder", str(folder)), Wires())
    return pull_form(store, source, source.form("household"), PullPlan(), Wires(), lambda _stage, _done, _total: None)


def test_a_form_that_another_source_gives_too_is_said_to_join_it_once(store: Store) -> None:
    kobo, central = KoboWorld(), CentralWorld()
    assert pull(kobo, store).remarks == ()
    (remark,) = pull(central, store).remarks
    assert remark.en.startswith("joins household, which kobo gives too")
    assert remark.fr.startswith("rejoint household, que donne aussi kobo")
    assert pull(central, store).remarks == ()


def test_a_second_project_with_an_id_is_said_to_be_kept_apart(store: Store) -> None:
    kobo = KoboWorld()
    pull(kobo, store)
    clone = kobo.state.add_asset("sync", "Clone", kobo.asset.deployed[0].content)
    source = kobo.source()
    form = source.form(clone.uid)
    report = pull_form(store, source, form, PullPlan(), wires(kobo, kobo.server), lambda _stage, _done, _total: None)
    assert [remark.en for remark in report.remarks] == [
        f"kobo has several forms with the id household: this one is kept apart, as {clone.uid}"
    ]


def test_two_servers_that_have_other_answers_under_one_id_are_both_named(store: Store) -> None:
    kobo, central = KoboWorld(), CentralWorld()
    kobo.submit(Answers(name="Awa"))
    root = central.submit(Answers(name="Oumou"))  # both worlds begin with the same id
    pull(kobo, store)
    (needed,) = pull(central, store).needs_person
    assert needed.en.startswith(f"1 set aside in quarantine: Submissions with the id {root} have different answers: ")
    assert " on kobo." in needed.en
    assert "on central, " in needed.en
    assert "Correct or delete one of them there" in needed.en
    assert "Corrigez-y ou supprimez-y" in needed.fr
    assert "Awa" not in str(needed)
    assert "Oumou" not in str(needed)


def test_what_lies_broken_in_a_folder_is_named_by_its_file_and_counted_by_its_reason(
    store: Store, tmp_path: Path
) -> None:
    whole = b'<data id="household" version="1"><name>Awa</name><meta><instanceID>uuid:%d</instanceID></meta></data>'
    pull(CentralWorld(), store)
    (tmp_path / "1").mkdir()
    for number in (1, 2):
        (tmp_path / "1" / f"{number}.xml").write_bytes((whole % number).replace(b"</name>", b"</nom>"))
    (tmp_path / "3.xml").write_bytes(b"")
    first, second = pull_folder(tmp_path, store).needs_person
    assert first.fr.startswith("2 en quarantaine, par exemple : 1/")
    assert ".xml : La soumission est illisible. Le XML est mal formé : une balise est fermée par une autre" in first.fr
    assert second.en.startswith("1 set aside in quarantine: 3.xml: The submission cannot be read.")
    assert "Awa" not in f"{first.en}{first.fr}"


def test_a_kobotoolbox_that_takes_no_status_for_a_submission_says_what_may_be_the_reason() -> None:
    kobo = KoboWorld()
    source = kobo.source()
    with pytest.raises(SourceRefused, match=r"submission 999: 404.*may not validate") as refused:
        source.review(source.form(kobo.asset.uid), "999", Review.APPROVED)
    assert refused.value.status == 404


def test_an_odk_central_that_is_taken_for_kobotoolbox_is_recognised() -> None:
    central = CentralWorld()
    settings = SourceSettings("mda", "kobo", "https://central.test", token="t")
    with pytest.raises(SourceRefused, match=r"looks like ODK Central.*--kind central"):
        list(connect(settings, wires(central, central.server)).forms())


def test_what_signs_nobody_in_is_no_odk_central() -> None:
    kobo = KoboWorld()
    settings = SourceSettings("mda", "central", "https://kf.kobo.test", username="awa@example.org", password="p w")
    with pytest.raises(SourceRefused, match=r"there is no ODK Central.*--kind kobo"):
        list(connect(settings, wires(kobo, kobo.server)).forms())


def test_a_server_that_nobody_reaches_is_named_with_its_port_and_the_address_is_doubted() -> None:
    settings = SourceSettings("kobo", "kobo", "http://127.0.0.1:9", token="t")
    with pytest.raises(SourceUnavailable, match=r"kobo \(127\.0\.0\.1:9\) cannot be reached .*Check the address"):
        list(connect(settings, Wires(sleep=lambda _seconds: None)).forms())


def test_who_gives_a_right_is_named_as_each_server_has_it() -> None:
    kobo, central = KoboWorld(), CentralWorld()
    kobo.faults.from_on(1, answers(403))
    central.faults.from_on(2, answers(403))  # the first one signs in
    with pytest.raises(SourceRefused, match="project's owner to share it"):
        list(kobo.source().forms())
    with pytest.raises(SourceRefused, match="for a role in it"):
        list(central.source().forms())
