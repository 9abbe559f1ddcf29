"""Ask for a list that only offsets page: assets, versions, files, events. Records are paged otherwise (`data`)."""

from collections.abc import Iterator, Mapping

from sync.http.client import HttpClient
from sync.sources.kobo.replies import Page, Row, page_of, unexpected


def all_rows(client: HttpClient, path: str, params: Mapping[str, str], *, at_once: int = 100) -> Iterator[Row]:
    """Give all rows of a list; raises as `pages` does."""
    for page in pages(client, path, params, at_once=at_once):
        yield from page.rows


def pages(client: HttpClient, path: str, params: Mapping[str, str], *, at_once: int) -> Iterator[Page]:
    """Give a list by pages of `at_once` rows or fewer: what moves on while we page comes twice.

    By our own offsets: `next` bears the name that the server thinks it has. Raises SourceReplyUnexpected where rows are
    counted and do not come.
    """
    start = 0
    while True:
        asked = {**params, "limit": str(at_once)} | ({"start": str(start)} if start else {})
        page = page_of(client.get_json(path, asked), path)
        yield page
        start += len(page.rows)
        if start >= page.count:
            return
        if not page.rows:
            raise unexpected(path, "rows are counted and do not come", "des lignes comptées n'arrivent pas")
