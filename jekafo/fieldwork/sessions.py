"""The demo's focus groups: which sessions of the plan are held when; what is said there is drawn from a CSV file."""

import csv
import io
import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

from jekafo.fieldwork.tablets import FieldworkReport, Task, carry_out_tasks
from jekafo.simulation.sittings import plan_sittings
from sync.openrosa_client import OpenRosaClient

FORM = "focus_group"
AS_PLANNED = 0.93
"""How often a session is held with the kind of group that was planned."""

_LONG = 100  # a session takes as long as an interview of so many questions


def simulate_sessions(
    client: OpenRosaClient, *, sessions: int, at: date, seed: int, on_progress: Callable[[], None] = lambda: None
) -> FieldworkReport:
    """Simulate `sessions` focus groups on the working days before `at`, filled in and sent.

    The same for a seed and a day.
    """
    return carry_out_tasks(
        client, FORM, lambda files: plan_sessions(files, sessions=sessions, at=at, seed=seed), seed, on_progress
    )


def plan_sessions(files: Mapping[str, bytes], *, sessions: int, at: date, seed: int) -> tuple[Task, ...]:
    """Return the sessions, drawn from the plan without repeats. files: the form's fg_plan.csv."""
    dice = random.Random(f"{seed} sessions")  # noqa: S311 - a simulation must repeat, not surprise
    plan = list(csv.DictReader(io.StringIO(files["fg_plan.csv"].decode("utf-8-sig"))))
    drawn = sorted(dice.sample(plan, min(sessions, len(plan))), key=lambda row: row["name"])
    sittings = plan_sittings(len(drawn), _LONG, at, seed)
    tasks = []
    for row, sitting in zip(drawn, sittings, strict=True):
        given = {
            "fg_code": row["name"],
            "country": row["country"],
            "area_id": row["area_id"],
            "place_kind": row["place_kind"],
            "fg_type": row["fg_type"] if dice.random() < AS_PLANNED else "mixed",
            "fg_date": sitting.started_at.date().isoformat(),
        }
        tasks.append(Task(replace(sitting, device_id=f"demo-{sitting.device_id.removeprefix('simulated-')}"), given))
    return tuple(tasks)
