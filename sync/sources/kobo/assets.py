"""KoboToolbox's projects (assets) in our words: which are forms, what our account may do, and the versions deployed."""

from collections.abc import Iterator
from typing import Any, Final

from forms.errors import FormVersionUnknown
from forms.form import Form
from forms.read import examine_form
from forms.text import Bilingual, one_line
from sync.errors import SourceRefused
from sync.http.client import HttpClient
from sync.source import Access, RemoteForm, RemoteVersion
from sync.sources.kobo.content import workbook_of_content
from sync.sources.kobo.lists import all_rows
from sync.sources.kobo.paths import ASSETS, asset_path, file_path, files_path, versions_path
from sync.sources.kobo.replies import Row, object_of, text_of, time_of, unexpected
from sync.sources.kobo.version_choice import may_be_version

_SEES_ALL: Final = frozenset({"view_submissions", "manage_asset"})


class Assets:
    """The projects that our account sees."""

    def __init__(self, client: HttpClient) -> None:
        self._client = client

    def deployed(self) -> Iterator[str]:
        """Give the uids of the projects that take submissions, or took some and are archived now."""
        # The server could filter too, but where it does not know a field it silently finds nothing.
        given: set[str] = set()
        for asset in all_rows(self._client, ASSETS, {"q": "asset_type:survey"}):
            status = asset.get("deployment_status") or ("deployed" if asset.get("has_deployment") else "draft")
            # null where we see a part of them only
            may_have_records = asset.get("deployment__submission_count") != 0
            uid = text_of(asset, "uid", ASSETS)
            # The list is by last change: who is changed while we page pushes others on to the next page again.
            if uid not in given and (status == "deployed" or (status == "archived" and may_have_records)):
                given.add(uid)
                yield uid

    def form(self, uid: str) -> RemoteForm:
        """Return a project as a form; raises SourceRefused for one that was never deployed."""
        asset = self._asset(uid)
        if not asset.get("has_deployment"):
            raise SourceRefused(_not_deployed(uid))
        content = asset.get("content")
        settings = content.get("settings") if isinstance(content, dict) else None
        form_id = settings.get("id_string") if isinstance(settings, dict) else None
        submissions = asset.get("deployment__submission_count")
        return RemoteForm(
            remote_id=text_of(asset, "uid", asset_path(uid)),
            proposed_form_id=form_id if isinstance(form_id, str) and form_id else uid,
            title=one_line(str(asset.get("name") or "")) or uid,
            submissions=submissions if isinstance(submissions, int) else None,
        )

    def access(self, uid: str) -> Access:
        """Return what our account may do with a project now."""
        listed = self._asset(uid).get("effective_permissions")
        if not isinstance(listed, list):
            raise unexpected(asset_path(uid), "it lacks effective_permissions", "effective_permissions y manque")
        rights = tuple(sorted(str(right.get("codename")) for right in listed if isinstance(right, dict)))
        # Who may see a part only has `partial_submissions` instead.
        return Access(sees_all=not _SEES_ALL.isdisjoint(rights), rights=rights)

    def version(self, form: RemoteForm, name: str) -> RemoteVersion:
        """Return a deployed version, compiled from the rows that the server keeps of it.

        Raises FormVersionUnknown for a name that is none of its versions, XLSFormInvalid for rows we cannot read.
        """
        version = self._version(form, name)
        content, where = version.get("content"), versions_path(form.remote_id)
        if not isinstance(content, dict):
            raise unexpected(where, "it lacks content", "content y manque")
        workbook = workbook_of_content(content, form_id=form.proposed_form_id, version=name, title=form.title)
        workbook_name = f"{form.proposed_form_id}.xlsx"
        reading = examine_form(workbook, workbook_name)
        return RemoteVersion(
            name=name,
            xform=reading.compiled.xform,
            workbook=workbook,
            workbook_name=workbook_name,
            deployed_at=time_of(version, "date_deployed", where) if version.get("date_deployed") else None,
            files=self._files(form.remote_id, reading.form),
        )

    def versions(self, uid: str) -> Iterator[str]:
        """Give the uids of the versions that were deployed, newest first."""
        path = versions_path(uid)
        for version in all_rows(self._client, path, {}):
            yield text_of(version, "uid", path)

    def _version(self, form: RemoteForm, name: str) -> Row:
        if not may_be_version(name):
            raise FormVersionUnknown(_no_such_version(form, name))
        path = f"{versions_path(form.remote_id)}{name}/"
        try:
            return object_of(self._client.get_json(path), path)
        except SourceRefused as refused:
            if refused.status != 404:
                raise
            self._asset(form.remote_id)  # refused likewise where it is our access that is gone
            raise FormVersionUnknown(_no_such_version(form, name)) from refused

    def _files(self, uid: str, form: Form) -> dict[str, bytes]:
        """The files that a form names, as far as the server keeps them; lists of it are one, whatever the version."""
        if not form.files:
            return {}
        path = files_path(uid)
        files: dict[str, bytes] = {}
        for entry in all_rows(self._client, path, {"file_type": "form_media"}):
            metadata: Any = entry.get("metadata")
            name = metadata.get("filename") if isinstance(metadata, dict) else None
            # A file that is a link elsewhere is not on the server; our credential does not go there.
            if name not in form.files or metadata.get("redirect_url"):
                continue
            content = f"{file_path(uid, text_of(entry, 'uid', path))}content/"
            files[name] = self._client.get_bytes(content, accept="*/*")
        return files

    def _asset(self, uid: str) -> Row:
        return object_of(self._client.get_json(asset_path(uid)), asset_path(uid))


def _not_deployed(uid: str) -> Bilingual:
    return Bilingual(
        f"Project {uid} was never deployed, so it has no submissions. Deploy it in KoboToolbox first.",
        f"Le projet {uid} n'a jamais été déployé : il n'a pas de soumissions. Déployez-le d'abord dans KoboToolbox.",
    )


def _no_such_version(form: RemoteForm, name: str) -> Bilingual:
    # What a record puts there is not ours to repeat, unless it looks like a uid.
    named, named_fr = (name, name) if may_be_version(name) else ("of that name", "de ce nom")
    return Bilingual(
        f"KoboToolbox has no version {named} of {form.title} ({form.remote_id}).",
        f"KoboToolbox n'a pas de version {named_fr} de {form.title} ({form.remote_id}).",
    )
