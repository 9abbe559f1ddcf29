"""Ask for the records of one asset: pages by keyset, counts that must add up, and URLs that stay short enough."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias
from urllib.parse import quote

from sync.errors import SourceReplyTooLarge
from sync.http.client import JSON, HttpClient
from sync.http.reply_json import MAX_DEPTH, is_deeper_than, read_json
from sync.sources.kobo.instance_page import InstancePage, XmlUnsound, instance_alone, page_of_instances
from sync.sources.kobo.paths import data_path, record_path
from sync.sources.kobo.replies import Page, Row, page_of, unexpected

Query: TypeAlias = Mapping[str, Any]
"""A MongoDB query over records, as `/data/` takes it."""

PAGE: Final = 1000
"""The most rows that a server gives at once (2.026); some give fewer, and none says so."""

_LONGEST_IN: Final = 6400
"""Characters of a URL that the values of an `$in` may take: whole URLs stay below 7 kB, proxies cut at 8."""
_MOST_IN: Final = 500
_EMPTY_PAGES: Final = 3
XML: Final = "application/xml"
_ID: Final = re.compile(r"\d{1,19}", re.ASCII)

LISTED: Final = ("_id", "_uuid", "meta/rootUuid", "_validation_status", "_attachments", "_date_modified")
"""What shows that a record changed. Not asked for, `_validation_status` comes as `{}` whatever it is."""

DESCRIBED: Final = (*LISTED, "_submission_time", "_submitted_by")
"""What the server says of a record besides its answers."""


class Data:
    """The records of one asset, as `/api/v2/assets/{uid}/data/` gives them."""

    def __init__(self, client: HttpClient, uid: str) -> None:
        self._client = client
        self._uid = uid
        self.path = data_path(uid)

    def count(self) -> int:
        """Return how many records the server shows us."""
        return self._page({}, ("_id",), limit=1).count

    def pages(self, query: Query, fields: Sequence[str]) -> Iterator[Sequence[Row]]:
        """Give all records that match, by growing `_id`, a page at a time.

        By keyset, never by offset: rows that go while we page would shift others out of sight. Each page's `count` is
        of what was left, so the last page is the one that holds as many; a server may give fewer rows than were asked
        for and rows may come meanwhile, and nothing that was there all the while is passed over. Raises
        SourceReplyUnexpected where records are counted and do not come, and where ids do not grow.
        """
        last: int | None = None
        empty, limit = 0, PAGE
        while True:
            try:
                page = self._page(_beyond(query, last), fields, limit=limit)
            except SourceReplyTooLarge:
                # Records with thousands of files each: fewer of them at once.
                if limit == 1:
                    raise
                limit = max(1, limit // 8)
                continue
            for row in page.rows:
                found = id_of(row, self.path)
                if last is not None and found <= last:
                    raise unexpected(self.path, "its records are in disorder", "ses soumissions sont en désordre")
                last = found
            if page.rows:
                empty = 0
                yield page.rows
            if len(page.rows) >= page.count:
                return
            if not page.rows:
                # One that was deleted between the server's count and its look may be counted and not come; not thrice.
                empty += 1
                if empty == _EMPTY_PAGES:
                    raise unexpected(
                        self.path,
                        f"{page.count} more records are counted and none of them comes",
                        f"{page.count} autres soumissions sont comptées et aucune n'arrive",
                    )

    def newest(self, most: int, fields: Sequence[str]) -> Sequence[Row]:
        """Return the records of the highest ids, at most so many, or as many as the server gives at once."""
        params = {"sort": '{"_id":-1}', "limit": str(most), "fields": _compact(fields)}
        return page_of(self._client.get_json(self.path, params), self.path).rows

    def whole(self, ids: Sequence[int]) -> Iterator[Row]:
        """Give these records with all their keys, numbers as the text that they were written with."""
        query: Query = {"_id": {"$in": list(ids)}}
        left = set(ids)
        while left:
            params = {"query": _compact(query), "limit": str(PAGE)}
            page = page_of(self._decoded(self._client.get_bytes(self.path, params, accept=JSON)), self.path)
            yield from page.rows
            come = {id_of(row, self.path) for row in page.rows}
            if len(page.rows) >= page.count:
                return
            if not come & left:
                raise unexpected(
                    self.path, "records are counted and do not come", "des soumissions comptées n'arrivent pas"
                )
            left -= come
            query = {"_id": {"$in": sorted(left)}}

    def instances(self, ids: Sequence[int]) -> Iterator[bytes]:
        """Give the instance XML of these records, in the server's order; any may be missing.

        Raises XmlUnsound where a page is no XML, be it for one record in it, or not of these records.
        """
        start = 0
        while True:
            page = self._instances({"_id": {"$in": list(ids)}}, start)
            if page.count > len(ids):
                raise XmlUnsound("the query was not looked at")
            yield from page.instances
            start += len(page.instances)
            # XML pages cannot be sorted. What slips between two of them is asked for again by who misses it.
            if start >= page.count or not page.instances:
                return

    def instance(self, record_id: int) -> bytes:
        """Return the instance XML of one record. Raises XmlUnsound where it is no XML."""
        path = record_path(self._uid, record_id)
        return instance_alone(self._client.get_bytes(path, {"format": "xml"}, accept=XML))

    def _instances(self, query: Query, start: int) -> InstancePage:
        params = {"format": "xml", "query": _compact(query), "limit": str(PAGE)}
        if start:
            params["start"] = str(start)
        return page_of_instances(self._client.get_bytes(self.path, params, accept=XML))

    def _page(self, query: Query, fields: Sequence[str], *, limit: int) -> Page:
        params = {"limit": str(limit), "fields": _compact(fields), "sort": '{"_id":1}'}
        if query:
            params["query"] = _compact(query)
        return page_of(self._client.get_json(self.path, params), self.path)

    def _decoded(self, body: bytes) -> Any:
        try:
            rows = read_json(body, numbers_as_text=True)
        except ValueError as error:
            raise unexpected(self.path, "it is no JSON", "ce n'est pas du JSON") from error
        if is_deeper_than(rows, MAX_DEPTH):
            raise unexpected(self.path, "it nests beyond measure", "son imbrication est démesurée")
        return rows


def id_of(row: Row, where: str) -> int:
    """Return the record's `_id`; raises SourceReplyUnexpected where it has none."""
    value = row.get("_id")
    if isinstance(value, bool) or not isinstance(value, int | str) or not _ID.fullmatch(str(value)):
        raise unexpected(where, "a record has no _id", "une soumission n'a pas d'_id")
    return int(value)


def short_lists(values: Iterable[int | str]) -> Iterator[list[Any]]:
    """Cut values into lists, each short enough to be asked for by `$in` in one URL."""
    taken: list[Any] = []
    length = 0
    for value in values:
        # `,` is %2C, quotes are %22.
        added = len(quote(json.dumps(value), safe="")) + 3
        if taken and (length + added > _LONGEST_IN or len(taken) == _MOST_IN):
            yield taken
            taken, length = [], 0
        taken.append(value)
        length += added
    if taken:
        yield taken


def _beyond(query: Query, last: int | None) -> Query:
    """The query, for ids above `last` only."""
    if last is None:
        return query
    conditions = dict(query.get("_id", {}))
    if "$in" in conditions:
        return {**query, "_id": {"$in": [value for value in conditions["$in"] if value > last]}}
    return {**query, "_id": {**conditions, "$gt": last}}


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
