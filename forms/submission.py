"""A filled-in form: `Submission`, its `Attachment`s, and the shape in which answers are kept.

Reading one from instance XML is `forms.instance`. Answers are text exactly as captured.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Answers: TypeAlias = Mapping[str, "str | Sequence[str] | Sequence[Answers]"]
"""Full path (without the root) to text; a repeat's path to a list of such mappings, nested.

`""` is a node that was there and empty, a missing key a node that was not there. A list of strings is a node that
stood several times where the form has no repeat: kept, and listed later as a misfit.
"""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A medium of a submission: the name the answer gives it and the sha256 (hex) under which its bytes are kept."""

    name: str
    sha256: str
    size: int
    content_type: str | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """One version of a filled-in form.

    instance_id: `uuid:...` of this version. deprecated_id: the version it replaces, or None. root_id: instance_id of
    the first version. raw: the instance XML as received. media_names: the files its answers name.
    """

    form_id: str
    version: str
    instance_id: str
    deprecated_id: str | None
    answers: Answers
    raw: bytes
    media_names: tuple[str, ...] = ()
