"""The tints by which one sees groups in the sheet `survey` and lists in the sheet `choices`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

# For the rows of a group, and darker for those that open and close it.
_TINTS = (
    ("EAF1F8", "C9DCEE"),
    ("FDF2E0", "F8DDB0"),
    ("F3EDF7", "DCCBE8"),
    ("EAF5EA", "C5E3C5"),
    ("FBEDED", "F1CBCB"),
    ("E8F5F5", "BFE0E0"),
    ("FAF7DC", "EDE6A8"),
    ("F0F0F0", "D8D8D8"),
)
_LIST_TINTS = ("F7F9FC", "EAF1F8")


@dataclass(frozen=True, slots=True)
class Look:
    """How a row looks. color: of its cells, blank for none. begins_list: whether a line parts it from the row above."""

    color: str = ""
    is_bold: bool = False
    begins_list: bool = False


def looks(sheet: str, rows: Sequence[Mapping[str, str]]) -> Iterator[Look]:
    """Yield the look of each row of a sheet, in order."""
    match sheet:
        case "survey":
            return _group_looks(rows)
        case "choices":
            return _list_looks(rows)
        case _:
            return (Look() for _ in rows)


def _group_looks(rows: Sequence[Mapping[str, str]]) -> Iterator[Look]:
    """The tint of the innermost group around a row; each group takes the next one in order of appearance."""
    around: list[int] = []
    groups = 0
    for row in rows:
        word = row.get("type", "").strip().lower().replace(" ", "_")
        if word.startswith("begin_"):
            around.append(groups % len(_TINTS))
            groups += 1
        is_edge = word.startswith(("begin_", "end_"))
        yield Look(_TINTS[around[-1]][is_edge], is_edge) if around else Look()
        if word.startswith("end_") and around:
            around.pop()


def _list_looks(rows: Sequence[Mapping[str, str]]) -> Iterator[Look]:
    """Two tints in turn, list by list."""
    before, lists = None, 0
    for row in rows:
        list_name = row.get("list_name", "")
        begins = list_name != before
        lists += begins
        yield Look(_LIST_TINTS[lists % 2], begins_list=begins)
        before = list_name
