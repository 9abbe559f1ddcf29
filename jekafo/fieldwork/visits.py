"""Which households the simulated teams visit, when, with which tablet, and how each visit ends.

What a person then answers is `jekafo.fieldwork.respondent`.
"""

import csv
import io
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import count

from jekafo.fieldwork.population import KORO, TENENKOU, YOUWAROU
from jekafo.simulation.sittings import random_instance_id, working_days

TABLETS_PER_AREA = 2
VISITS_PER_DAY = 7

_OUTCOMES = {"complete": 0.85, "partial": 0.03, "refused": 0.05, "absent": 0.05, "unsafe": 0.01, "ineligible": 0.01}
_UNSAFE_AREAS = (KORO, YOUWAROU, TENENKOU)
_ADULTS = {1: 0.07, 2: 0.27, 3: 0.22, 4: 0.18, 5: 0.12, 6: 0.08, 7: 0.04, 8: 0.02}
_MINUTES = {"complete": (28, 52), "partial": (9, 25)}


@dataclass(frozen=True, slots=True)
class Visit:
    """One sheet of the survey as it is begun: the household drawn, the result noted, the sitting.

    consents, is_adult, alone: what is answered on the doorstep; a begun interview may still end there. seed: the
    dice of everything that follows. latitude, longitude: where the tablet stands, or None where it has no fix.
    """

    round: str
    area: str
    commune: str
    cluster: str
    household: int
    visit_no: int
    outcome: str
    adults: int
    is_adult: bool
    consents: bool
    alone: bool
    started_at: datetime
    ended_at: datetime
    tablet: str
    instance_id: str
    seed: str
    latitude: float | None
    longitude: float | None

    @property
    def final_outcome(self) -> str:
        """The result that counts: a begun interview without an adult or without consent is none."""
        if self.outcome not in _MINUTES:
            return self.outcome
        if not self.is_adult:
            return "ineligible"
        return self.outcome if self.consents else "refused"


def plan_visits(files: Mapping[str, bytes], *, interviews: int, seed: int) -> tuple[Visit, ...]:
    """Return exactly `interviews` visits, spread evenly over the clusters of psu.csv and the rounds of rounds.csv.

    files: the CSV files of the form as a tablet downloads them. Visits come in the order in which they happen.
    """
    dice = random.Random(f"{seed} visits")  # noqa: S311 - a simulation must repeat, not surprise
    areas = {row["name"]: row for row in _rows(files["areas.csv"])}
    clusters = list(_rows(files["psu.csv"]))
    rounds = list(_rows(files["rounds.csv"]))
    cells = [(wave, cluster) for wave in rounds for cluster in clusters]
    each, over = divmod(interviews, len(cells))
    more = set(dice.sample(range(len(cells)), over))
    desks = {(wave["name"], area): _desk(wave, area) for wave in rounds for area in areas}
    visits = []
    for position, (wave, cluster) in enumerate(cells):
        households = dice.sample(range(1, 200 + each), each + (position in more))
        area = areas[cluster["area_id"]]
        for household in households:
            begins, tablet = next(desks[wave["name"], area["name"]])
            visits.append(_visit(wave["name"], area, cluster, household, begins, tablet, dice))
    return tuple(sorted(visits, key=lambda visit: (visit.started_at, visit.instance_id)))


def _visit(
    wave: str,
    area: Mapping[str, str],
    cluster: Mapping[str, str],
    household: int,
    begins: datetime,
    tablet: str,
    dice: random.Random,
) -> Visit:
    weights = dict(_OUTCOMES)
    if area["name"] in _UNSAFE_AREAS:
        weights["unsafe"] *= 3
    outcome = dice.choices(list(weights), list(weights.values()))[0]
    shortest, longest = _MINUTES.get(outcome, (2, 6))
    started_at = begins + timedelta(seconds=dice.randrange(20 * 60))
    has_fix = outcome == "complete" and dice.random() < 0.92
    return Visit(
        round=wave,
        area=area["name"],
        commune=cluster["commune_id"],
        cluster=cluster["name"],
        household=household,
        visit_no=3 if outcome == "absent" else dice.choices((1, 2, 3), (0.62, 0.27, 0.11))[0],
        outcome=outcome,
        adults=dice.choices(list(_ADULTS), list(_ADULTS.values()))[0],
        is_adult=dice.random() > 0.005,
        consents=dice.random() > 0.02,
        alone=dice.random() < 0.85,
        started_at=started_at,
        ended_at=started_at + timedelta(seconds=dice.randint(shortest * 60, longest * 60)),
        tablet=tablet,
        instance_id=random_instance_id(dice),
        seed=f"{dice.getrandbits(64):016x}",
        latitude=round(float(area["latitude"]) + dice.uniform(-0.15, 0.15), 5) if has_fix else None,
        longitude=round(float(area["longitude"]) + dice.uniform(-0.15, 0.15), 5) if has_fix else None,
    )


def _desk(wave: Mapping[str, str], area: str) -> Iterator[tuple[datetime, str]]:
    """Yield when and on which tablet the area's next visit of the round begins: working days, seven visits a day."""
    days = list(working_days(date.fromisoformat(wave["starts"]), date.fromisoformat(wave["ends"])))
    for position in count():
        turn, tablet = divmod(position, TABLETS_PER_AREA)
        day, slot = divmod(turn, VISITS_PER_DAY)
        # 8:00 to 16:20: a visit starts at most 20 minutes late and takes at most 52.
        begins = datetime.combine(days[day % len(days)], time(8), tzinfo=UTC) + timedelta(minutes=75 * slot)
        yield begins, f"demo-{area}-{'ab'[tablet]}"


def _rows(content: bytes) -> Iterator[Mapping[str, str]]:
    return csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
