"""Media are on disk under their sha256 before anything may name them, and nothing that is named is swept away."""

import hashlib
import os
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from forms.submission import Attachment, Submission
from forms.text import Bilingual
from store.database import Connection
from store.form_versions import FormFile, FormVersion, keep_form_version
from store.kept import Store
from store.media import MediaFolder, Medium, MediumUnknown
from store.quarantine import Quarantined, set_aside
from store.submissions import Arrival, keep

ABC = Medium(
    # FIPS 180-2 appendix B.1 and RFC 1321 appendix A.5
    sha256="ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    md5="900150983cd24fb0d6963f7d28e17f72",
    size=3,
)
LATER = timedelta(days=2)


def put(folder: MediaFolder, *chunks: bytes) -> Medium:
    with folder.stage() as staged:
        for chunk in chunks:
            staged.write(chunk)
        return staged.keep()


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def age(path: Path, by: timedelta) -> None:
    then = (datetime.now(UTC) - by).timestamp()
    os.utime(path, (then, then))


@pytest.fixture
def folder(tmp_path: Path) -> MediaFolder:
    return MediaFolder(tmp_path / "data" / "media")


def test_bytes_are_kept_under_their_sha256_in_two_levels(folder: MediaFolder):
    assert put(folder, b"a", b"", b"bc") == ABC
    assert files(folder.folder) == [f"ba/78/{ABC.sha256}"]
    assert folder.holds(ABC.sha256)
    with folder.open(ABC.sha256) as medium:
        assert medium.read() == b"abc"


def test_the_same_bytes_are_one_file(folder: MediaFolder):
    assert put(folder, b"abc") == put(folder, b"abc")
    assert len(files(folder.folder)) == 1


def test_what_is_not_kept_leaves_nothing_behind(folder: MediaFolder):
    with folder.stage() as staged:
        staged.write(b"cut off")
        assert len(files(folder.staging)) == 1

    def cut_off() -> None:
        with folder.stage() as staged:
            staged.write(b"cut off")
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        cut_off()
    assert files(folder.folder) == []


def test_a_medium_is_synced_before_it_takes_its_name_and_its_folder_after(
    folder: MediaFolder, monkeypatch: pytest.MonkeyPatch
):
    deeds: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def noted_fsync(descriptor: int) -> None:
        deeds.append(f"sync {Path(f'/proc/self/fd/{descriptor}').readlink().relative_to(folder.folder.parent)}")
        fsync(descriptor)

    def noted_replace(path: Path, target: Path) -> Path:
        deeds.append("rename")
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(Path, "replace", noted_replace)
    put(folder, b"abc")
    medium, *others = deeds
    assert medium.startswith("sync media/staging/")
    # The new folders' own entries first, then the name, then the folder that holds it.
    assert others == ["sync media/ba", "sync media", "sync .", "rename", "sync media/ba/78"]
    deeds.clear()
    put(folder, b"abc")
    assert deeds[1:] == ["rename", "sync media/ba/78"]


@pytest.mark.parametrize("crooked", ["../../etc/passwd", "", "ab", "A" * 64, "a" * 63 + "/", "a" * 64 + "\n"])
def test_only_a_sha256_names_a_medium(folder: MediaFolder, crooked: str):
    for ask in (folder.path, folder.holds, folder.open):
        with pytest.raises(MediumUnknown):
            ask(crooked)


def test_a_medium_that_is_not_here_is_said_so(folder: MediaFolder):
    assert not folder.holds("0" * 64)
    with pytest.raises(MediumUnknown, match="backup"):
        folder.open("0" * 64)


def test_the_folder_is_readable_by_its_owner_alone(folder: MediaFolder):
    medium = put(folder, b"abc")
    assert folder.folder.stat().st_mode & 0o077 == 0
    assert folder.path(medium.sha256).stat().st_mode & 0o077 == 0


def test_a_sweep_takes_old_orphans_and_unfinished_uploads_and_nothing_else(folder: MediaFolder):
    known, orphan, young = (put(folder, content) for content in (b"known", b"orphan", b"young"))
    unfinished = folder.staging / "tmp-of-a-crash"
    unfinished.write_bytes(b"half")
    for path in (folder.path(known.sha256), folder.path(orphan.sha256), unfinished):
        age(path, LATER)
    assert folder.sweep({known.sha256}, before=datetime.now(UTC) - timedelta(days=1)) == 2
    assert folder.holds(known.sha256)
    assert folder.holds(young.sha256)
    assert not folder.holds(orphan.sha256)
    assert files(folder.staging) == []


def test_an_orphan_that_arrives_again_is_young_again(folder: MediaFolder):
    medium = put(folder, b"abc")
    age(folder.path(medium.sha256), LATER)
    put(folder, b"abc")
    assert folder.sweep(set(), before=datetime.now(UTC) - timedelta(days=1)) == 0
    assert folder.holds(medium.sha256)


def test_an_orphan_that_arrives_again_under_the_sweepers_hands_survives(
    folder: MediaFolder, monkeypatch: pytest.MonkeyPatch
):
    medium = put(folder, b"abc")
    age(folder.path(medium.sha256), LATER)
    replace = Path.replace

    def arrive_first(path: Path, target: Path) -> Path:
        monkeypatch.setattr(Path, "replace", replace)
        put(folder, b"abc")
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", arrive_first)
    assert folder.sweep(set(), before=datetime.now(UTC) - timedelta(days=1)) == 0
    assert folder.holds(medium.sha256)


def test_many_at_once_may_bring_the_same_bytes(folder: MediaFolder):
    content = os.urandom(300_000)
    kept: list[Medium] = []
    threads = [threading.Thread(target=lambda: kept.append(put(folder, content))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [medium.sha256 for medium in kept] == [hashlib.sha256(content).hexdigest()] * 8
    assert len(files(folder.folder)) == 1


def test_the_stores_sweep_spares_whatever_any_row_names(store: Store, at: datetime):
    media = {name: put(store.media, name.encode()) for name in ("submission", "form", "quarantine", "orphan")}
    attached = {name: Attachment(name, medium.sha256, medium.size) for name, medium in media.items()}
    submission = Submission("csp", "1", "uuid:1", None, {}, b"<csp/>")
    form_file = FormFile("form", media["form"].sha256, media["form"].md5, media["form"].size)

    def name_them(connection: Connection) -> None:
        keep(connection, Arrival(submission, "openrosa", None, None, None, at, (attached["submission"],)))
        keep_form_version(
            connection, FormVersion("csp", "1", "CSP", b"<h:html/>", "0" * 32, None, None, "hash", at, (form_file,))
        )
        aside = Quarantined(
            b"<", "malformed", Bilingual("a", "b"), None, None, at, attachments=(attached["quarantine"],)
        )
        set_aside(connection, aside)

    store.database.write(name_them)
    for medium in media.values():
        age(store.media.path(medium.sha256), LATER)
    assert store.sweep_media(before=datetime.now(UTC) - timedelta(days=1)) == 1
    assert [name for name, medium in media.items() if not store.media.holds(medium.sha256)] == ["orphan"]
