"""The OpenRosa door of a simulated KoboToolbox (its kc address): `POST /submission` (30…, 44…, 77b, 91)."""

from dataclasses import replace
from xml.sax.saxutils import escape

from servers.kobo_asset import ANONYMOUS, Asset
from servers.kobo_http import NO_CREDENTIALS, Asked, form_of
from servers.kobo_http import Sent as SentFile
from servers.kobo_record import Record, bare, instance_of, read_sent
from servers.reply import Reply

OPENROSA = {"X-OpenRosa-Version": "1.0", "X-OpenRosa-Accept-Content-Length": "10000000"}
XML_TYPE = "text/xml; charset=utf-8"


def head(asked: Asked) -> Reply:
    """HEAD /submission (24)."""
    location = f"{asked.request.base}{asked.request.path}"
    return asked.reply(204, b"", {"Content-Type": XML_TYPE, **OPENROSA, "Location": location})


def submission(asked: Asked, owner: str | None = None) -> Reply:  # noqa: PLR0911 (one answer for each refusal)
    """POST /submission, or /{owner}/submission for who has no account (88b)."""
    if asked.user == ANONYMOUS and owner is None:
        return _no_credentials(asked)
    _fields, files = form_of(asked.request)
    xml = files.pop("xml_submission_file").content
    sent = read_sent(xml)
    asset = asked.state.assets.get(sent.form_id)
    if asset is None or sent.instance_id is None:
        return _said(asked, 404, "Form does not exist on this account")
    if "add_submissions" not in asset.rights_of(asked.user):
        return _said(asked, 403, "Access denied")
    if not asset.active:
        return _said(asked, 405, "Form is not active")
    if sent.deprecated_id is not None:
        return _edited(asked, asset, xml, bare(sent.deprecated_id))
    known = next((each for each in asset.visible() if each.uuid == bare(sent.instance_id or "")), None)
    if known is not None:
        return _again(asked, asset, known, xml, files)
    anonymous = asked.user == ANONYMOUS
    contents = {file.filename: file.content for file in files.values()}
    record = asked.state.submit(asset, xml, by=asked.user, anonymous=anonymous, files=contents)
    return _taken(asked, asset, record)


def _edited(asked: Asked, asset: Asset, xml: bytes, deprecated: str) -> Reply:
    current = next((each for each in asset.visible() if each.uuid == deprecated), None)
    if current is None:
        if deprecated in asset.replaced_uuids:
            return _said(asked, 410, "Invalid submission - deprecatedID refers to an old version", located=False)
        return _said(asked, 404, "Invalid submission - deprecatedID not found", located=False)
    asked.state.edit(asset, str(current.id), xml, asked.user)
    return _taken(asked, asset, current)


def _again(asked: Asked, asset: Asset, known: Record, xml: bytes, files: dict[str, SentFile]) -> Reply:
    """The same again is a duplicate, or brings files that were missing (91c); other answers conflict."""
    if instance_of(xml) != known.xml:
        asked.state.skip_ids()
        return _said(asked, 409, "Submission with this instance ID already exists")
    there = {each.basename for each in known.attachments}
    late = [file for file in files.values() if file.filename not in there]
    if not late:
        return _said(asked, 202, "Duplicate Instance")
    for file in late:
        asked.state.add_attachment(asset, str(known.id), file.filename, file.content)
    return _taken(asked, asset, known)


def _taken(asked: Asked, asset: Asset, record: Record) -> Reply:
    body = f"""<OpenRosaResponse xmlns="http://openrosa.org/http/response">
    <message>Successful submission.</message>
    <submissionMetadata xmlns="http://www.opendatakit.org/xforms" id="{asset.uid}"  instanceID="uuid:{record.uuid}" \
submissionDate="{record.submitted_at.isoformat()}" isComplete="true" \
markedAsCompleteDate="{record.modified_at.isoformat()}"/>
</OpenRosaResponse>
"""
    return _reply(asked, 201, body, located=True)


def _said(asked: Asked, status: int, message: str, *, located: bool | None = None) -> Reply:
    body = f"""<?xml version='1.0' encoding='UTF-8' ?>
<OpenRosaResponse xmlns="http://openrosa.org/http/response">
        <message nature="">{escape(message)}</message>
</OpenRosaResponse>"""
    return _reply(asked, status, body, located=status in {202, 409} if located is None else located)


def _reply(asked: Asked, status: int, body: str, *, located: bool) -> Reply:
    location = {"Location": f"{asked.request.base}{asked.request.path}"} if located else {}
    return asked.reply(status, body.encode(), {"Content-Type": XML_TYPE, **OPENROSA, **location})


def _no_credentials(asked: Asked) -> Reply:
    detail = NO_CREDENTIALS["detail"]
    body = f'<?xml version="1.0" encoding="utf-8"?>\n<root><detail>{detail}</detail></root>'
    digest = 'Digest realm="DJANGO", qop="auth", nonce="0", opaque="0", algorithm="MD5", stale="false"'
    return asked.reply(401, body.encode(), {"Content-Type": XML_TYPE, "WWW-Authenticate": digest})


def gone(asked: Asked) -> Reply:
    """The first API was removed; it does not even look who asks (89c, 89d)."""
    words = "The V1 API has been removed. Please read the migration article at https://support.kobotoolbox.org/migrating_api.html"
    return replace(asked, user=ANONYMOUS).json({"detail": words}, 410)
