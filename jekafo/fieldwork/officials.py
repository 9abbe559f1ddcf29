"""The demo's survey of officials and security forces: which posts are visited when; what they say is in a CSV file."""

import csv
import io
import random
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta

from forms.javarosa.filler import Sitting
from jekafo.fieldwork.tablets import FieldworkReport, Task, carry_out_tasks
from jekafo.simulation.sittings import random_instance_id, working_days
from sync.openrosa_client import OpenRosaClient

FORM = "authority_perceptions"
INTERVIEWS_PER_DAY = 4


def simulate_officials(
    client: OpenRosaClient, *, interviews: int, seed: int, on_progress: Callable[[], None] = lambda: None
) -> FieldworkReport:
    """Simulate `interviews` visits to posts of the frame, filled in and sent; the same for a seed."""
    return carry_out_tasks(
        client, FORM, lambda files: plan_officials(files, interviews=interviews, seed=seed), seed, on_progress
    )


def plan_officials(files: Mapping[str, bytes], *, interviews: int, seed: int) -> tuple[Task, ...]:
    """Return the visits, spread over rounds and areas by turns; no post is visited twice in a round.

    files: the form's areas.csv, rounds.csv and posts.csv (how many posts an area has).
    """
    dice = random.Random(f"{seed} officials")  # noqa: S311 - a simulation must repeat, not surprise
    rounds = list(_rows(files["rounds.csv"]))
    posts = {row["name"]: int(row["posts"]) for row in _rows(files["posts.csv"])}
    turns = [(wave, area) for area in posts for wave in rounds]
    frames = {(wave["name"], area): dice.sample(range(1, posts[area] + 1), posts[area]) for wave, area in turns}
    tasks: list[Task] = []
    while len(tasks) < interviews and any(frames.values()):
        for wave, area in turns:
            frame = frames[wave["name"], area]
            if frame and len(tasks) < interviews:
                visited = posts[area] - len(frame)
                sitting = _sitting(wave, area, visited, dice)
                given = {"round_id": wave["name"], "area_id": area, "frame_no": str(frame.pop())}
                tasks.append(Task(sitting, given))
    return tuple(sorted(tasks, key=lambda task: (task.sitting.started_at, task.sitting.instance_id)))


def _sitting(wave: Mapping[str, str], area: str, visited: int, dice: random.Random) -> Sitting:
    days = list(working_days(date.fromisoformat(wave["starts"]), date.fromisoformat(wave["ends"])))
    day, slot = divmod(visited, INTERVIEWS_PER_DAY)
    started_at = datetime.combine(days[day % len(days)], time(8, 30), tzinfo=UTC) + timedelta(
        minutes=105 * slot, seconds=dice.randrange(20 * 60)
    )
    ended_at = started_at + timedelta(seconds=dice.randint(22 * 60, 48 * 60))
    tablet = f"demo-officials-{area}"
    return Sitting(started_at, ended_at, random_instance_id(dice), tablet)


def _rows(content: bytes) -> Iterator[Mapping[str, str]]:
    return csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
