"""A project's history as a simulated KoboToolbox writes it, and the boolean language of `q` (64, 64b, 64c, 92).

The same language asks for assets (07b, 07c, 07d).
"""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from servers.clock import Clock


class Facts(Protocol):
    """What `q` can be asked of."""

    def get(self, name: str, /) -> Any:
        """The value of a field, None where there is none."""


Test = Callable[[Facts], bool]

_TOKEN = re.compile(r"""\(|\)|AND\b|OR\b|NOT\b|[\w.]+:(?:'[^']*'|"[^"]*"|[^\s()]+)|[^\s()]+""")
LEAST_CHARACTERS = 3


class QueryTooShort(Exception):
    """A free word has fewer than three characters."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the history. submission: its metadata where the row is about one."""

    action: str
    username: str
    at: datetime
    metadata: Mapping[str, Any]

    def get(self, name: str) -> Any:
        """What `q` can ask for: `action`, `username`, `date_created`, and `metadata__…`."""
        if name == "date_created":
            return self.at
        if not name.startswith("metadata__"):
            return {"action": self.action, "username": self.username}.get(name)
        value: Any = self.metadata
        for step in name.split("__")[1:]:
            value = value.get(step) if isinstance(value, Mapping) else None
        return value


class History:
    """What happened to a project, oldest first."""

    def __init__(self, asset_uid: str, owner: str, clock: Clock) -> None:
        self.entries: list[Entry] = []
        self._asset_uid, self._owner, self._clock = asset_uid, owner, clock

    def write(self, action: str, username: str, *, at: datetime | None = None, **about: Any) -> None:
        """Add a row as the middleware does: who, what, and from where."""
        metadata = {
            "source": "Python Requests (Other)",
            "asset_uid": self._asset_uid,
            "ip_address": "127.0.0.1",
            **about,
            "log_subtype": "project",
            "project_owner": self._owner,
        }
        self.entries.append(Entry(action, username, at or self._clock.now(), metadata))

    def write_bare(self, action: str, username: str, **about: Any) -> None:
        """Add a row of another log, which says no more than it must (attachments put in the bin, 64)."""
        self.entries.append(Entry(action, username, self._clock.now(), {"asset_uid": self._asset_uid, **about}))

    def newest_first(self, q: str | None, days: int) -> list[Entry]:
        """What `q` asks for, as far back as so many days. Raises QueryTooShort."""
        since = self._clock.now() - timedelta(days=days)
        test = compile_q(q) if q else None
        chosen = [entry for entry in self.entries if entry.at >= since and (test is None or test(entry))]
        # The server orders by time; rows of one moment keep the order in which they were written, newest first.
        chosen.reverse()
        chosen.sort(key=lambda entry: entry.at, reverse=True)
        return chosen


def shown(entry: Entry, user_url: str, user_uid: str) -> dict[str, Any]:
    """A row as the API gives it."""
    return {
        "user": user_url,
        "user_uid": user_uid,
        "username": entry.username,
        "action": entry.action,
        "metadata": dict(entry.metadata),
        "date_created": f"{_second(entry.at)}Z",
    }


def compile_q(q: str) -> Test:
    """Return what tells whether facts match. An unknown field matches nothing. Raises QueryTooShort."""
    tokens = _TOKEN.findall(q)
    test, rest = _either(tokens)
    return test if not rest else lambda _facts: False


def _either(tokens: list[str]) -> tuple[Test, list[str]]:
    tests = []
    test, tokens = _both(tokens)
    tests.append(test)
    while tokens and tokens[0] == "OR":
        test, tokens = _both(tokens[1:])
        tests.append(test)
    return lambda facts: any(each(facts) for each in tests), tokens


def _both(tokens: list[str]) -> tuple[Test, list[str]]:
    tests = []
    test, tokens = _one(tokens)
    tests.append(test)
    while tokens and tokens[0] not in {"OR", ")"}:
        test, tokens = _one(tokens[1:] if tokens[0] == "AND" else tokens)
        tests.append(test)
    return lambda facts: all(each(facts) for each in tests), tokens


def _one(tokens: list[str]) -> tuple[Test, list[str]]:
    if not tokens:
        return lambda _facts: True, []
    first, rest = tokens[0], tokens[1:]
    if first == "NOT":
        test, rest = _one(rest)
        return lambda facts: not test(facts), rest
    if first == "(":
        test, rest = _either(rest)
        return test, rest[1:]
    return _term(first), rest


def _term(term: str) -> Test:
    name, colon, wanted = term.partition(":")
    wanted = wanted.strip("'\"")
    if not colon:
        if len(name) < LEAST_CHARACTERS:
            raise QueryTooShort
        return lambda facts: name.lower() in str(facts.get("name")).lower()
    for suffix, compare in _COMPARED.items():
        if name.endswith(suffix):
            field = name.removesuffix(suffix)
            return lambda facts: (value := facts.get(field)) is not None and compare(*_alike(value, wanted))
    return lambda facts: facts.get(name) is not None and str(facts.get(name)) == wanted


_COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "__gte": operator.ge,
    "__gt": operator.gt,
    "__lte": operator.le,
    "__lt": operator.lt,
    "__icontains": lambda value, wanted: str(wanted).lower() in str(value).lower(),
}


def _alike(value: Any, wanted: str) -> tuple[Any, Any]:
    """Both as moments where the field is one: the database keeps microseconds, the reply shows whole seconds."""
    if not isinstance(value, datetime):
        return str(value), wanted
    moment = datetime.fromisoformat(wanted)
    return value, moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _second(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S")
