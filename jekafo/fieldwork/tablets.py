"""The simulated tablets: download the form and its files, fill it with JavaRosa, send it by HTTP.

Several tablets send at once, so that the server's shared commits are used as they are in the field.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources

from forms.javarosa.filler import Answer, FormFiller, Sitting
from forms.xform.read import read_xform
from jekafo.fieldwork.respondent import Interview
from jekafo.fieldwork.visits import Visit, plan_visits
from jekafo.simulation.delivery import download, send, side_by_side
from jekafo.simulation.distribution_sheet import read_distributions
from jekafo.simulation.interviews import interview
from jekafo.simulation.plan import FormPlan
from sync.openrosa_client import OpenRosaClient, Reply

TABLETS = 8


@dataclass(frozen=True, slots=True)
class FieldworkReport:
    """What was sent. outcomes: final result of each visit to how often; replies: status to how often.

    given_up: interviews that the form did not let through.
    """

    sent: int
    outcomes: Mapping[str, int]
    replies: Mapping[int, int]
    media: int
    given_up: int = 0


@dataclass(frozen=True, slots=True)
class Task:
    """One interview to carry out: when and on which tablet, and what is known of it beforehand, by question name."""

    sitting: Sitting
    given: Mapping[str, Answer] = field(default_factory=dict)


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
    xform, files = download(client, form_id)
    visits = plan_visits(files, interviews=interviews, seed=seed)
    client.head()

    def carry_out(visit: Visit, filler: FormFiller) -> tuple[Visit, Reply, int]:
        sitting = Sitting(visit.started_at, visit.ended_at, visit.instance_id, visit.tablet)
        filled = filler.fill(Interview(visit, seed=seed), sitting)
        reply = send(client, filled, visit.tablet)
        on_progress()
        return visit, reply, len(filled.media)

    done = side_by_side(visits, carry_out, xform, files, tablets=tablets)
    return FieldworkReport(
        sent=len(done),
        outcomes=Counter(visit.final_outcome for visit, _, _ in done),
        replies=Counter(reply.status for _, reply, _ in done),
        media=sum(media for _, _, media in done),
    )


def carry_out_tasks(
    client: OpenRosaClient,
    form_id: str,
    plan_tasks: Callable[[Mapping[str, bytes]], Sequence[Task]],
    seed: int,
    on_progress: Callable[[], None],
    *,
    tablets: int = TABLETS,
) -> FieldworkReport:
    """Fill in and send the tasks that are planned from the form's files; answers follow `<form_id>.csv` of this folder.

    Raises as `simulate` does.
    """
    xform, files = download(client, form_id)
    form = read_xform(xform)
    shares = resources.files(__package__).joinpath(f"{form_id}.csv").read_bytes()
    plan = FormPlan.of(form, files, read_distributions(shares, f"{form_id}.csv", form))

    def carry_out(task: Task, filler: FormFiller) -> tuple[int | None, int]:
        done = interview(plan, filler, task.sitting, seed, task.given)
        if done.filled is None:
            return None, 0
        reply = send(client, done.filled, task.sitting.device_id)
        on_progress()
        return reply.status, len(done.filled.media)

    done = side_by_side(plan_tasks(files), carry_out, xform, files, tablets=tablets)
    replies = Counter(status for status, _ in done if status is not None)
    return FieldworkReport(
        sent=replies.total(),
        outcomes={},
        replies=replies,
        media=sum(media for _, media in done),
        given_up=len(done) - replies.total(),
    )
