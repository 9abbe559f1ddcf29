"""Fetch records in full: what the server says of them as JSON, their answers as instance XML, each proven to belong.

XML pages carry no `_id` and cannot be sorted, so an instance counts as a record's only by its instanceID. Where XML
cannot be had or does not match, records are read from their JSON.
"""

from collections.abc import Iterator, Sequence
from enum import Enum
from typing import Final

from forms.errors import SubmissionMalformed
from forms.instance import Instance, read_instance
from sync.ahead import one_ahead
from sync.errors import SourceRefused, SourceReplyTooLarge, SourceReplyUnexpected, SourceUnavailable
from sync.source import Record
from sync.sources.kobo.data import DESCRIBED, Data, id_of, short_lists
from sync.sources.kobo.instance_page import XmlUnsound
from sync.sources.kobo.records import FormOfRecord, record_of_instance, record_of_row, uuid_of, without_prefix
from sync.sources.kobo.replies import Row
from sync.sources.kobo.xml_trust import XmlTrust

_ROUNDS: Final = 3
_SINGLE_TRIES: Final = 4
_SINGLE_FAILURES: Final = 5
"""So many single instances in a row that are not their record's: the rest of these records is read from JSON."""

_NO_XML: Final = frozenset({400, 404, 406})


class _Single(Enum):
    """Why a record has no instance of its own."""

    NOT_ITS_OWN = "the server gives the same other bytes each time"
    OPEN = "the bytes are others each time"


class Fetching:
    """Fetches records of one asset by one fetch."""

    def __init__(self, data: Data, trust: XmlTrust, form_of: FormOfRecord) -> None:
        self._data = data
        self._trust = trust
        self._form_of = form_of

    def records(self, ids: Sequence[int]) -> Iterator[Record]:
        """Give these records; left out are those that are gone, and those that were edited under every look."""
        for asked, rows, instances in one_ahead(map(self._asked, short_lists(ids))):
            if rows is None:
                yield from self._from_json(asked)
            else:
                yield from self._read(rows, instances)

    def _asked(self, ids: list[int]) -> tuple[list[int], list[Row] | None, dict[str, Instance]]:
        """The ids, their rows and their instances by uuid; no rows where XML is not to be asked for."""
        if self._trust.is_given_up:
            return ids, None, {}
        rows = list(self._rows(ids))
        return ids, rows, self._instances([self._id(row) for row in rows])

    def _read(self, rows: Sequence[Row], instances: dict[str, Instance]) -> Iterator[Record]:
        for look in range(_ROUNDS):
            if look > 0:
                instances = self._instances([self._id(row) for row in rows])
            unmatched = []
            for row in rows:
                instance = instances.pop(uuid_of(row), None)  # let go of as soon as it is read
                if instance is None:
                    unmatched.append(row)
                else:
                    yield record_of_instance(row, instance, self._form_of)
            if not unmatched:
                return
            # Who was edited between the two looks now has another uuid. Who was not has XML that cannot be trusted.
            now = {self._id(row): row for row in self._rows([self._id(row) for row in unmatched])}
            before = {self._id(row): uuid_of(row) for row in unmatched}
            yield from self._alone([row for key, row in now.items() if uuid_of(row) == before[key]])
            rows = [row for key, row in now.items() if uuid_of(row) != before[key]]
            if not rows:
                return

    def _alone(self, rows: Sequence[Row]) -> Iterator[Record]:
        """Read records singly whose instance was not where their page should have had it, at last from JSON."""
        proven: dict[int, str] = {}
        failures = 0
        for row in rows:
            is_hopeless = self._trust.is_given_up or failures >= _SINGLE_FAILURES
            single = _Single.NOT_ITS_OWN if is_hopeless else self._single(row)
            if isinstance(single, Instance):
                failures = 0
                self._trust.matched()
                yield record_of_instance(row, single, self._form_of)
            elif single is _Single.NOT_ITS_OWN:
                failures += 1
                proven[self._id(row)] = uuid_of(row)
        if proven:
            unchanged = [record for record in self._from_json(list(proven)) if _is_version(record, proven)]
            self._trust.failed(len(unchanged))
            yield from unchanged

    def _single(self, row: Row) -> Instance | _Single:
        """The record's instance, asked for by `_id`. Bytes that are others each time were cut off on their way."""
        before: bytes | None = None
        for _ in range(_SINGLE_TRIES):
            raw = self._raw(self._id(row))
            instance = _instance(raw)
            if instance is not None and _uuid(instance) == uuid_of(row):
                return instance
            if raw == before:
                return _Single.NOT_ITS_OWN
            before = raw
        return _Single.OPEN

    def _rows(self, ids: Sequence[int]) -> Iterator[Row]:
        for page in self._data.pages({"_id": {"$in": list(ids)}}, DESCRIBED):
            yield from page

    def _from_json(self, ids: Sequence[int]) -> Iterator[Record]:
        for row in self._data.whole(ids):
            yield record_of_row(row, self._form_of)

    def _instances(self, ids: Sequence[int]) -> dict[str, Instance]:
        """The instances of these records by their uuid, as far as they can be had and told apart."""
        if not ids or self._trust.is_given_up:
            return {}
        try:
            raws = list(self._data.instances(ids))
        except (XmlUnsound, SourceReplyTooLarge, SourceUnavailable) as error:
            if not _is_broken(error):
                raise
            self._trust.page_failed()
            # One broken instance spoils its page: halve until it is alone.
            middle = len(ids) // 2
            return {**self._instances(ids[:middle]), **self._instances(ids[middle:])} if middle else {}
        except (SourceRefused, SourceReplyUnexpected) as error:
            if not _has_no_xml(error):
                raise
            self._data.count()  # raises where it is no matter of XML: a login page that answers whatever is asked
            self._trust.page_refused()
            return self._instances(ids)
        found: dict[str, Instance] = {}
        twice: set[str] = set()
        for raw in raws:
            instance = _instance(raw)
            uuid = _uuid(instance)
            if instance is None or uuid is None:
                continue
            if uuid in found:
                twice.add(uuid)  # old servers took one instanceID twice: only asking by _id tells them apart
            found[uuid] = instance
        for uuid in twice:
            del found[uuid]
        if found:
            self._trust.matched()
        return found

    def _raw(self, record_id: int) -> bytes:
        """The bytes that the server gives as the record's instance; b"" where it gives none."""
        try:
            return self._data.instance(record_id)
        except (XmlUnsound, SourceReplyTooLarge, SourceUnavailable) as error:
            if not _is_broken(error):
                raise
        except (SourceRefused, SourceReplyUnexpected) as error:
            if not _has_no_xml(error):
                raise
        return b""

    def _id(self, row: Row) -> int:
        return id_of(row, self._data.path)


def _instance(raw: bytes) -> Instance | None:
    try:
        return read_instance(raw)
    except SubmissionMalformed:
        return None


def _uuid(instance: Instance | None) -> str | None:
    return without_prefix(instance.instance_id) if instance is not None and instance.instance_id else None


def _is_version(record: Record, uuids: dict[int, str]) -> bool:
    instance_id = record.submission.instance_id
    return instance_id is not None and without_prefix(instance_id) == uuids.get(int(record.fingerprint.remote_id))


def _is_broken(error: XmlUnsound | SourceReplyTooLarge | SourceUnavailable) -> bool:
    """Whether it is the XML of some record that the server, or we, stumbled over; another time it would be the same."""
    return isinstance(error, XmlUnsound | SourceReplyTooLarge) or error.status == 500


def _has_no_xml(error: SourceRefused | SourceReplyUnexpected) -> bool:
    """Whether the server says that it gives no XML here; a web page says so too."""
    return isinstance(error, SourceReplyUnexpected) or error.status in _NO_XML
