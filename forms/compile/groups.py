"""Find which group lacks its beginning or its end, where pyxform can only say that they do not balance.

pyxform reads ends by counting, so of a missing end it blames the outermost group. Designers write the group's name
beside its end as well (`end_group | water`), which pyxform passes over: where names are there, they tell.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from forms.compile.feed import Feed
from forms.finding import Finding, Severity
from forms.nearest import listed
from forms.sheets.survey_rows import NAME_HEADERS, TYPE_HEADERS
from forms.text import Bilingual
from forms.workbook.workbook import plain

# pyxform 4.5 knows `lgroup` and `looped group` as other words for a repeat (`aliases.control`).
_EDGE = re.compile(r"^(?P<edge>begin|end)[\s_]+(?P<kind>group|repeat|loop|lgroup|looped[\s_]group)\b", re.IGNORECASE)
_REPEATS = ("lgroup", "looped group", "looped_group")
_TRUE = frozenset({"yes", "true", "true()"})


@dataclass(frozen=True)
class Edge:
    """A row that begins or ends a group. position: in the feed's table; row: as Excel counts; kind: as `group`."""

    position: int
    row: int
    begins: bool
    kind: str
    name: str


@dataclass(frozen=True)
class Fault:
    """What does not balance at an edge. finding: what is told of it.

    A beginning lacks its end: it belongs before `position` of the table. An end closes nothing, or, where `kind` is
    given, a group of that other kind.
    """

    edge: Edge
    finding: Finding
    position: int = 0
    kind: str | None = None


def group_faults(feed: Feed, sheet: str) -> tuple[Fault, ...]:
    """Return the beginnings and ends of groups that lack their partner; empty where all have one.

    sheet: the survey's name as written. Of the readings by names, by kinds and by mere counting it is the one with
    the fewest faults.
    """
    edges = tuple(_edges(feed))
    size = len(feed.tables.get("survey", ()))
    readings = (_Reading(edges, size, sheet, by) for by in ("names", "kinds", "counts"))
    return min((tuple(reading.faults()) for reading in readings), key=len)


def balance(feed: Feed, faults: Sequence[Fault]) -> None:
    """Give each beginning its end, and take away ends that close nothing; the feed is a copy."""
    header = feed.make_column("survey", TYPE_HEADERS)
    table, numbers = feed.tables["survey"], list(feed.rows["survey"])
    for fault in faults:
        if not fault.edge.begins:
            row = table[fault.edge.position]
            row.clear()
            if fault.kind is not None:
                row[header] = f"end_{fault.kind}"
    missing = [fault for fault in faults if fault.edge.begins]
    # From below, so that positions above still hold; of two at one place the outer first, for it is pushed down.
    for fault in sorted(missing, key=lambda each: (-each.position, each.edge.position)):
        table.insert(fault.position, {header: f"end_{fault.edge.kind}"})
        numbers.insert(fault.position, fault.edge.row)
    feed.rows = {**feed.rows, "survey": tuple(numbers)}


class _Reading:
    """One way to pair beginnings and ends. by: what an end must have in common with the group that it closes."""

    def __init__(self, edges: Sequence[Edge], size: int, sheet: str, by: str) -> None:
        self._edges = edges
        self._size = size
        self._sheet = sheet
        self._by = by
        self._open: list[Edge] = []
        # The groups whose end names them: their pair is beyond doubt.
        self._sure: set[Edge] = set()
        self._faults: list[Fault] = []

    def faults(self) -> list[Fault]:
        innermost: tuple[Edge, ...] = ()
        previous: Edge | None = None
        for edge in self._edges:
            if edge.begins:
                self._open.append(edge)
            else:
                if previous is None or previous.begins:
                    innermost = tuple(self._open)
                self._end(edge)
            previous = edge
        if previous is not None and previous.begins:
            innermost = tuple(self._open)
        for number, group in enumerate(self._open):
            self._faults.append(self._unended(group, innermost if number == len(self._open) - 1 else ()))
        return self._faults

    def _end(self, end: Edge) -> None:
        if self._by == "counts":
            if not self._open:
                self._closes_nothing(end)
            elif (group := self._open.pop()).kind != end.kind:
                self._closes_other_kind(end, group)
            return
        if self._by == "names" and end.name:
            candidates = [each for each in self._open if each.kind == end.kind and plain(each.name) == plain(end.name)]
        else:
            candidates = [each for each in self._open if each.kind == end.kind]
        if not candidates:
            self._closes_nothing(end)
            return
        closed = candidates[-1]
        while (group := self._open.pop()) != closed:
            self._faults.append(self._closed_too_early(group, closed, end))
        if end.name and plain(end.name) == plain(closed.name):
            self._sure.add(closed)

    def _closed_too_early(self, group: Edge, closed: Edge, end: Edge) -> Fault:
        message = Bilingual(
            f"{_called(end, 'end')} (row {end.row}) closes {_group(closed)} (row {closed.row}) while {_group(group)} "
            f"(row {group.row}) is still open: its end is missing. Add end_{group.kind} after its last question, above "
            f"row {end.row}.",
            f"{_called(end, 'end')} (ligne {end.row}) ferme {_group(closed)} (ligne {closed.row}) alors que "
            f"{_group(group)} (ligne {group.row}) est encore ouvert : sa fin manque. Ajoutez end_{group.kind} après sa "
            f"dernière question, au-dessus de la ligne {end.row}.",
        )
        return Fault(group, self._finding("group_not_closed", group, message), end.position)

    def _unended(self, group: Edge, innermost: Sequence[Edge]) -> Fault:
        """The fault of a group that is open where the sheet ends; without names any group within may be the one."""
        doubtful = [
            each
            for each in self._edges
            if each.begins and each.position >= group.position and each.kind == group.kind and each not in self._sure
        ]
        inner = [each for each in innermost if each in doubtful]
        if len(doubtful) < 2 or not inner:
            message = Bilingual(
                f"This {_called(group, 'begin')} has no end_{group.kind}. Add it after its last question.",
                f"Ce début ({_called(group, 'begin')}) n'a pas de fin. Ajoutez end_{group.kind} après sa dernière "
                "question.",
            )
            return Fault(group, self._finding("group_not_closed", group, message), self._size)
        rows = listed(str(each.row) for each in doubtful).replace(" ", ", ")
        message = Bilingual(
            f"One of the groups that begin in rows {rows} has no end_{group.kind}. Add it after that group's last "
            f"question. To be told which, write each group's name beside its end (end_{group.kind} | name).",
            f"L'un des groupes qui commencent aux lignes {rows} n'a pas de end_{group.kind}. Ajoutez-le après la "
            "dernière question de ce groupe. Pour savoir lequel, écrivez le nom de chaque groupe à côté de sa fin "
            f"(end_{group.kind} | nom).",
        )
        return Fault(group, self._finding("group_not_closed", inner[-1], message), self._size)

    def _closes_nothing(self, end: Edge) -> None:
        message = Bilingual(
            f"This {_called(end, 'end')} has no begin_{end.kind}. Add it above, or delete this row.",
            f"Cette fin ({_called(end, 'end')}) n'a pas de début. Ajoutez begin_{end.kind} plus haut, ou retirez cette "
            "ligne.",
        )
        self._faults.append(Fault(end, self._finding("group_not_opened", end, message)))

    def _closes_other_kind(self, end: Edge, group: Edge) -> None:
        message = Bilingual(
            f"This end_{end.kind} stands where {_called(group, 'begin')} (row {group.row}) ends. Write "
            f"end_{group.kind}.",
            f"Ce end_{end.kind} est à la place de la fin de {_called(group, 'begin')} (ligne {group.row}). Écrivez "
            f"end_{group.kind}.",
        )
        self._faults.append(Fault(end, self._finding("group_not_opened", end, message), kind=group.kind))

    def _finding(self, code: str, edge: Edge, message: Bilingual) -> Finding:
        return Finding(code, Severity.ERROR, message, self._sheet, edge.row, "type")


def _edges(feed: Feed) -> list[Edge]:
    kinds, names = feed.column("survey", TYPE_HEADERS), feed.column("survey", NAME_HEADERS)
    disabled = feed.column("survey", ("disabled",))
    edges = []
    for position, row in enumerate(feed.tables.get("survey", ())):
        match = _EDGE.match(row.get(kinds or "", "").strip())
        if match is not None and row.get(disabled or "", "").casefold() not in _TRUE:
            kind = match["kind"].lower()
            number = feed.rows["survey"][position]
            name = row.get(names or "", "").strip()
            kind = "repeat" if kind in _REPEATS else kind
            edges.append(Edge(position, number, match["edge"].lower() == "begin", kind, name))
    return edges


def _called(edge: Edge, word: str) -> str:
    return f"{word}_{edge.kind} {edge.name}".strip()


def _group(edge: Edge) -> str:
    return edge.name or f"begin_{edge.kind}"
