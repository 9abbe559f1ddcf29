"""Whether a server's instance XML can be relied on, learned once and kept for as long as the source is open.

Only what lasts counts: answers that are JSON for good are less exact, and one that a proxy spoiled is asked for again.
"""

from typing import Final

_FAILED_PAGES: Final = 16
"""In a row: more than it takes to corner one broken record among the most that are asked for at once, by halving."""

_REFUSED_PAGES: Final = 3
_FAILED_RECORDS: Final = 5


class XmlTrust:
    """What was seen of a server's XML so far. May be used by several threads: a miscount costs a request."""

    def __init__(self) -> None:
        self._has_matched = False
        self._is_given_up = False
        self._failed_pages = 0
        self._refused_pages = 0
        self._failed_records = 0

    @property
    def is_given_up(self) -> bool:
        """Whether XML is not to be asked for any more."""
        return self._is_given_up

    def matched(self) -> None:
        """Note that an instance was the one asked for."""
        self._has_matched = True
        self._failed_pages = self._refused_pages = 0

    def failed(self, records: int) -> None:
        """Note records whose XML is not theirs; before any that was, a few of them settle it."""
        self._failed_records += records
        if not self._has_matched and self._failed_records >= _FAILED_RECORDS:
            self._is_given_up = True

    def page_failed(self) -> None:
        """Note a page that could not be read."""
        self._failed_pages += 1
        if self._failed_pages >= _FAILED_PAGES:
            self._is_given_up = True

    def page_refused(self) -> None:
        """Note that the server says, or shows by a page for people, that it has no XML."""
        self._refused_pages += 1
        if self._refused_pages >= _REFUSED_PAGES:
            self._is_given_up = True
