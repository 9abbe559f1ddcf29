"""Compare two editions of an instrument: every change of questions, groups, choices, settings and sheets, ranked."""

from forms.changes.change import Change, Rank
from forms.changes.choices import choice_changes
from forms.changes.comparison import Comparison
from forms.changes.edition import Edition
from forms.changes.groups import group_changes
from forms.changes.questions import question_changes
from forms.changes.settings import form_changes
from forms.changes.sheets import sheet_changes


def changes(old: Edition, new: Edition) -> tuple[Change, ...]:
    """Return what changed from the older to the newer edition, the gravest first, else in the workbook's order."""
    comparison = Comparison(old, new)
    found = (
        *form_changes(comparison),
        *group_changes(comparison),
        *question_changes(comparison),
        *choice_changes(comparison),
        *sheet_changes(comparison),
    )
    return gravest_first(dict.fromkeys(found))


def gravest_first(found: dict[Change, None] | tuple[Change, ...]) -> tuple[Change, ...]:
    """The changes by rank, each rank in the order in which they came."""
    return tuple(sorted(found, key=lambda change: -change.rank.weight))


def is_breaking(found: tuple[Change, ...]) -> bool:
    """Whether any of these changes is."""
    return any(change.rank is Rank.BREAKING for change in found)
