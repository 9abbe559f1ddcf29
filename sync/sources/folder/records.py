"""The records among the submissions of a folder: one for each chain of edits, as its newest version has it."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sync.source import Fingerprint
from sync.sources.folder.files import BesideFile, FormFile, SubmissionFile


@dataclass(frozen=True, slots=True)
class FolderRecord:
    """A record: its newest file, and when its first one was written."""

    root_id: str
    form_id: str
    file: SubmissionFile
    first_written_at: datetime

    def media(self, beside: Mapping[str, BesideFile]) -> Mapping[str, BesideFile]:
        """Return, of the files beside it, those that its answers name, by name."""
        return {name: beside[name] for name in sorted(self.file.named & beside.keys())}

    def fingerprint(self, beside: Mapping[str, BesideFile]) -> Fingerprint:
        """Return what shows that it changed: the hash of its XML, and names and sizes of its media."""
        media = [(name, file.size) for name, file in self.media(beside).items()]
        told = json.dumps([self.file.sha256, media], ensure_ascii=False)
        return Fingerprint(self.root_id, self.root_id, hashlib.sha256(told.encode()).hexdigest()[:32])


@dataclass(frozen=True, slots=True)
class Contents:
    """What a folder holds at one look: forms, and records by form id and root id."""

    forms: tuple[FormFile, ...]
    records: Mapping[str, Mapping[str, FolderRecord]]


def contents_of(files: Iterable[FormFile | SubmissionFile]) -> Contents:
    """Return forms and records. A submission of which nobody can tell the form goes to the first form there is."""
    found = tuple(files)
    forms = tuple(file for file in found if isinstance(file, FormFile))
    submissions = [file for file in found if isinstance(file, SubmissionFile)]
    told = sorted({file.form_id for file in submissions if file.form_id} | {form.form_id for form in forms})
    by_form: defaultdict[str, list[SubmissionFile]] = defaultdict(list)
    for file in submissions:
        form_id = file.form_id or (told[0] if told else None)
        if form_id is not None:
            by_form[form_id].append(file)
    return Contents(forms, {form_id: _records(form_id, by_form[form_id]) for form_id in sorted(by_form)})


def _records(form_id: str, files: Sequence[SubmissionFile]) -> Mapping[str, FolderRecord]:
    by_instance: dict[str, SubmissionFile] = {}
    for file in files:
        instance_id = _name_of(file)
        other = by_instance.get(instance_id)
        if other is None or _rank(file) > _rank(other):
            by_instance[instance_id] = file
    chains: defaultdict[str, list[SubmissionFile]] = defaultdict(list)
    for file in by_instance.values():
        chains[_root_of(file, by_instance)].append(file)
    return {root_id: _record(root_id, form_id, chains[root_id]) for root_id in sorted(chains)}


def _record(root_id: str, form_id: str, chain: Sequence[SubmissionFile]) -> FolderRecord:
    replaced = {file.deprecated_id for file in chain}
    newest = [file for file in chain if file.instance_id not in replaced] or chain
    return FolderRecord(
        root_id=root_id,
        form_id=form_id,
        file=max(newest, key=_rank),
        first_written_at=min(file.written_at for file in chain),
    )


def _root_of(file: SubmissionFile, by_instance: Mapping[str, SubmissionFile]) -> str:
    """The oldest version that is known, which may be one that only an edit of it names."""
    passed: list[str] = []
    name = _name_of(file)
    while name not in passed:
        passed.append(name)
        earlier = by_instance[name].deprecated_id if name in by_instance else None
        if earlier is None:
            return name
        name = earlier
    return min(passed[passed.index(name) :])  # each says that it replaces the other


def _name_of(file: SubmissionFile) -> str:
    return file.instance_id or f"file:{file.sha256[:32]}"


def _rank(file: SubmissionFile) -> tuple[bool, datetime, str]:
    """Of two files with one instanceID the readable one speaks, then the one that was written last."""
    return file.wrong is None, file.written_at, file.sha256
