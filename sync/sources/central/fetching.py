"""Fetch records in full: their rows first, then XML and file lists, several at a time and never many ahead."""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import chain

from sync.ahead import one_ahead
from sync.errors import SourceRefused
from sync.http.client import HttpClient
from sync.source import FormOf, Record, RemoteMedium
from sync.sources.central.odata import Table
from sync.sources.central.paths import form_path, submission_path
from sync.sources.central.records import media_of, record_of
from sync.sources.central.rows import Row
from sync.sources.central.whole_xml import get_xml

AT_ONCE = 8
_AHEAD = 2 * AT_ONCE


@dataclass(frozen=True, slots=True)
class _Received:
    row: Row
    xml: bytes
    media: tuple[RemoteMedium, ...]


def fetch_records(client: HttpClient, remote_id: str, ids: Sequence[str], form_of: FormOf) -> Iterator[Record]:
    """Give the records with these ids as they arrive; those that are gone are left out.

    `form_of` is called in the thread that asks for the records.
    """
    rows = chain.from_iterable(one_ahead(Table(client, form_path(remote_id)).pages_of_ids(ids)))
    for received in _received(client, remote_id, rows):
        yield record_of(received.row, received.xml, received.media, form_of)


def _received(client: HttpClient, remote_id: str, rows: Iterable[Row]) -> Iterator[_Received]:
    pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="central")
    try:
        coming: set[Future[_Received | None]] = set()
        for row in rows:
            coming.add(pool.submit(_receive, client, submission_path(remote_id, row.id), row))
            if len(coming) >= _AHEAD:
                here, coming = wait(coming, return_when=FIRST_COMPLETED)
                yield from _there(here)
        while coming:
            here, coming = wait(coming, return_when=FIRST_COMPLETED)
            yield from _there(here)
    finally:
        pool.shutdown(cancel_futures=True)


def _there(futures: Iterable[Future[_Received | None]]) -> Iterator[_Received]:
    return (received for future in futures if (received := future.result()) is not None)


def _receive(client: HttpClient, path: str, row: Row) -> _Received | None:
    """XML and file list; None where the submission was deleted since its row was read."""
    try:
        xml = get_xml(client, f"{path}.xml")
        media = media_of(client.get_json(f"{path}/attachments")) if row.expected > 0 else ()
    except SourceRefused as refused:
        if refused.status == 404:
            return None
        raise
    return _Received(row, xml, media)
