"""Send simulated submissions as tablets do: several at once, each until the server has answered."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from forms.javarosa.filler import FilledForm, FormFiller
from forms.text import Bilingual
from sync.errors import SourceRefused, SourceUnavailable
from sync.openrosa_client import ListedForm, OpenRosaClient, Reply

TRIES = 5

Work = TypeVar("Work")
Done = TypeVar("Done")


def listed_form(client: OpenRosaClient, form_id: str) -> ListedForm:
    """Return the form as the server lists it. Raises SourceRefused where it does not."""
    listed = next((form for form in client.form_list() if form.form_id == form_id), None)
    if listed is None:
        raise SourceRefused(
            Bilingual(
                f"The server lists no form {form_id} for this key. Publish it first.",
                f"Le serveur n'annonce aucun formulaire {form_id} pour cette clé. Publiez-le d'abord.",
            )
        )
    return listed


def download(client: OpenRosaClient, form_id: str) -> tuple[bytes, Mapping[str, bytes]]:
    """Return the form and its files as a tablet downloads them. Raises SourceRefused where it is not listed."""
    listed = listed_form(client, form_id)
    return client.form(listed), {file.name: client.media(file) for file in client.manifest(listed)}


def send(client: OpenRosaClient, filled: FilledForm, device_id: str) -> Reply:
    """Send until the server has answered: a tablet keeps its copy and comes back, a little later each time.

    Raises SourceRefused when the server does not take the submission, SourceUnavailable when it stays silent.
    """
    for attempt in range(TRIES):
        try:
            reply = client.submit(filled.xml, filled.media, device_id=device_id)
        except SourceUnavailable:
            if attempt == TRIES - 1:
                raise
            time.sleep(0.2 * 2**attempt)
            continue
        if reply.is_taken:
            return reply
        break
    raise SourceRefused(
        Bilingual(
            f"The server did not take the interview {filled.instance_id}: {reply.status} {reply.message}",
            f"Le serveur n'a pas pris l'entretien {filled.instance_id} : {reply.status} {reply.message}",
        )
    )


def side_by_side(
    works: Iterable[Work],
    carry_out: Callable[[Work, FormFiller], Done],
    xform: bytes,
    files: Mapping[str, bytes],
    *,
    tablets: int,
) -> list[Done]:
    """Return what each work came to, in order, done on several tablets at once, each with a form of its own."""
    at_hand = threading.local()

    def on_tablet(work: Work) -> Done:
        filler: FormFiller | None = getattr(at_hand, "filler", None)
        if filler is None:
            filler = at_hand.filler = FormFiller(xform, files)
        return carry_out(work, filler)

    with ThreadPoolExecutor(max_workers=tablets, thread_name_prefix="tablet") as team:
        try:
            return list(team.map(on_tablet, works))
        except BaseException:
            team.shutdown(wait=False, cancel_futures=True)
            raise
