"""Ask a form's OData table for rows: pages that cannot lose one, counts, rows by id.

Pages are not followed by Central's `@odata.nextLink`: its cursor names a row, and once that row is purged the server
answers 200 with nothing, which reads like the end. Each page is asked for by the stamp that the page before ended at.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import chain, pairwise
from typing import Any
from urllib.parse import quote

from forms.text import Bilingual
from sync.errors import SourceReplyUnexpected
from sync.http.client import HttpClient
from sync.sources.central.rows import Row, read_row, stamp

PAGE_ROWS = 1000
MAX_FILTER_BYTES = 6000
"""Of a percent-encoded `$filter`: with path and host it stays below the 8 kB that servers take."""

_SELECTED = "__id,__system"
_ATTEMPTS = 4
_MILLISECOND = timedelta(milliseconds=1)


class Table:
    """The submissions of one form, as rows. form_path: of `paths`."""

    def __init__(self, client: HttpClient, form_path: str) -> None:
        self._client = client
        self._path = f"{form_path}.svc/Submissions"

    def count(self) -> int:
        """Return how many submissions are there, deleted ones left out."""
        return _matching(self._get({"$top": "0", "$count": "true"}))

    def newest(self) -> Row | None:
        """Return the submission that arrived last, None where there is none."""
        rows, _ = self._page(None, 1)
        return rows[0] if rows else None

    def pages(self, condition: str | None = None) -> Iterator[tuple[Row, ...]]:
        """Give the rows that meet an OData condition, newest first, none twice.

        A row that met it all the while is among them, whatever comes, goes or is purged meanwhile. Unless the
        condition names `__system/deletedAt`, deleted ones are left out. Raises SourceReplyUnexpected where a page has
        fewer rows than the server counts, or stands in another order.
        """
        before: datetime | None = None
        given: frozenset[str] = frozenset()  # of the rows at the stamp where the last page ended
        top = PAGE_ROWS
        while True:
            rows, matching = self._page(_narrowed(condition, before), top)
            if before is not None and rows and rows[0].submitted_at >= before:
                raise _unexpected("rows that were not asked for", "des lignes qui n'étaient pas demandées")
            if fresh := tuple(row for row in rows if row.id not in given):
                yield fresh
            if len(rows) >= matching:
                return
            oldest = rows[-1].submitted_at
            # A whole page of one stamp (rows copied in by SQL) would come again and again: ask for more at once.
            top = top * 2 if rows[0].submitted_at == oldest else PAGE_ROWS
            given = frozenset(row.id for row in rows if row.submitted_at == oldest)
            # Older servers keep microseconds and show milliseconds: `le` would pass over the rest of this one.
            before = oldest + _MILLISECOND

    def of_ids(self, ids: Sequence[str]) -> Iterator[Row]:
        """Give the rows of these submissions; those that are not there, or deleted, are left out."""
        return chain.from_iterable(self.pages_of_ids(ids))

    def pages_of_ids(self, ids: Sequence[str]) -> Iterator[tuple[Row, ...]]:
        """Give them as many at once as fit into one request."""
        for condition, asked in _by_id(ids):
            rows = _rows(self._get({"$select": _SELECTED, "$filter": condition}))
            if not asked.issuperset(row.id for row in rows):
                raise _unexpected("rows that were not asked for", "des lignes qui n'étaient pas demandées")
            yield rows

    def _page(self, condition: str | None, top: int) -> tuple[tuple[Row, ...], int]:
        """The first rows that meet the condition, at most `top`, and how many meet it."""
        asked = {"$select": _SELECTED, "$top": str(top), "$count": "true"}
        if condition is not None:
            asked["$filter"] = condition
        for _ in range(_ATTEMPTS):
            reply = self._get(asked)
            rows, matching = _rows(reply), _matching(reply)
            # The server counts and lists in two looks, and a row may come or go between them: look again.
            if len(rows) == min(top, matching):
                break
        else:
            raise _unexpected("fewer rows than it counts", "moins de lignes qu'il n'en compte")
        if any(later.submitted_at > row.submitted_at for row, later in pairwise(rows)):
            raise _unexpected("rows in another order than by arrival", "des lignes dans un autre ordre que l'arrivée")
        return rows, matching

    def _get(self, parameters: dict[str, str]) -> Any:
        return self._client.get_json(self._path, parameters)


def _rows(reply: Any) -> tuple[Row, ...]:
    values = reply.get("value") if isinstance(reply, dict) else None
    if not isinstance(values, list):
        raise _unexpected("no rows", "aucune ligne")
    return tuple(read_row(value) for value in values)


def _matching(reply: Any) -> int:
    counted = reply.get("@odata.count") if isinstance(reply, dict) else None
    if not isinstance(counted, int):
        raise _unexpected("no count", "aucun décompte")
    return counted


def _narrowed(condition: str | None, before: datetime | None) -> str | None:
    if before is None:
        return condition
    earlier = f"__system/submissionDate lt {stamp(before)}"
    return earlier if condition is None else f"({condition}) and {earlier}"


def _by_id(ids: Sequence[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """Conditions that name these ids, each short enough for an address, with the ids it names."""
    terms: dict[str, str] = {}
    length = 0
    for submission_id in dict.fromkeys(ids):
        quoted = submission_id.replace("'", "''")
        term = f"__id eq '{quoted}'"
        cost = len(quote(f" or {term}", safe=""))
        if terms and length + cost > MAX_FILTER_BYTES:
            yield " or ".join(terms.values()), frozenset(terms)
            terms, length = {}, 0
        terms[submission_id] = term
        length += cost
    if terms:
        yield " or ".join(terms.values()), frozenset(terms)


def _unexpected(what_en: str, what_fr: str) -> SourceReplyUnexpected:
    return SourceReplyUnexpected(
        Bilingual(
            f"ODK Central's list of submissions has {what_en}. Nothing was concluded from it; pull again, and report "
            "it if it stays.",
            f"La liste des soumissions d'ODK Central contient {what_fr}. Rien n'en a été conclu ; relancez la "
            "récupération, et signalez-le si cela persiste.",
        )
    )
