"""The survey of `servers.worlds` on a stick: what a tablet keeps, as far as a folder can do the same deeds."""

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from servers.clock import Clock
from servers.faults import Faults
from servers.transport import Log
from servers.worlds import Answers, Ids, Truth, workbook_of

from sync.source import RemoteForm, Source
from sync.sources import connect
from sync.sources.settings import SourceSettings
from sync.wires import Wires


@dataclass
class FolderWorld:
    """Each submission in a folder of its own, its media beside it; an edit stands beside what it edits.

    Nothing goes over a network: `faults` and `log` stay without use.
    """

    kind: str = "folder"
    can_restore: bool = False
    clock: Clock = field(default_factory=Clock)
    faults: Faults = field(default_factory=Faults)
    log: Log = field(default_factory=Log)
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="world-")))

    def __post_init__(self) -> None:
        self._ids = Ids()
        self._current: dict[str, tuple[str, Answers]] = {}
        (self.folder / "forms").mkdir()
        self.publish("1")

    def source(self) -> Source:
        return connect(SourceSettings("stick", "folder", str(self.folder)), Wires(clock=self.clock.now))

    def submit(self, answers: Answers, files: Mapping[str, bytes] | None = None) -> str:
        root = self._ids.next()
        self._home(root).mkdir(parents=True)
        for name, content in (files or {}).items():
            self.add_file(root, name, content)
        self._write(root, root, answers, None)
        return root

    def begin(self, answers: Answers) -> Callable[[], None]:
        return lambda: self._written_later(answers)

    def edit(self, root: str, answers: Answers) -> None:
        self._write(root, self._ids.next(), answers, self._current[root][0])

    def review(self, root: str, status: str | None) -> None:  # noqa: ARG002 (the signature is every world's)
        raise AssertionError("a folder knows no review")

    def delete(self, root: str) -> None:
        del self._current[root]
        shutil.rmtree(self._home(root))

    def restore(self, root: str) -> None:  # noqa: ARG002 (as above)
        raise AssertionError("a folder brings nothing back")

    def add_file(self, root: str, name: str, content: bytes) -> None:
        (self._home(root) / name).write_bytes(content)

    def remove_files(self, root: str) -> None:
        for path in self._media(root):
            path.unlink()

    def publish(self, version: str) -> None:
        (self.folder / "forms" / f"household {version}.xlsx").write_bytes(workbook_of(version))

    def cut_rights(self) -> None:
        raise AssertionError("a folder knows no rights")

    def give_rights(self) -> None:
        """Everybody has them."""

    def roots(self) -> set[str]:
        return set(self._current)

    def truth(self) -> dict[str, Truth]:
        return {
            root: Truth(instance_id, None, tuple(sorted(path.name for path in self._media(root))))
            for root, (instance_id, _) in self._current.items()
        }

    def awaits_file(self, root: str) -> bool:
        return self._current[root][1].photo == "p.jpg" and not self._media(root)

    def remote_form(self, source: Source) -> RemoteForm:
        return source.form("household")

    def _written_later(self, answers: Answers) -> None:
        self.submit(answers)

    def _home(self, root: str) -> Path:
        return self.folder / "instances" / root.removeprefix("uuid:")

    def _media(self, root: str) -> list[Path]:
        return [path for path in self._home(root).iterdir() if path.suffix != ".xml"]

    def _write(self, root: str, instance_id: str, answers: Answers, deprecated_id: str | None) -> None:
        deprecated = f"<deprecatedID>{deprecated_id}</deprecatedID>" if deprecated_id else ""
        path = self._home(root) / f"{instance_id.removeprefix('uuid:')}.xml"
        path.write_text(
            f'<data id="household" version="{answers.version}">{answers.inner_xml()}'
            f"<meta><instanceID>{instance_id}</instanceID>{deprecated}</meta></data>"
        )
        at = self.clock.now().timestamp()
        os.utime(path, (at, at))
        self._current[root] = (instance_id, answers)
