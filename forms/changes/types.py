"""Say what becomes of the answers when a question changes its type."""

from forms.changes.change import Rank
from forms.form import Question

_SELECTS = frozenset({"select_one", "select_multiple", "rank"})
# What a newer type reads of answers that were given to an older one, without losing any.
_WIDER = frozenset({("integer", "decimal"), ("select_one", "select_multiple"), ("range", "decimal")})
_PICTURES = frozenset({"image", "annotate", "draw", "signature"})


def rank_of_type_change(old: Question, new: Question) -> Rank | None:
    """How a change of type is ranked; None where the type is the same.

    A note that becomes a question loses nothing. Anything read as text loses no answer, but its kind.
    """
    if old.type == new.type and old.data_type == new.data_type:
        return None
    if old.type == "note":
        return Rank.COSMETIC
    return Rank.COMPARABLE if new.type != "note" and _is_still_read(old, new) else Rank.BREAKING


def _is_still_read(old: Question, new: Question) -> bool:
    """Whether answers of the older type are answers of the newer one."""
    if "binary" in (old.data_type, new.data_type):
        return old.data_type == new.data_type and {old.type, new.type} <= _PICTURES
    is_wider = (old.type, new.type) in _WIDER or (old.data_type, new.data_type) == ("int", "decimal")
    is_alike = old.data_type == new.data_type and not {old.type, new.type} & _SELECTS
    return _reads_as_text(new) or is_wider or is_alike


def _reads_as_text(question: Question) -> bool:
    return question.data_type in ("string", "barcode") and question.type not in _SELECTS


def type_as_written(question: Question) -> str:
    """The type as a designer writes it: `select_one trust4`."""
    if question.list_name is None or question.file_name is not None:
        return question.type
    return f"{question.type} {question.list_name}"
