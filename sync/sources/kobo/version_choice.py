"""Which form a record answers: the version it names, or for records that name none that the server has, the likeliest.

Old and cloned forms name versions that are gone, or none. Theirs is the newest deployed version that has all of the
record's paths, else the newest one.
"""

import re
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Final

from forms.errors import FormError, FormVersionUnknown
from forms.form import Form
from forms.text import Bilingual
from sync.source import FormOf

_UID = re.compile(r"[A-Za-z0-9]{1,64}")
_MOST_TRIED: Final = 30


class VersionChoice:
    """Chooses among an asset's versions for one `form_of`. deployed: their uids, newest first; asked at most once."""

    def __init__(self, form_of: FormOf, deployed: Callable[[], Iterable[str]], asset: str) -> None:
        self.form_of = form_of
        self._deployed = deployed
        self._asset = asset
        self._unknown: set[str] = set()
        self._chosen: dict[frozenset[str], Form] = {}
        self._readable: list[tuple[Form, frozenset[str]]] | None = None

    def __call__(self, name: str | None, paths: Callable[[], frozenset[str]]) -> Form:
        """Return the form of a record; paths: its leaves, called for only where its version is not known.

        Raises FormVersionUnknown where no version can be read, and what reading the version that it names raises.
        """
        if name is not None and name not in self._unknown:
            try:
                return self.form_of(name)
            except FormVersionUnknown:
                self._unknown.add(name)
        wanted = paths()
        if wanted not in self._chosen:
            self._chosen[wanted] = self._likeliest(wanted)
        return self._chosen[wanted]

    def _likeliest(self, paths: frozenset[str]) -> Form:
        readable = self._versions()
        if not readable:
            raise FormVersionUnknown(
                Bilingual(
                    f"KoboToolbox has no readable version of form {self._asset} for this record. Deploy the form there "
                    "again, then pull.",
                    f"KoboToolbox n'a aucune version lisible du formulaire {self._asset} pour cette soumission. "
                    "Déployez-y à nouveau le formulaire, puis récupérez les données.",
                )
            )
        return next((form for form, known in readable if paths <= known), readable[0][0])

    def _versions(self) -> list[tuple[Form, frozenset[str]]]:
        if self._readable is None:
            self._readable = []
            for name in islice(self._deployed(), _MOST_TRIED):
                try:
                    form = self.form_of(name)
                except FormError:
                    continue  # one that we cannot read answers nobody's record
                known = frozenset(form.by_path) | {group.path for group in form.groups}
                self._readable.append((form, known))
        return self._readable


def may_be_version(name: str) -> bool:
    """Whether a record's word for its version can be the uid of one: what it holds is whatever was sent."""
    return _UID.fullmatch(name) is not None
