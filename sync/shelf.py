"""The forms that are kept, read and ready: `Shelf` parses a kept form once and hands it out until it changes.

Publishing a form is `sync.publish`, keeping its bytes store.form_versions.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from forms.errors import FormVersionUnknown
from forms.form import Form
from forms.read import join_columns, join_form
from forms.text import Bilingual
from forms.xform.read import read_xform
from store.form_versions import FormVersion, find_form_version, form_ids, form_versions, newest_form_version
from store.kept import Store


class Shelf:
    """The forms of one store. May be used by several threads: two that miss at once both read, and agree.

    Another process may publish at any time, so what is handed out is checked against the store; only the XForm of a
    version is taken for good, for it can never change.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._as_published: dict[tuple[str, str], Form] = {}
        self._joined: dict[tuple[str, str], tuple[str, Form]] = {}
        self._older: dict[tuple[str, str], tuple[str, Form]] = {}

    def as_published(self, form_id: str, version: str) -> Form | None:
        """Return the version as its XForm alone says it, without our columns and sheets; None if it is not kept.

        This is what a submission is read by, and it needs no look into the store once the version was seen.
        """
        known = self._as_published.get((form_id, version))
        if known is not None:
            return known
        with self._store.database.read() as connection:
            kept = find_form_version(connection, form_id, version)
        if kept is None:
            return None
        return self._as_published.setdefault((form_id, version), read_xform(kept.xform))

    def form(self, form_id: str, version: str) -> Form:
        """Return one version with the newest interpretation of its form; raises FormVersionUnknown."""
        for form in self.versions(form_id):
            if form.version == version:
                return form
        raise _unknown(form_id, version)

    def newest(self, form_id: str) -> Form:
        """Return the newest version of a form, with its interpretation; raises FormVersionUnknown."""
        with self._store.database.read() as connection:
            kept = newest_form_version(connection, form_id)
        if kept is None:
            raise _unknown(form_id)
        return self._join(kept)

    def versions(self, form_id: str) -> tuple[Form, ...]:
        """Return all versions, oldest first, each with the interpretation that the newest one carries."""
        with self._store.database.read() as connection:
            kept = form_versions(connection, form_id)
        if not kept:
            return ()
        newest = self._join(kept[-1])
        older = (self._join_older(version) for version in kept[:-1])
        return (*(replace(form, interpretation=newest.interpretation) for form in older), newest)

    def form_ids(self) -> tuple[str, ...]:
        """Return the ids of all forms, in alphabetical order."""
        with self._store.database.read() as connection:
            return form_ids(connection)

    def data_files(self, form_id: str) -> Mapping[str, bytes]:
        """Return the CSVs of the newest version of a form, by file name; empty where there is no such form."""
        with self._store.database.read() as connection:
            newest = newest_form_version(connection, form_id)
        contents = {}
        for file in newest.files if newest is not None else ():
            if file.name.lower().endswith(".csv"):
                with self._store.media.open(file.sha256) as stream:
                    contents[file.name] = stream.read()
        return contents

    def _join(self, kept: FormVersion) -> Form:
        return _read_once(kept, self._joined, join_form)

    def _join_older(self, kept: FormVersion) -> Form:
        """A version that the newest speaks for: its own sheets may be against a rule that came since."""
        return _read_once(kept, self._older, join_columns)


def _read_once(
    kept: FormVersion,
    read: dict[tuple[str, str], tuple[str, Form]],
    join: Callable[[bytes, bytes, str], Form],
) -> Form:
    key = (kept.form_id, kept.version)
    known = read.get(key)
    if known is not None and known[0] == kept.content_hash:
        return known[1]
    if kept.workbook is None:
        form = read_xform(kept.xform)
    else:
        form = join(kept.xform, kept.workbook, kept.workbook_name or f"{kept.form_id}.xlsx")
    read[key] = (kept.content_hash, form)
    return form


def _unknown(form_id: str, version: str | None = None) -> FormVersionUnknown:
    which_en = f"form {form_id}" if version is None else f"version {version!r} of form {form_id}"
    which_fr = f"le formulaire {form_id}" if version is None else f"la version {version!r} du formulaire {form_id}"
    return FormVersionUnknown(
        Bilingual(
            f"No {which_en} is published here. Publish it with `jekafo form publish`.",
            f"On ne trouve pas ici {which_fr}. Publiez-le avec `jekafo form publish`.",
        )
    )
