"""Errors, grouped by what can be done about them; each says what happened, to what, and who does what next.

The errors of sources live in sync, those of estimates in transform; all descend from `JekafoError`.
Only api knows status codes.
"""

from collections.abc import Sequence
from typing import ClassVar

from forms.finding import Finding
from forms.text import Bilingual


class JekafoError(Exception):
    """Something a person can act on, told in French and English."""

    def __init__(self, message: Bilingual) -> None:
        super().__init__(message.en)
        self.message = message


class FormError(JekafoError):
    """The form's author acts."""


class XLSFormInvalid(FormError):
    """A workbook that cannot be compiled or read: `findings` name sheet, row and column."""

    def __init__(self, file_name: str, findings: Sequence[Finding]) -> None:
        lines_en = "; ".join(f"{f.place()}: {f.message.en}" if f.place() else f.message.en for f in findings)
        lines_fr = "; ".join(f"{f.place('fr')} : {f.message.fr}" if f.place() else f.message.fr for f in findings)
        super().__init__(Bilingual(f"{file_name}: {lines_en}", f"{file_name} : {lines_fr}"))
        self.file_name = file_name
        self.findings = tuple(findings)


class XFormInvalid(FormError):
    """XML that is no XForm, or one without what every form has."""


class FormVersionUnknown(FormError):
    """No such form, or no such version of it, is kept here."""


class FormIncompatible(FormError):
    """A change that would break collected data, or other content under a version that is already kept."""


class SubmissionError(JekafoError):
    """One submission is set aside in quarantine; the others go on."""


class SubmissionMalformed(SubmissionError):
    """The XML cannot be read as a submission."""


class SubmissionConflict(SubmissionError):
    """The same instanceID with other answers, or an edit of a version that is no longer the current one.

    reason: the code under which its bytes are set aside; each kind of conflict has its own.
    """

    reason: ClassVar[str] = "conflict"
