"""A survey on either simulated server, with the same deeds: what tests of pulling play their histories on.

The form asks a name, an age, an income (a decimal), a photo and the members of the household; version 2 drops the
income and asks what is hoped for.
"""

import hashlib
import io
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import openpyxl
from servers.clock import Clock
from servers.faults import Faults
from servers.reply import SimulatedServer
from servers.transport import Log, adapter_for

from sync.source import RemoteForm, Source
from sync.wires import Wires


def workbook_of(version: str, sheets: Mapping[str, Sequence[Mapping[str, str]]] | None = None) -> bytes:
    """The survey as a designer wrote it; version `1` or `2`, with further sheets."""
    asked = [
        {"type": "text", "name": "name", "label": "Name"},
        {"type": "integer", "name": "age", "label": "Age"},
        {"type": "begin_group", "name": "home", "label": "Home"},
        *(
            [{"type": "decimal", "name": "income", "label": "Income"}]
            if version == "1"
            else [{"type": "text", "name": "hope", "label": "Hope"}]
        ),
        {"type": "text", "name": "why", "label": "Why?", "relevant": "${age} > 40"},
        {"type": "image", "name": "photo", "label": "Photo"},
        {"type": "end_group", "name": "home"},
        {"type": "begin_repeat", "name": "member", "label": "Member"},
        {"type": "text", "name": "m_name", "label": "Name"},
        {"type": "end_repeat", "name": "member"},
    ]
    return _written({"survey": asked, "settings": [{"form_id": "household", "version": version}], **(sheets or {})})


def _written(sheets: Mapping[str, Sequence[Mapping[str, str]]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        columns = list(dict.fromkeys(column for row in rows for column in row))
        for line in (columns, *([row.get(column) for column in columns] for row in rows)):
            sheet.append(line)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


@dataclass(frozen=True, slots=True)
class Answers:
    """One interview. why None: not asked. photo None: the question was left blank."""

    name: str = "Awa"
    age: int = 30
    income: str = "125000.50"
    why: str | None = None
    photo: str | None = None
    members: tuple[str, ...] = ()
    version: str = "1"

    def inner_xml(self) -> str:
        """The nodes below the root, as a tablet writes them."""
        home = f"<income>{self.income}</income>" if self.version == "1" else f"<hope>{self.income}</hope>"
        home += f"<why>{self.why}</why>" if self.why is not None else ""
        home += f"<photo>{self.photo}</photo>" if self.photo else "<photo/>"
        rows = "".join(f"<member><m_name>{name}</m_name></member>" for name in self.members)
        return f"<name>{self.name}</name><age>{self.age}</age><home>{home}</home>{rows}"


@dataclass(frozen=True, slots=True)
class Truth:
    """A record on the server. files: the names of those that are there."""

    instance_id: str
    review: str | None
    files: tuple[str, ...]


class World(Protocol):
    """A simulated server with the survey on it."""

    clock: Clock
    faults: Faults
    log: Log
    folder: Path
    can_restore: bool
    kind: str

    def source(self) -> Source:
        """A source that talks to it; every one has sessions and caches of its own."""

    def submit(self, answers: Answers, files: Mapping[str, bytes] | None = None) -> str:
        """A new submission; gives its root id as the server's deeds want it."""

    def begin(self, answers: Answers) -> Callable[[], None]:
        """A submission that is numbered and stamped now and seen once what this gives is called."""

    def edit(self, root: str, answers: Answers) -> None: ...
    def review(self, root: str, status: str | None) -> None: ...
    def delete(self, root: str) -> None: ...
    def restore(self, root: str) -> None: ...
    def add_file(self, root: str, name: str, content: bytes) -> None: ...
    def remove_files(self, root: str) -> None: ...
    def publish(self, version: str) -> None: ...
    def cut_rights(self) -> None:
        """From now on the account sees less, without an error."""

    def give_rights(self) -> None: ...
    def roots(self) -> set[str]:
        """The root ids (`uuid:…`) of all that is there and visible to somebody who may see everything."""

    def truth(self) -> dict[str, Truth]:
        """What the server has, told by itself and by no client, by root id."""

    def awaits_file(self, root: str) -> bool:
        """Whether the answers name `p.jpg` and it has not come."""

    def remote_form(self, source: Source) -> RemoteForm: ...


def _uuid(seed: str) -> str:
    return str(uuid.UUID(bytes=hashlib.md5(seed.encode(), usedforsecurity=False).digest(), version=4))


@dataclass
class Ids:
    """Ids that are the same in every run."""

    made: int = 0

    def next(self) -> str:
        self.made += 1
        return f"uuid:{_uuid(str(self.made))}"


def wires(world: World, server: SimulatedServer) -> Wires:
    """The world of a client that asks the simulated server, in this process."""
    return Wires(
        clock=world.clock.now,
        sleep=world.clock.sleep,
        chance=lambda: 0.5,
        adapter=lambda: adapter_for(server, world.faults, world.log),
        folder=world.folder,
    )
