"""The nouns of a build: what comes in (`AnswerRecord`, `FormData`), what is told of it (`BuildReport`)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from forms.form import Form
from forms.text import Bilingual


@dataclass(frozen=True, slots=True)
class AnswerRecord:
    """One submission as kept: the current version of its answers, as JSON text (`forms.submission.Answers`).

    Moments are aware, UTC; review is the server's word for the submission's state, or None.
    """

    root_id: str
    instance_id: str
    version: str
    received_at: datetime
    updated_at: datetime
    submitter: str | None
    device_id: str | None
    review: str | None
    answers: str


@dataclass(frozen=True)
class FormData:
    """A form and all its submissions.

    form: the newest version, with its interpretation. versions: all of them, oldest first, the newest included.
    batches: each submission once, in an order that stays; read once. files: the form's CSVs by file name.
    """

    form: Form
    versions: tuple[Form, ...]
    batches: Iterable[Sequence[AnswerRecord]]
    files: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FailedForm:
    """A form whose tables could not be built; those it had before, if any, are kept. message: why, and who acts."""

    form_id: str
    message: Bilingual


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build wrote.

    tables: rows by table name, of the forms built. misfits: rows of `_misfits` over all forms. failed: the forms that
    were not built.
    """

    tables: Mapping[str, int]
    misfits: int
    seconds: float
    failed: tuple[FailedForm, ...] = ()
