"""`/hooks/kobo/{source}/{secret}`: a REST service of KoboToolbox says that a record came; we note which.

What it sends is a hint, never believed: the pull that follows asks the server. Of the payload only ids are kept.
KoboToolbox sends once, tries again for 502, 503 and 504 only, and shows our answer in the log of the REST service
(hook log, kpi 2.026): so 503 for whatever keeps us from noting the hint, and a sentence for people in all others.
"""

import logging
from typing import Final

from anyio import to_thread
from fastapi import APIRouter, Depends, Request
from fastapi.responses import PlainTextResponse

from api.access import BY_HOOK_SECRET
from api.errors import HookNotKept, HookNotUnderstood, HookTooLarge
from api.hook_payload import HintedRecord, hinted_record
from api.services import Services, services_of
from forms.text import Bilingual
from store.database import Connection
from store.mirror.hints import note_hint
from sync.known_forms import known_forms

router = APIRouter()
log = logging.getLogger("jekafo.access")

MAX_BYTES: Final = 2_000_000


@router.post("/hooks/kobo/{source}/{secret}", dependencies=[Depends(BY_HOOK_SECRET)])
async def take_hint(request: Request, source: str) -> PlainTextResponse:
    """Note which record the payload is of. Raises HookNotUnderstood, HookTooLarge, HookNotKept."""
    body = await _body(request)
    try:
        await to_thread.run_sync(_note, services_of(request), source, body)
    except HookNotUnderstood:
        raise
    except Exception as failure:
        # A full disk, a closed database, a fault of ours: whatever it is, KoboToolbox must send it again.
        log.error("a hint of %s could not be noted: %s", source, type(failure).__name__)  # noqa: TRY400 - see AccessLog
        raise HookNotKept from failure
    return PlainTextResponse("ok\n")


async def _body(request: Request) -> bytes:
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > MAX_BYTES:
        raise HookTooLarge(MAX_BYTES)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BYTES:
            raise HookTooLarge(MAX_BYTES)
    return bytes(body)


def _note(services: Services, source: str, body: bytes) -> None:
    hinted = hinted_record(body)
    if hinted is None:
        raise HookNotUnderstood(
            Bilingual(
                "The payload names no record. Let the REST service send all fields, or at least _xform_id_string and "
                "meta/rootUuid.",
                "Le contenu ne nomme aucune soumission. Laissez le service REST envoyer tous les champs, ou au moins "
                "_xform_id_string et meta/rootUuid.",
            )
        )
    with services.store.database.read() as connection:
        known = known_forms(connection, source)
    forms = [form.remote_id for form in known if hinted.form in (None, form.remote_id)]
    if not forms:
        raise HookNotUnderstood(_not_pulled(source, hinted))
    at = services.clock()

    def note(connection: Connection) -> None:
        for form in forms:
            note_hint(connection, source, form, hinted.root_id or "", at)

    services.store.database.write(note)


def _not_pulled(source: str, hinted: HintedRecord) -> Bilingual:
    form = hinted.form or "…"
    return Bilingual(
        f"This form is not pulled from {source}. To pull it: jekafo pull {source} --form {form}",
        f"Ce formulaire n'est pas récupéré de {source}. Pour le récupérer : jekafo pull {source} --form {form}",
    )
