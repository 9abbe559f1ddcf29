"""What the simulated population thinks: the chance of each answer by area, sex, round and cluster, and what is planted.

Three items are **planted**: what people answer there depends on one variable only, so the truth is a parameter of
this module and nothing else. Why the parameter is exactly what the survey estimates:

* The chance of an answer is `parameter + deviation`, the deviation being that of the person's cluster. Deviations are
  drawn symmetrically around 0 for each simulated fieldwork, and no chance leaves 0..1, so none is cut off.
* The deviation has nothing to do with the cluster's weight, nor the opinion with the size of the household, so
  weighting by `base_weight x hh_adults` moves nothing: given the weights, the expected answer is the parameter.
* Who refuses, is absent, stops, or answers "don't know" is drawn without looking at the opinion, so the answers
  in the base `valid` are like the others.
* A domain of the planted variable holds one parameter; how areas, sexes or rounds mix within it does not matter.

Deviations stay with a cluster over both rounds, as people do, and make answers within a cluster alike: with deviations
uniform in +-0.12 the intra-cluster correlation of a share near 0.5 is 0.12^2 / 3 / 0.25 = 0.02.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from forms.text import Bilingual

DEVIATION = 0.12
"""Largest deviation of a cluster from its domain's parameter."""

# Areas by their code in areas.csv: Mopti, Djenné, Ténenkou, Youwarou, Koro, Macina, Pelengana.
MOPTI, DJENNE, TENENKOU, YOUWAROU, KORO, MACINA, PELENGANA = (
    "ML0506",
    "ML0503",
    "ML0507",
    "ML0508",
    "ML0505",
    "ML0403",
    "ML0406-pelengana",
)

_STATE_NEAR = {
    MOPTI: 0.06,
    DJENNE: 0.02,
    TENENKOU: -0.06,
    YOUWAROU: -0.11,
    KORO: -0.09,
    MACINA: 0.04,
    PELENGANA: 0.14,
}
"""How near the State is in an area: moves the items that are not planted."""

_TRUST_GENDARMERIE = {
    MOPTI: 0.70,
    DJENNE: 0.58,
    TENENKOU: 0.50,
    YOUWAROU: 0.44,
    KORO: 0.34,
    MACINA: 0.60,
    PELENGANA: 0.64,
}
_SAFE_BY_DAY = {"f": 0.50, "m": 0.70}
_SERVICES_BETTER, _SERVICES_WORSE = {"r1": 0.23, "r2": 0.47}, {"r1": 0.45, "r2": 0.27}


class Matter(StrEnum):
    """What a cluster's people, and one person's answers, have in common."""

    SERVICES = "services"
    TRUST = "trust"
    SAFETY = "safety"
    DIALOGUE = "dialogue"


@dataclass(frozen=True, slots=True)
class Person:
    """What the chances depend on. `deviations` are those of the person's cluster."""

    area: str
    round: str
    sex: str
    deviations: Mapping[Matter, float]


@dataclass(frozen=True, slots=True)
class Item:
    """A question on a scale: how many say so, and how many give no opinion.

    agree: chance of the upper answers (of 4: 3 and 4; of 5: 4 and 5) before area, sex, round and cluster. neutral: of
    the middle of five. near: how much the area's nearness of the State moves it; later: what the second round adds;
    woman: what being a woman adds. dont_know, refused, not_here: chances of 98, 99 and 97.
    """

    steps: int
    matter: Matter
    agree: float
    neutral: float = 0.0
    near: float = 1.0
    later: float = 0.0
    woman: float = 0.0
    dont_know: float = 0.04
    refused: float = 0.02
    not_here: float = 0.0


ITEMS: Mapping[str, Item] = {
    "svc_suff": Item(5, Matter.SERVICES, 0.32, 0.12, later=0.06),
    "svc_change": Item(5, Matter.SERVICES, 0.0),  # planted: see chances()
    "health_ok": Item(5, Matter.SERVICES, 0.38, 0.20, later=0.05, dont_know=0.06),
    "respect": Item(5, Matter.SERVICES, 0.48, 0.15, refused=0.04),
    "safe_day": Item(4, Matter.SAFETY, 0.0, dont_know=0.01),  # planted
    "safe_night": Item(4, Matter.SAFETY, 0.42, woman=-0.12, dont_know=0.01),
    "safe_field": Item(4, Matter.SAFETY, 0.47, near=1.3, woman=-0.08, dont_know=0.02),
    "trust_gend": Item(4, Matter.TRUST, 0.0, refused=0.04, not_here=0.03),  # planted
    "trust_fama": Item(4, Matter.TRUST, 0.56, near=0.8, refused=0.06),
    "trust_police": Item(4, Matter.TRUST, 0.46, refused=0.05, not_here=0.12),
    "trust_pref": Item(4, Matter.TRUST, 0.50, near=1.2, refused=0.03),
    "trust_mayor": Item(4, Matter.TRUST, 0.55, near=0.3, refused=0.02),
    "trust_custom": Item(4, Matter.TRUST, 0.78, near=-0.4, refused=0.01),
    "trust_other_comm": Item(4, Matter.TRUST, 0.48, near=0.9, refused=0.04),
    "info_share": Item(5, Matter.TRUST, 0.36, 0.18, refused=0.07),
    # Planted beside what officials say (see gaps): neither area, round nor sex moves it.
    "reprisal": Item(5, Matter.SAFETY, 0.46, 0.14, near=0.0, refused=0.09),
    "women_sdf": Item(5, Matter.TRUST, 0.57, 0.15, near=0.4, woman=0.12),
    "moc_view": Item(5, Matter.SAFETY, 0.45, 0.20),
    "df_repr": Item(5, Matter.DIALOGUE, 0.52, 0.16, later=0.05),
    "consulted": Item(5, Matter.DIALOGUE, 0.31, 0.14, later=0.07),
    "dispute": Item(5, Matter.DIALOGUE, 0.38, 0.16, refused=0.05),
    "youth_future": Item(5, Matter.DIALOGUE, 0.50, 0.14, refused=0.04),
    "resil": Item(5, Matter.DIALOGUE, 0.62, 0.13, near=-0.3),
}


def chances(name: str, person: Person) -> tuple[float, ...]:
    """Return the chances of the item's opinions, from 1 upwards, given that an opinion is voiced. They sum to 1."""
    item = ITEMS[name]
    deviation = person.deviations[item.matter]
    if name == "svc_change":
        # Half the deviation on each side, so that better minus worse moves by the whole of it.
        better = _SERVICES_BETTER[person.round] + deviation / 2
        worse = _SERVICES_WORSE[person.round] - deviation / 2
        return _of_five(better, 1 - better - worse)
    if name == "safe_day":
        return _of_four(_SAFE_BY_DAY[person.sex] + deviation)
    if name == "trust_gend":
        return _of_four(_TRUST_GENDARMERIE[person.area] + deviation)
    agree = item.agree + item.near * _STATE_NEAR[person.area] + deviation
    agree += item.later if person.round == "r2" else 0.0
    agree += item.woman if person.sex == "f" else 0.0
    agree = min(max(agree, 0.03), 0.97 - item.neutral)
    return _of_four(agree) if item.steps == 4 else _of_five(agree, item.neutral)


def nearness(person: Person) -> float:
    """Return how near the State and its services are to the person: -0.23 to 0.26."""
    return _STATE_NEAR[person.area] + person.deviations[Matter.SERVICES]


def cluster_deviations(cluster: str, seed: int) -> Mapping[Matter, float]:
    """Return the cluster's deviations in this simulated fieldwork; the same in both rounds."""
    dice = random.Random(f"{seed} {cluster}")  # noqa: S311 - a simulation must repeat, not surprise
    return {matter: dice.uniform(-DEVIATION, DEVIATION) for matter in Matter}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a truth holds: a domain of the indicator's table, and a round (None: all rounds together)."""

    domain: Mapping[str, str] = field(default_factory=dict)
    round: str | None = None


@dataclass(frozen=True, slots=True)
class PlantedDifference:
    """Two places whose true values differ, in the indicator's own unit (shares 0..1, net -1..1)."""

    name: Bilingual
    indicator: str
    name_a: Bilingual
    a: Place
    truth_a: float
    name_b: Bilingual
    b: Place
    truth_b: float


def planted() -> tuple[PlantedDifference, ...]:
    """Return the three planted differences, with the values that the population really has."""
    return (
        PlantedDifference(
            Bilingual("Trust the gendarmerie", "Ont confiance dans la gendarmerie"),
            "trust_gend",
            Bilingual("Mopti", "Mopti"),
            Place({"area_id": MOPTI}),
            _TRUST_GENDARMERIE[MOPTI],
            Bilingual("Koro", "Koro"),
            Place({"area_id": KORO}),
            _TRUST_GENDARMERIE[KORO],
        ),
        PlantedDifference(
            Bilingual("Feel safe by day", "Se sentent en sécurité le jour"),
            "safe_day",
            Bilingual("Men", "Hommes"),
            Place({"sex": "m"}),
            _SAFE_BY_DAY["m"],
            Bilingual("Women", "Femmes"),
            Place({"sex": "f"}),
            _SAFE_BY_DAY["f"],
        ),
        PlantedDifference(
            Bilingual("Services: better minus worse", "Services : améliorés moins dégradés"),
            "svc_change",
            Bilingual("Round 2", "Vague 2"),
            Place(round="r2"),
            _SERVICES_BETTER["r2"] - _SERVICES_WORSE["r2"],
            Bilingual("Round 1", "Vague 1"),
            Place(round="r1"),
            _SERVICES_BETTER["r1"] - _SERVICES_WORSE["r1"],
        ),
    )


def pick(codes: Sequence[str], weights: Sequence[float], level: float) -> str:
    """Return the code at `level` (0..1) of the cumulated weights: a high level picks a late code."""
    left = level * sum(weights)
    for code, weight in zip(codes, weights, strict=True):
        if left < weight:
            return code
        left -= weight
    return codes[-1]


def _of_four(upper: float) -> tuple[float, ...]:
    lower = 1 - upper
    return (0.4 * lower, 0.6 * lower, 0.65 * upper, 0.35 * upper)


def _of_five(upper: float, middle: float) -> tuple[float, ...]:
    lower = 1 - upper - middle
    return (0.4 * lower, 0.6 * lower, middle, 0.7 * upper, 0.3 * upper)
