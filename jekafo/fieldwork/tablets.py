"""The simulated tablets: download the form and its files, fill it with JavaRosa, send it by HTTP.

Several tablets send at once, so that the server's shared commits are used as they are in the field.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from forms.javarosa.filler import FilledForm, FormFiller, Sitting
from forms.text import Bilingual
from jekafo.fieldwork.respondent import Interview
from jekafo.fieldwork.visits import Visit, plan_visits
from sync.errors import SourceRefused, SourceUnavailable
from sync.openrosa_client import OpenRosaClient, Reply

TABLETS = 8
TRIES = 5


@dataclass(frozen=True, slots=True)
class FieldworkReport:
    """What was sent. outcomes: final result of each visit to how often; replies: status to how often."""

    sent: int
    outcomes: Mapping[str, int]
    replies: Mapping[int, int]
    media: int


def simulate(
    client: OpenRosaClient,
    *,
    form_id: str = "community_perceptions",
    interviews: int,
    seed: int,
    on_progress: Callable[[], None] = lambda: None,
    tablets: int = TABLETS,
) -> FieldworkReport:
    """Simulate the fieldwork of the community survey: `interviews` visits, filled in and sent; the same for a seed.

    on_progress is called once for every visit that the server took, from several threads.
    Raises SourceRefused when the server does not list the form or takes a visit for good neither as new nor as known.
    """
    xform, files = _download(client, form_id)
    visits = plan_visits(files, interviews=interviews, seed=seed)
    client.head()
    at_hand = threading.local()

    def carry_out(visit: Visit) -> tuple[Visit, Reply, int]:
        filler: FormFiller | None = getattr(at_hand, "filler", None)
        if filler is None:
            filler = at_hand.filler = FormFiller(xform, files)
        sitting = Sitting(visit.started_at, visit.ended_at, visit.instance_id, visit.tablet)
        filled = filler.fill(Interview(visit, seed=seed), sitting)
        reply = _send(client, filled, visit.tablet)
        on_progress()
        return visit, reply, len(filled.media)

    with ThreadPoolExecutor(max_workers=tablets, thread_name_prefix="tablet") as team:
        try:
            done = list(team.map(carry_out, visits))
        except BaseException:
            team.shutdown(wait=False, cancel_futures=True)
            raise
    return FieldworkReport(
        sent=len(done),
        outcomes=Counter(visit.final_outcome for visit, _, _ in done),
        replies=Counter(reply.status for _, reply, _ in done),
        media=sum(media for _, _, media in done),
    )


def _download(client: OpenRosaClient, form_id: str) -> tuple[bytes, Mapping[str, bytes]]:
    listed = next((form for form in client.form_list() if form.form_id == form_id), None)
    if listed is None:
        raise SourceRefused(
            Bilingual(
                f"The server lists no form {form_id} for this key. Publish it first.",
                f"Le serveur n'annonce aucun formulaire {form_id} pour cette clé. Publiez-le d'abord.",
            )
        )
    return client.form(listed), {file.name: client.media(file) for file in client.manifest(listed)}


def _send(client: OpenRosaClient, filled: FilledForm, tablet: str) -> Reply:
    """Send until the server has answered: a tablet keeps its copy and comes back, a little later each time."""
    for attempt in range(TRIES):
        try:
            reply = client.submit(filled.xml, filled.media, device_id=tablet)
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
