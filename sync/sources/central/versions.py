"""Read forms and their versions from Central, as they were published."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from forms.errors import FormVersionUnknown
from forms.instance import MAX_ID_BYTES
from forms.text import Bilingual, one_line
from forms.xform.read import read_xform
from sync.errors import SourceRefused
from sync.http.client import HttpClient
from sync.source import RemoteForm, RemoteVersion
from sync.sources.central.paths import (
    file_path,
    form_path,
    project_and_form,
    project_path,
    remote_id_of,
    version_path,
)
from sync.sources.central.replies import FORM, FORM_FILES, object_of, objects_of, unexpected
from sync.sources.central.rows import moment
from sync.sources.central.whole_xml import get_xml

_PROJECTS: Final = Bilingual("its projects", "ses projets")
_WORKBOOKS: Final = {
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.ms-excel": "xls",
}
# Choices and what calculations look up; pictures and sounds mean nothing to figures.
_DATA: Final = (".csv", ".geojson", ".xml")


def published_forms(client: HttpClient, project: int | None) -> Iterator[RemoteForm]:
    """Give the published forms of a project; of all projects that the account sees where it is None."""
    for number in _projects(client) if project is None else (project,):
        for form in objects_of(client.get_json(f"{project_path(number)}/forms"), FORM):
            if form.get("publishedAt") is not None:
                yield _remote_form(form)


def form_of_id(client: HttpClient, remote_id: str) -> RemoteForm:
    """Return the form with this remote id. Raises SourceRefused where the account sees none."""
    return _remote_form(client.get_json(form_path(remote_id)))


def published_version(client: HttpClient, remote_id: str, name: str) -> RemoteVersion:
    """Return a version, "" the one without a name.

    Of its files those that the server has and that choices or calculations need; of a list that is linked to
    entities, as it stands now. Raises FormVersionUnknown for one that was never published, XFormInvalid for one that
    our parser does not read.
    """
    listed = objects_of(client.get_json(f"{form_path(remote_id)}/versions"), FORM)
    version = next((version for version in listed if (version.get("version") or "") == name), None)
    if version is None:
        raise FormVersionUnknown(_unknown(remote_id, name))
    path = version_path(remote_id, name)
    xform = get_xml(client, f"{path}.xml")
    read_xform(xform)
    workbook, workbook_name = _workbook(client, path, remote_id, version)
    return RemoteVersion(
        name=name,
        xform=xform,
        workbook=workbook,
        workbook_name=workbook_name,
        deployed_at=moment(version["publishedAt"]) if version.get("publishedAt") else None,
        files=dict(_files(client, path)),
    )


def _projects(client: HttpClient) -> Iterator[int]:
    for project in objects_of(client.get_json("/v1/projects"), _PROJECTS):
        yield project["id"]


def _remote_form(form: Any) -> RemoteForm:
    form = object_of(form, FORM)
    project, xml_form_id, name, submissions = map(form.get, ("projectId", "xmlFormId", "name", "submissions"))
    if not isinstance(project, int) or not isinstance(xml_form_id, str) or not 0 < len(xml_form_id) <= MAX_ID_BYTES:
        raise unexpected(FORM)
    return RemoteForm(
        remote_id=remote_id_of(project, xml_form_id),
        proposed_form_id=xml_form_id,
        title=(one_line(name) if isinstance(name, str) else "") or xml_form_id,
        submissions=submissions if isinstance(submissions, int) else None,
    )


def _workbook(
    client: HttpClient, path: str, remote_id: str, version: Mapping[str, Any]
) -> tuple[bytes | None, str | None]:
    """The XLSForm it was published from, and a name for it; None where it came as an XForm."""
    content_type = version.get("excelContentType")
    if not isinstance(content_type, str) or content_type not in _WORKBOOKS:
        return None, None
    extension = _WORKBOOKS[content_type]
    workbook = _found(client, f"{path}.{extension}", content_type)
    return workbook, f"{project_and_form(remote_id)[1]}.{extension}" if workbook is not None else None


def _files(client: HttpClient, path: str) -> Iterator[tuple[str, bytes]]:
    for file in objects_of(client.get_json(f"{path}/attachments"), FORM_FILES):
        name = file.get("name")
        if file.get("exists") is True and isinstance(name, str) and name.lower().endswith(_DATA):
            content = _found(client, file_path(path, name), "*/*")
            if content is not None:
                yield name, content


def _found(client: HttpClient, path: str, accept: str) -> bytes | None:
    try:
        return client.get_bytes(path, accept=accept)
    except SourceRefused as refused:
        if refused.status != 404:
            raise
        return None


def _unknown(remote_id: str, name: str) -> Bilingual:
    return Bilingual(
        f"ODK Central has no version '{name}' of form {remote_id}. Its submissions are set aside until that version "
        "is published there.",
        f"ODK Central n'a pas de version « {name} » du formulaire {remote_id}. Ses soumissions sont mises de côté "
        "jusqu'à la publication de cette version.",
    )
