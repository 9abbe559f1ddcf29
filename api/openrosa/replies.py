"""The XML that OpenRosa clients are answered with: form lists, manifests and receipts.

Errors that happen before a submission is read (access, a refused upload) are answered by `api.errors`.
"""

from collections.abc import Iterable
from html import escape

from starlette.responses import Response

from api.openrosa.addresses import Addresses
from forms.text import Language
from store.form_versions import FormVersion
from sync.receive import Receipt, Verdict

XML = "text/xml; charset=utf-8"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'

STATUSES: dict[Verdict, int] = {
    Verdict.NEW: 201,
    Verdict.EDIT: 201,
    Verdict.COMPLETED: 201,
    # 202: accepted, and nothing new in it. The client may forget it, as after 201.
    Verdict.DUPLICATE: 202,
    Verdict.MALFORMED: 400,
    Verdict.NO_INSTANCE_ID: 400,
    Verdict.FORM_UNKNOWN: 404,
    Verdict.VERSION_UNKNOWN: 404,
    Verdict.FORM_CLOSED: 409,
    Verdict.CONFLICT: 409,
}
"""Only 201 and 202 let Collect forget the submission; at all others it keeps its copy and shows the message."""


def openrosa_headers(accepted_bytes: int, language: Language) -> dict[str, str]:
    """Return the headers that every OpenRosa answer carries; `Date` is the server's to add."""
    return {
        "X-OpenRosa-Version": "1.0",
        "X-OpenRosa-Accept-Content-Length": str(accepted_bytes),
        "Content-Language": language,
        "Vary": "Accept-Language",
    }


def form_list(versions: Iterable[FormVersion], addresses: Addresses, *, is_verbose: bool) -> str:
    """Return the form list of the OpenRosa form discovery protocol; a verbose one has descriptions."""
    lines = ['<xforms xmlns="http://openrosa.org/xforms/xformsList">']
    for kept in versions:
        lines += [
            "<xform>",
            _element("formID", kept.form_id),
            _element("name", kept.title or kept.form_id),
            _element("version", kept.version),
            _element("hash", f"md5:{kept.xform_md5}"),
        ]
        if is_verbose:
            lines.append(_element("descriptionText", kept.title))
        lines.append(_element("downloadUrl", addresses.form(kept.form_id, kept.version)))
        if kept.files:
            lines.append(_element("manifestUrl", addresses.manifest(kept.form_id, kept.version)))
        lines.append("</xform>")
    return _HEAD + "\n".join([*lines, "</xforms>"])


def manifest(kept: FormVersion, addresses: Addresses) -> str:
    """Return the manifest of a version's media and data files."""
    lines = ['<manifest xmlns="http://openrosa.org/xforms/xformsManifest">']
    for file in kept.files:
        lines += [
            "<mediaFile>",
            _element("filename", file.name),
            _element("hash", f"md5:{file.md5}"),
            _element("downloadUrl", addresses.file(kept.form_id, kept.version, file.name)),
            "</mediaFile>",
        ]
    return _HEAD + "\n".join([*lines, "</manifest>"])


def receipt_reply(receipt: Receipt, language: Language, headers: dict[str, str]) -> Response:
    """Return the answer to a submission, in the sender's language."""
    status = STATUSES[receipt.outcome]
    nature = "submit_success" if receipt.outcome.is_kept else "error"
    body = (
        f'{_HEAD}<OpenRosaResponse xmlns="http://openrosa.org/http/response">'
        f'<message nature="{nature}">{escape(receipt.message.in_language(language))}</message></OpenRosaResponse>'
    )
    return Response(body, status, headers=headers, media_type=XML)


def _element(name: str, text: str) -> str:
    return f"<{name}>{escape(text)}</{name}>"
