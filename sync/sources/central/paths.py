"""Where things stand in Central's API, every part percent-encoded, and what a form's remote id is made of."""

from urllib.parse import quote, unquote, urlsplit

from forms.text import Bilingual
from sync.errors import SourceRefused

_NO_VERSION = "___"
"""How Central's API spells the empty version in a path."""


def remote_id_of(project: int, xml_form_id: str) -> str:
    """Return the remote id of a form: `8/household`."""
    return f"{project}/{xml_form_id}"


def project_and_form(remote_id: str) -> tuple[int, str]:
    """Return project number and xmlFormId of a remote id. Raises SourceRefused for what is none."""
    project, slash, xml_form_id = remote_id.partition("/")
    if not (project.isascii() and project.isdecimal() and slash and xml_form_id):
        raise SourceRefused(
            Bilingual(
                f"{remote_id!r} names no form of an ODK Central server. Write it as project/form, such as 8/household.",
                f"« {remote_id} » ne désigne aucun formulaire d'un serveur ODK Central. Écrivez projet/formulaire, par "
                "exemple 8/household.",
            )
        )
    return int(project), xml_form_id


def project_path(project: int) -> str:
    """The project of that number."""
    return f"/v1/projects/{project}"


def form_path(remote_id: str) -> str:
    """The form with that remote id; with `.svc` behind it, its OData service."""
    project, xml_form_id = project_and_form(remote_id)
    return f"{project_path(project)}/forms/{_encoded(xml_form_id)}"


def version_path(remote_id: str, name: str) -> str:
    """A published version of the form; with `.xml` or `.xlsx` behind it, its XForm or workbook."""
    return f"{form_path(remote_id)}/versions/{_encoded(name or _NO_VERSION)}"


def submission_path(remote_id: str, submission_id: str) -> str:
    """A submission to the form; with `.xml` behind it, its current instance."""
    return f"{form_path(remote_id)}/submissions/{_encoded(submission_id)}"


def file_path(parent: str, name: str) -> str:
    """The file of that name among the attachments of a version's or a submission's path."""
    return f"{parent}/attachments/{_encoded(name)}"


def root_in(url: str) -> str | None:
    """Return the submission's id in the address of a version of it; None where it is no such address."""
    match urlsplit(url).path.split("/"):
        case [*_, "submissions", root, "versions", _]:
            return unquote(root)
        case _:
            return None


def _encoded(part: str) -> str:
    return quote(part, safe="")
