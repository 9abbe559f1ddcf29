"""One simulated interview: the person drawn in the household, and what is noted on the tablet.

The chances of opinions are `jekafo.fieldwork.population`'s. Missing opinions (don't know, refused, a blank after a
break-off) are drawn before and apart from the opinion, so that who answers tells nothing about what they think.
"""

import random
from collections.abc import Callable, Mapping

from forms.javarosa.filler import Answer, Asked, Medium
from jekafo.fieldwork.population import (
    DJENNE,
    ITEMS,
    KORO,
    MACINA,
    MOPTI,
    PELENGANA,
    TENENKOU,
    YOUWAROU,
    Matter,
    Person,
    chances,
    cluster_deviations,
    nearness,
    pick,
)
from jekafo.fieldwork.visits import Visit
from jekafo.simulation.files import tone

LIKE_ONESELF = 0.5
"""How often an answer follows the person's general view of the matter rather than the moment."""

SLIP = 0.01
"""How often an enumerator first types something the form refuses."""

_LANGUAGES: Mapping[str, Mapping[str, float]] = {
    MOPTI: {"ffm": 0.45, "bm": 0.33, "bze": 0.10, "ses": 0.05, "dts": 0.04, "fr": 0.03},
    DJENNE: {"bm": 0.40, "ffm": 0.30, "bze": 0.14, "ses": 0.14, "fr": 0.02},
    TENENKOU: {"ffm": 0.70, "bze": 0.17, "bm": 0.12, "fr": 0.01},
    YOUWAROU: {"ffm": 0.62, "ses": 0.22, "bze": 0.15, "fr": 0.01},
    KORO: {"djm": 0.62, "ffm": 0.25, "bm": 0.10, "fr": 0.03},
    MACINA: {"bm": 0.66, "ffm": 0.20, "bze": 0.12, "fr": 0.02},
    PELENGANA: {"bm": 0.88, "snk": 0.05, "ffm": 0.03, "fr": 0.04},
}
_LIVELIHOODS = {
    "f": {"farm": 0.30, "herd": 0.07, "fish": 0.04, "trade": 0.28, "craft": 0.09, "wage": 0.03, "student": 0.05}
    | {"none": 0.12, "other": 0.02},
    "m": {"farm": 0.46, "herd": 0.17, "fish": 0.08, "trade": 0.11, "craft": 0.06, "wage": 0.05, "student": 0.04}
    | {"none": 0.02, "other": 0.01},
}
_EDUCATION = {
    "f": {"none": 0.62, "coran": 0.12, "prim": 0.16, "sec": 0.08, "sup": 0.02},
    "m": {"none": 0.46, "coran": 0.21, "prim": 0.17, "sec": 0.12, "sup": 0.04},
}
_RESIDENCE = {"resid": 0.72, "idp": 0.14, "ret": 0.07, "ref": 0.01, "host": 0.06}
_AGES = {(18, 24): 0.26, (25, 34): 0.29, (35, 59): 0.36, (60, 88): 0.09}
_SERVICES = {"school": 0.62, "health": 0.66, "gend": 0.34, "admin": 0.40, "justice": 0.16, "agri": 0.30} | {
    "water": 0.48,
    "civil": 0.35,
}
_PROTECTORS = {"gend": 0.16, "police": 0.05, "gnm": 0.06, "fama": 0.20, "moc": 0.01, "youth": 0.14} | {
    "hunters": 0.18,
    "elders": 0.10,
    "none": 0.10,
}
_URGENCY = {"school": 5, "health": 5, "water": 4, "gend": 2.5, "admin": 1.5, "civil": 1.5, "justice": 1.2, "agri": 2}
_GRAVITY = {"insec": 4, "jobs": 3, "gov": 2, "values": 1.2}
_REASONS = (
    "Les enfants restent à la maison depuis trop longtemps.",
    "Les femmes accouchent loin d'ici, la route est mauvaise.",
    "Sans eau, rien d'autre ne marche.",
    "Il faut des papiers pour voyager et pour inscrire les enfants.",
    "Les vols de bétail ne sont jamais jugés.",
    "Avec un service ouvert, les gens reviennent.",
)
# A break-off comes after the profile and before the last group.
_BREAK_OFF = range(8, 42)


class Interview:
    """Answers one visit's questions; an `Answerer` of `forms.javarosa`."""

    def __init__(self, visit: Visit, *, seed: int) -> None:
        self._visit = visit
        self._dice = random.Random(visit.seed)  # noqa: S311 - a simulation must repeat, not surprise
        sex = "f" if self._dice.random() < 0.52 else "m"
        self._person = Person(visit.area, visit.round, sex, cluster_deviations(visit.cluster, seed))
        self._views = {matter: self._dice.random() for matter in Matter}
        self._asked = 0
        self._break_off = self._dice.choice(_BREAK_OFF) if visit.outcome == "partial" else None
        self._said = self._on_the_sheet()
        self._noted = self._along_the_way()

    def answer(self, asked: Asked) -> Answer:
        """Return what is noted for the question; None leaves it blank."""
        if asked.path.startswith("interview/"):
            self._asked += asked.attempt == 0
            if self._break_off is not None and self._asked > self._break_off:
                return None
        if asked.name in self._said:
            return self._said[asked.name]
        if asked.name in ITEMS:
            return self._opinion(asked.name)
        noted = self._noted.get(asked.name)
        return None if noted is None else noted(asked)

    def another(self, repeat: str, count: int) -> bool:
        """The community survey has no repeats."""
        del repeat, count
        return False

    def _on_the_sheet(self) -> Mapping[str, Answer]:
        visit = self._visit
        has_fix = visit.latitude is not None
        return {
            "round_id": visit.round,
            "area_id": visit.area,
            "commune_id": visit.commune,
            "psu_id": visit.cluster,
            "household_no": str(visit.household),
            "visit_no": str(visit.visit_no),
            "outcome": visit.outcome,
            "hh_adults": str(visit.adults),
            "gps": f"{visit.latitude} {visit.longitude} 265.0 6.5" if has_fix else None,
            "alone_ok": "1" if visit.alone else "0",
            "adult_ok": "1" if visit.is_adult else "0",
            "consent": "1" if visit.consents else "0",
            "sex": self._person.sex,
            "edu": self._drawn(_EDUCATION[self._person.sex]),
            "livelihood": self._drawn(_LIVELIHOODS[self._person.sex]),
            "residence": self._drawn(_RESIDENCE),
            "interview_lang": self._drawn(_LANGUAGES[visit.area]),
        }

    def _along_the_way(self) -> Mapping[str, Callable[[Asked], Answer]]:
        near = nearness(self._person)
        return {
            "age": self._age,
            "svc_present": self._services,
            "school_ok": lambda _: self._drawn(
                {"1": 0.44 + near, "0": 0.36 - near, "97": 0.16, "98": 0.02, "99": 0.02}
            ),
            "fees_doc": lambda _: self._drawn({"1": 0.24, "0": 0.70, "98": 0.03, "99": 0.03}),
            "prio_rank": lambda _: self._ranked(_URGENCY, 0.05),
            "prio_why": lambda _: self._dice.choice(_REASONS) if self._dice.random() < 0.6 else None,
            "protector": lambda _: self._drawn(_PROTECTORS),
            "moc_know": lambda _: self._drawn({"1": 0.3, "0": 0.5, "98": 0.2}),
            "df_known": lambda _: self._drawn({"1": 0.46 + near / 2, "0": 0.44 - near / 2, "98": 0.08, "99": 0.02}),
            "obst_rank": lambda _: self._ranked(_GRAVITY, 0.04),
            "negot": lambda _: self._drawn({"oppose": 0.30, "cond": 0.33, "favour": 0.22, "98": 0.08, "99": 0.07}),
            "free_say": lambda _: self._message() if self._dice.random() < 0.03 else None,
            "free_ok": lambda _: self._drawn({"1": 0.7, "0": 0.3}),
            "others_near": lambda _: self._drawn({"1": 0.12, "0": 0.88}),
            "distress": lambda _: self._drawn({"0": 0.80, "1": 0.14, "2": 0.05, "3": 0.01}),
        }

    def _opinion(self, name: str) -> str:
        item = ITEMS[name]
        dont_know = item.dont_know + (0.03 if self._person.sex == "f" else 0.0)
        voiced = 1 - dont_know - item.refused - item.not_here
        answer = self._drawn({"": voiced, "98": dont_know, "99": item.refused, "97": item.not_here})
        if answer:
            return answer
        # Sharing one level between answers ties them together and leaves the chance of each as it is.
        level = self._views[item.matter] if self._dice.random() < LIKE_ONESELF else self._dice.random()
        weights = chances(name, self._person)
        return pick([str(step + 1) for step in range(len(weights))], weights, level)

    def _age(self, asked: Asked) -> str:
        youngest, oldest = self._dice.choices(list(_AGES), list(_AGES.values()))[0]
        age = self._dice.randint(youngest, oldest)
        return str(age * 10 if asked.attempt == 0 and self._dice.random() < SLIP else age)

    def _services(self, asked: Asked) -> str:
        near = nearness(self._person) + (0.06 if self._person.round == "r2" else 0.0)
        present = [name for name, chance in _SERVICES.items() if self._dice.random() < chance + near]
        if asked.attempt == 0 and self._dice.random() < SLIP:
            return "school none"
        if self._dice.random() < 0.02:
            return "98"
        return " ".join(present) or "none"

    def _ranked(self, weights: Mapping[str, float], unwilling: float) -> str | None:
        """Draw a whole ranking: the heavier a choice, the sooner it tends to come (Plackett-Luce)."""
        if self._dice.random() < unwilling:
            return None
        arrival = {name: self._dice.expovariate(weight) for name, weight in weights.items()}
        return " ".join(sorted(arrival, key=arrival.__getitem__))

    def _drawn(self, weights: Mapping[str, float]) -> str:
        return pick(list(weights), list(weights.values()), self._dice.random())

    def _message(self) -> Medium:
        milliseconds = round(self._visit.started_at.timestamp() * 1000)
        return Medium(f"{milliseconds}.wav", tone(self._dice.choice((330.0, 392.0, 440.0))))
