"""When and on which tablet simulated interviews take place: working days, by daylight, one after another."""

import random
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from forms.javarosa.filler import Sitting

FIRST_HOUR, LAST_HOUR = 8, 17
MINUTES_PER_QUESTION, FEWEST_MINUTES, MOST_MINUTES = 0.4, 4, 150
BREAK_MINUTES = 15
USUAL_DAYS = 10
"""In how many working days a fieldwork is done, if need be with more tablets."""


def plan_sittings(count: int, questions: int, at: date, seed: int) -> tuple[Sitting, ...]:
    """Return `count` sittings on the working days before `at`, in the order of time.

    questions: how many the form has; a longer form takes longer. Device ids begin with `simulated-`.
    """
    if count == 0:
        return ()
    longest = min(max(FEWEST_MINUTES, questions * MINUTES_PER_QUESTION * 1.3), MOST_MINUTES)
    slot = longest + BREAK_MINUTES
    a_day = max(1, int((LAST_HOUR - FIRST_HOUR) * 60 // slot))
    tablets = max(1, min(-(-count // (a_day * USUAL_DAYS)), 999))
    needed = -(-count // (a_day * tablets))
    days = list(_working_days_before(at, needed))
    sittings = []
    for number in range(count):
        dice = random.Random(f"{seed} sitting {number}")  # noqa: S311 - a simulation must repeat, not surprise
        turn, tablet = divmod(number, tablets)
        day, place = divmod(turn, a_day)
        begins = datetime.combine(days[day], time(FIRST_HOUR), tzinfo=UTC)
        started_at = begins + timedelta(minutes=place * slot, seconds=dice.randrange(BREAK_MINUTES * 60))
        lasted = timedelta(seconds=round(longest * 60 * dice.uniform(0.5, 1)))
        name = f"simulated-{tablet + 1:03}"
        sittings.append(Sitting(started_at, started_at + lasted, random_instance_id(dice), name, username=name))
    return tuple(sorted(sittings, key=lambda sitting: (sitting.started_at, sitting.device_id)))


def random_instance_id(dice: random.Random) -> str:
    """Return an instanceID of these dice: `uuid:` and a UUID of version 4."""
    return f"uuid:{uuid.UUID(int=dice.getrandbits(128), version=4)}"


def working_days(first: date, last: date) -> Iterator[date]:
    """Yield the days from Monday to Friday between two dates, both included."""
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        if day.weekday() < 5:
            yield day


def _working_days_before(at: date, count: int) -> Iterator[date]:
    """The last `count` working days before a date, earliest first."""
    # Five of seven days are working days; a week more covers where in the week `at` lies.
    days = list(working_days(at - timedelta(days=count * 7 // 5 + 7), at - timedelta(days=1)))
    yield from days[-count:]
