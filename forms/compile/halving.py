"""Find the row of a refusal that names none, by halving: which row, made harmless, makes the refusal go away?

That is what pyxform's users are told to do by hand. It costs one compilation for each doubling of the rows.
"""

from collections.abc import Callable

from forms.compile.feed import Feed, Table

IsRefused = Callable[[Feed], bool]
"""Whether a feed is refused for the reason that is looked for."""


def row_at_fault(feed: Feed, sheet: str, is_refused: IsRefused) -> int | None:
    """Return the position in a sheet's table of the row that causes a refusal; None where no single row does.

    Of two rows that cause it together it is the second. Beginnings and ends of groups stay as they are while others
    are made harmless, so a refusal that only they cause is not found.
    """
    whole = feed.tables.get(sheet, [])
    draft = feed.copy()
    harmless = [_harmless(draft, sheet, row) for row in whole]

    def refused_up_to(kept: int) -> bool:
        draft.tables[sheet] = _joined(whole, harmless, kept)
        return is_refused(draft)

    if not whole or refused_up_to(0) or not refused_up_to(len(whole)):
        return None
    low, high = 0, len(whole)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if refused_up_to(middle) else (middle, high)
    return high - 1


def _joined(whole: Table, harmless: Table, kept: int) -> Table:
    return [dict(row) for row in (*whole[:kept], *harmless[kept:])]


def _harmless(draft: Feed, sheet: str, row: dict[str, str]) -> dict[str, str]:
    if sheet == "survey":
        return row if draft.opens_or_closes(row) else draft.plain_question(row)
    name = draft.column(sheet, ("list_name",))
    value = draft.column(sheet, ("name", "value"))
    return {header: row[header] for header in (name, value) if header and header in row}
