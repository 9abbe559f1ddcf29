"""The simulated fieldwork: it repeats, it keeps the form's rules, and what is planted is what can be found."""

import csv
import io
import math
import statistics
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from itertools import pairwise, product

import pytest
from lxml import etree
from openpyxl import load_workbook
from pyxform.xls2xform import convert

from forms.javarosa.filler import AnswerKind, Asked
from forms.javarosa.question import ChoicesOffered, KnownQuestion
from forms.library import library_files, library_workbook
from forms.read import read_form
from jekafo.fieldwork import (
    FieldworkReport,
    PlantedDifference,
    planted,
    planted_gaps,
    simulate,
    simulate_officials,
    simulate_sessions,
)
from jekafo.fieldwork.officials import plan_officials
from jekafo.fieldwork.population import DEVIATION, ITEMS, Matter, Person, chances, pick
from jekafo.fieldwork.respondent import Interview
from jekafo.fieldwork.sessions import plan_sessions
from jekafo.fieldwork.visits import Visit, plan_visits
from jekafo.simulation.distribution_sheet import read_distributions
from jekafo.simulation.files import tone
from sync.errors import SourceRefused, SourceUnavailable
from sync.openrosa_client import ListedFile, ListedForm, OpenRosaClient, Reply

FORM = "community_perceptions"
FILES = library_files(FORM)
SEED = 7


def table(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(FILES[name].decode())))


CLUSTERS = {row["name"]: row for row in table("psu.csv")}


class Shelf(OpenRosaClient):
    """A server at hand: gives the shipped form, keeps what is sent, and answers as it is told."""

    def __init__(self, replies: Callable[[int], Reply] = lambda _: Reply(201, ""), form_id: str = FORM) -> None:
        super().__init__("http://unused.invalid")
        self.form_id = form_id
        self.files = library_files(form_id)
        self.xform = convert(io.BytesIO(library_workbook(form_id)), validate=False).xform.encode()
        self.replies = replies
        self.taken: dict[str, tuple[bytes, Mapping[str, bytes], str | None]] = {}
        self.calls = 0
        self.lock = threading.Lock()

    def form_list(self) -> tuple[ListedForm, ...]:
        return (ListedForm(self.form_id, self.form_id, "1", "", "", "manifest"),)

    def form(self, listed: ListedForm) -> bytes:
        del listed
        return self.xform

    def manifest(self, listed: ListedForm) -> tuple[ListedFile, ...]:
        del listed
        return tuple(ListedFile(name, "", name) for name in self.files)

    def media(self, file: ListedFile) -> bytes:
        return self.files[file.name]

    def head(self) -> int | None:
        return None

    def submit(self, xml: bytes, media: Mapping[str, bytes], *, device_id: str | None = None) -> Reply:
        with self.lock:
            self.calls += 1
            reply = self.replies(self.calls)
            if reply.is_taken:
                root = etree.fromstring(xml)
                self.taken[str(root.findtext("meta/instanceID"))] = (xml, media, device_id)
            return reply


@pytest.fixture(scope="module")
def sent() -> tuple[Shelf, FieldworkReport]:
    shelf = Shelf()
    return shelf, simulate(shelf, interviews=420, seed=SEED, tablets=3)


def test_as_many_interviews_are_planned_as_asked_for_in_every_cluster_and_round():
    for interviews in (1500, 150, 112, 3):
        visits = plan_visits(FILES, interviews=interviews, seed=SEED)
        cells = Counter((visit.round, visit.cluster) for visit in visits)

        assert len(visits) == interviews
        assert max(cells.values()) - min(cells.values()) <= 1
        assert len(cells) == min(interviews, 2 * 56)


def test_a_household_is_drawn_once_in_a_round_and_lies_in_its_cluster():
    visits = plan_visits(FILES, interviews=1500, seed=SEED)

    assert len({(visit.round, visit.cluster, visit.household) for visit in visits}) == 1500
    assert len({visit.instance_id for visit in visits}) == 1500
    for visit in visits:
        assert (visit.commune, visit.area) == (
            CLUSTERS[visit.cluster]["commune_id"],
            CLUSTERS[visit.cluster]["area_id"],
        )


def test_teams_work_on_working_days_of_the_round_and_by_daylight():
    rounds = {row["name"]: row for row in table("rounds.csv")}
    at_work: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    for visit in plan_visits(FILES, interviews=1500, seed=SEED):
        first, last = (date.fromisoformat(rounds[visit.round][end]) for end in ("starts", "ends"))
        assert first <= visit.started_at.date() <= last
        assert visit.started_at.weekday() < 5
        assert visit.started_at.hour >= 8
        assert visit.ended_at.hour < 18
        assert timedelta(minutes=2) <= visit.ended_at - visit.started_at <= timedelta(minutes=52)
        at_work[visit.tablet].append((visit.started_at, visit.ended_at))

    assert len(at_work) == 14  # two in each of seven areas
    for spans in at_work.values():
        spans.sort()
        assert all(earlier[1] <= later[0] for earlier, later in pairwise(spans))


def test_visits_end_in_every_way_that_the_form_knows():
    outcomes = Counter(visit.final_outcome for visit in plan_visits(FILES, interviews=1500, seed=SEED))

    assert set(outcomes) == {"complete", "partial", "refused", "absent", "unsafe", "ineligible"}
    assert 0.78 < outcomes["complete"] / 1500 < 0.90


@pytest.mark.parametrize("name", ITEMS)
def test_chances_are_chances_in_every_place_and_at_every_deviation(name: str):
    areas = [row["name"] for row in table("areas.csv")]
    for area, wave, sex, deviation in product(areas, ("r1", "r2"), "fm", (-DEVIATION, 0.0, DEVIATION)):
        each = chances(name, Person(area, wave, sex, dict.fromkeys(Matter, deviation)))

        assert len(each) == ITEMS[name].steps
        assert sum(each) == pytest.approx(1)
        assert min(each) > 0


def _value(indicator: str, person: Person) -> float:
    each = chances(indicator, person)
    return sum(each[3:]) - sum(each[:2]) if indicator == "svc_change" else sum(each[2:])


@pytest.mark.parametrize("difference", planted(), ids=lambda difference: difference.indicator)
def test_a_planted_truth_holds_in_its_place_whatever_else_a_person_is(difference: PlantedDifference):
    """Deviations are symmetric and never cut off: the mean over a pair of opposite ones is the truth itself."""
    areas = [row["name"] for row in table("areas.csv")]
    for place, truth in ((difference.a, difference.truth_a), (difference.b, difference.truth_b)):
        for area, wave, sex in product(areas, ("r1", "r2"), "fm"):
            if place.domain.get("area_id", area) != area or place.domain.get("sex", sex) != sex:
                continue
            if place.round not in (None, wave):
                continue
            for size in (DEVIATION, 0.05, 0.0):
                pair = [Person(area, wave, sex, dict.fromkeys(Matter, sign * size)) for sign in (-1, 1)]
                assert statistics.fmean(_value(difference.indicator, person) for person in pair) == pytest.approx(truth)


def test_planted_differences_are_named_in_the_workbook():
    form = read_form(library_workbook(FORM), f"{FORM}.xlsx")
    indicators = {row.name: row for row in form.interpretation.indicators}
    counted = {"trust_gend": ("3", "4"), "safe_day": ("3", "4"), "svc_change": ("4", "5")}

    kinds = []
    for difference in planted():
        row = indicators[difference.indicator]
        assert row.counts == counted[row.name]
        assert row.base == ("valid",)
        kinds.append((tuple(difference.a.domain), difference.a.round is not None))
        for place in (difference.a, difference.b):
            assert place.round in (None, "r1", "r2")
            assert set(place.domain) <= {"area_id", "sex"}
    assert indicators["svc_change"].against == ("1", "2")
    assert kinds == [(("area_id",), False), (("sex",), False), ((), True)]


def asked(path: str) -> Asked:
    no_choices = ChoicesOffered(None, KnownQuestion(AnswerKind.SELECT_ONE, 2, 7, None, ()))
    return Asked(
        path,
        AnswerKind.SELECT_ONE,
        required=False,
        positions=(),
        attempt=0,
        constraint_message=None,
        _choices=no_choices,
    )


PATHS = {
    "trust_gend": "interview/security/trust_gend",
    "safe_day": "interview/security/safe_day",
    "svc_change": "interview/presence/svc_change",
}
SCORES = {
    "trust_gend": {"1": 0, "2": 0, "3": 1, "4": 1},
    "safe_day": {"1": 0, "2": 0, "3": 1, "4": 1},
    "svc_change": {"1": -1, "2": -1, "3": 0, "4": 1, "5": 1},
}


def respondents(seed: int) -> Iterator[tuple[Visit, str, float, Interview]]:
    """Kept records with their sex and weight, without a form."""
    for visit in plan_visits(FILES, interviews=1500, seed=seed):
        if visit.final_outcome in ("complete", "partial"):
            interview = Interview(visit, seed=seed)
            sex = str(interview.answer(asked("interview/profile/sex")))
            yield visit, sex, float(CLUSTERS[visit.cluster]["base_weight"]) * visit.adults, interview


def test_weighted_estimates_of_many_simulations_centre_on_the_planted_truth_and_their_intervals_separate():
    """An estimator written here: Hajek ratio, PSUs with replacement in strata, every cluster kept in the design."""
    simulations = 16
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    separate = Counter[str]()
    covered = 0
    for seed in range(simulations):
        people = list(respondents(seed))
        for difference in planted():
            name = difference.indicator
            spans = []
            for side, place, truth in (
                ("a", difference.a, difference.truth_a),
                ("b", difference.b, difference.truth_b),
            ):
                rows = []
                for visit, sex, weight, interview in people:
                    code = str(interview.answer(asked(PATHS[name])))
                    inside = (
                        place.domain.get("area_id", visit.area) == visit.area
                        and place.domain.get("sex", sex) == sex
                        and place.round in (None, visit.round)
                    )
                    if inside and code in SCORES[name]:
                        rows.append((visit.area, visit.cluster, weight, SCORES[name][code]))
                value, error = ratio(rows)
                found[name, side].append(value)
                spans.append((value - 2.01 * error, value + 2.01 * error))  # t with 49 degrees of freedom
                covered += spans[-1][0] <= truth <= spans[-1][1]
            separate[name] += spans[0][0] > spans[1][1]

    for difference in planted():
        for side, truth in (("a", difference.truth_a), ("b", difference.truth_b)):
            values = found[difference.indicator, side]
            assert abs(statistics.fmean(values) - truth) < 4 * statistics.stdev(values) / math.sqrt(simulations)
    assert min(separate.values()) >= 0.8 * simulations, separate
    assert covered / (6 * simulations) > 0.88


def ratio(rows: list[tuple[str, str, float, float]]) -> tuple[float, float]:
    weights = sum(weight for _, _, weight, _ in rows)
    value = sum(weight * score for _, _, weight, score in rows) / weights
    scores: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for area, cluster, weight, score in rows:
        scores[area][cluster] += weight * (score - value) / weights
    variance = 0.0
    for clusters in scores.values():
        totals = [*clusters.values(), *[0.0] * (8 - len(clusters))]
        variance += 8 / 7 * sum((total - statistics.fmean(totals)) ** 2 for total in totals)
    return value, math.sqrt(variance)


def test_the_same_seed_sends_the_same_interviews_whatever_the_number_of_tablets(sent: tuple[Shelf, FieldworkReport]):
    shelf, _ = sent
    again, other = Shelf(), Shelf()
    simulate(again, interviews=420, seed=SEED, tablets=1)
    simulate(other, interviews=20, seed=SEED + 1)

    assert again.taken == shelf.taken
    assert not set(other.taken) & set(shelf.taken)


def test_the_report_counts_what_was_sent(sent: tuple[Shelf, FieldworkReport]):
    shelf, report = sent

    assert report.sent == len(shelf.taken) == 420
    assert sum(report.outcomes.values()) == 420
    assert report.replies == {201: 420}
    assert report.media == sum(len(media) for _, media, _ in shelf.taken.values()) > 0


def test_a_tablet_sends_again_until_a_busy_server_answers_and_counts_each_interview_once():
    def flaky(call: int) -> Reply:
        if call % 3 == 0:
            raise SourceUnavailable(planted()[0].name)
        return Reply(202 if call % 5 == 0 else 201, "")

    shelf, progress = Shelf(flaky), []
    report = simulate(shelf, interviews=12, seed=SEED, on_progress=lambda: progress.append(1), tablets=2)

    assert len(shelf.taken) == len(progress) == report.sent == 12
    assert set(report.replies) == {201, 202}


def test_an_interview_that_the_server_does_not_take_ends_the_simulation_with_its_words():
    shelf = Shelf(lambda call: Reply(201, "") if call < 5 else Reply(404, "no such form"))

    with pytest.raises(SourceRefused, match="404 no such form"):
        simulate(shelf, interviews=40, seed=SEED, tablets=2)
    assert shelf.calls < 40


def test_a_form_that_the_server_does_not_list_is_told():
    with pytest.raises(SourceRefused, match="lists no form other"):
        simulate(Shelf(), form_id="other", interviews=1, seed=SEED)


def test_pick_gives_each_code_its_weight():
    drawn = Counter(pick("abc", (1, 2, 7), level / 1000) for level in range(1000))

    assert pick("abc", (1, 2, 7), 0.0) == "a"
    assert pick("abc", (1, 2, 7), 1.0) == "c"
    assert [drawn[code] for code in "abc"] == [100, 200, 700]


def test_a_recorded_message_is_a_sound_file():
    assert tone(440.0)[:4] == b"RIFF"
    assert len(tone(440.0)) == 44 + 2 * 2000


# --- the form's rules, written again by hand ------------------------------------------------------------------------


def workbook_rows(sheet: str) -> list[dict[str, str]]:
    header, *body = load_workbook(io.BytesIO(library_workbook(FORM)))[sheet].iter_rows(values_only=True)
    return [
        {str(key): str(value) for key, value in zip(header, row, strict=True) if value is not None}
        for row in body
        if any(row)
    ]


def offered() -> dict[str, set[str]]:
    """Question to the codes of its list, straight from the workbook and the CSVs."""
    lists: dict[str, set[str]] = defaultdict(set)
    for row in workbook_rows("choices"):
        lists[row["list_name"]].add(row["name"])
    for name in FILES:
        lists[name] = {row["name"] for row in table(name)}
    return {
        row["name"]: lists[row["type"].split()[1]]
        for row in workbook_rows("survey")
        if row["type"].startswith(("select", "rank"))
    }


def misplaced(answers: Mapping[str, str]) -> Iterator[str]:
    """Yield the questions that are there and should not be, or the other way round."""
    began = answers["outcome"] in ("complete", "partial")
    consented = answers.get("consent") == "1"
    expected = {
        "hh_adults": began,
        "gps": answers["outcome"] == "complete",
        "alone_ok": began,
        "adult_ok": began,
        "consent": began and answers.get("adult_ok") == "1",
        "sex": consented,
        "distress": consented,
        "reprisal": consented and answers.get("alone_ok") == "1",
        "negot": consented and answers.get("alone_ok") == "1",
        "moc_view": False,
        "moc_know": False,
        "df_repr": consented and answers.get("df_known") == "1",
        "free_ok": consented and answers.get("free_say", "") != "",
        "prio_rank": consented,
    }
    yield from (name for name, there in expected.items() if (name in answers) != there)


def mistaken(answers: Mapping[str, str], codes: Mapping[str, set[str]]) -> Iterator[str]:
    """Yield the questions whose answer is none that the questionnaire allows."""
    services, cluster = set(answers.get("svc_present", "").split()), CLUSTERS[answers["psu_id"]]
    allowed = {
        "age": 18 <= int(answers.get("age") or 18) <= 99,
        "hh_adults": 1 <= int(answers.get("hh_adults", 1)) <= 60,
        "visit_no": 1 <= int(answers["visit_no"]) <= 3,
        "household_no": 1 <= int(answers["household_no"]) <= 999,
        "household_id": answers["household_id"]
        == f"{answers['round_id']}-{answers['psu_id']}-{answers['household_no']}",
        "svc_present": len(services) <= 1 or not {"none", "98", "99"} & services,
        "prio_rank": len(set(answers.get("prio_rank", "").split())) in (0, 8),
        "obst_rank": len(set(answers.get("obst_rank", "").split())) in (0, 4),
        "psu_id": (cluster["commune_id"], cluster["area_id"]) == (answers["commune_id"], answers["area_id"]),
    }
    yield from (name for name, holds in allowed.items() if not holds)
    yield from (name for name, value in answers.items() if name in codes and not set(value.split()) <= codes[name])


def left_blank(answers: Mapping[str, str]) -> Iterator[str]:
    """Yield the blanks of a complete interview that it should not have."""
    optional = {"prio_rank", "prio_why", "obst_rank", "free_say", "gps", "consent_note"}
    if answers["outcome"] == "complete":
        yield from (name for name, value in answers.items() if not value and name not in optional)


def test_no_filled_instance_breaks_skip_logic_constraints_or_choice_lists(sent: tuple[Shelf, FieldworkReport]):
    shelf, _ = sent
    codes = offered()
    visits = {visit.instance_id: visit for visit in plan_visits(FILES, interviews=420, seed=SEED)}
    seen = Counter[str]()
    for instance_id, (xml, media, device) in shelf.taken.items():
        root = etree.fromstring(xml)
        leaves = {etree.QName(node).localname: node.text or "" for node in root.iter() if not len(node)}
        visit = visits[instance_id]

        assert [*misplaced(leaves), *mistaken(leaves, codes), *left_blank(leaves)] == []
        assert (root.get("id"), root.get("version")) == (FORM, "2026112201")
        assert (leaves["round_id"], leaves["psu_id"]) == (visit.round, visit.cluster)
        assert leaves["deviceid"] == device == visit.tablet
        assert datetime.fromisoformat(leaves["start"]) == visit.started_at.astimezone(UTC)
        assert leaves["today"] == visit.started_at.date().isoformat()
        assert set(media) == {leaves["free_say"]} - {""} if "free_say" in leaves else not media
        seen.update(name for name, value in leaves.items() if value)
        seen.update(f"{name}={value}" for name, value in leaves.items() if value in ("97", "98", "99"))
    # What the simulation is meant to bring along: missing opinions of each kind, messages, both ends of a filter.
    assert {"trust_gend=97", "trust_gend=98", "trust_gend=99", "school_ok=97", "free_ok", "df_repr"} <= set(seen)
    assert 0 < seen["distress"] < seen["age"] < 420


OFFICIALS, SESSIONS = "authority_perceptions", "focus_group"


def shares_of(form_id: str) -> bytes:
    return resources.files("jekafo.fieldwork").joinpath(f"{form_id}.csv").read_bytes()


@pytest.mark.parametrize("form_id", [OFFICIALS, SESSIONS])
def test_the_shares_that_ship_fit_the_form_they_are_for(form_id: str):
    form = read_form(library_workbook(form_id), f"{form_id}.xlsx")

    assert read_distributions(shares_of(form_id), f"{form_id}.csv", form)


def test_the_planted_gap_is_what_both_sides_answer():
    (gap,) = planted_gaps()
    residents, officials = gap.sides
    form = read_form(library_workbook(OFFICIALS), f"{OFFICIALS}.xlsx")
    (shares,) = read_distributions(shares_of(OFFICIALS), "shares.csv", form)["reprisal"]
    opinions = {value: share for value, share in shares.shares.items() if value in ("1", "2", "3", "4", "5")}

    assert (opinions["4"] + opinions["5"]) / sum(opinions.values()) == pytest.approx(officials.truth)
    assert residents.truth - officials.truth == pytest.approx(0.26)
    for area, sex in product([row["name"] for row in table("areas.csv")], "fm"):
        pair = [Person(area, "r1", sex, dict.fromkeys(Matter, sign * DEVIATION)) for sign in (-1, 1)]
        found = statistics.fmean(sum(chances("reprisal", person)[3:]) for person in pair)
        assert found == pytest.approx(residents.truth)


def test_no_post_is_visited_twice_in_a_round_nor_one_that_the_frame_lacks():
    files = library_files(OFFICIALS)
    posts = {row["name"]: int(row["posts"]) for row in csv.DictReader(io.StringIO(files["posts.csv"].decode()))}
    rounds = {row["name"]: row for row in csv.DictReader(io.StringIO(files["rounds.csv"].decode()))}
    tasks = plan_officials(files, interviews=120, seed=SEED)

    assert len({tuple(task.given.values()) for task in tasks}) == len(tasks) == 120
    assert len(plan_officials(files, interviews=9999, seed=SEED)) == 2 * sum(posts.values())
    for task in tasks:
        wave, area, number = (str(task.given[name]) for name in ("round_id", "area_id", "frame_no"))
        assert 1 <= int(number) <= posts[area]
        assert rounds[wave]["starts"] <= task.sitting.started_at.date().isoformat() <= rounds[wave]["ends"]
        assert task.sitting.started_at.weekday() < 5


def test_sessions_are_those_of_the_plan_each_once():
    files = library_files(SESSIONS)
    plan = {row["name"]: row for row in csv.DictReader(io.StringIO(files["fg_plan.csv"].decode()))}
    tasks = plan_sessions(files, sessions=60, at=date(2026, 3, 10), seed=SEED)

    assert len({task.given["fg_code"] for task in tasks}) == len(tasks) == 60
    assert len(plan_sessions(files, sessions=999, at=date(2026, 3, 10), seed=SEED)) == len(plan)
    for task in tasks:
        assert task.given["area_id"] == plan[str(task.given["fg_code"])]["area_id"]
        assert task.given["fg_date"] == task.sitting.started_at.date().isoformat() < "2026-03-10"


def test_officials_and_sessions_are_sent_and_what_is_planned_is_noted():
    officials, sessions = Shelf(form_id=OFFICIALS), Shelf(form_id=SESSIONS)
    reports = (
        simulate_officials(officials, interviews=20, seed=SEED),
        simulate_sessions(sessions, sessions=12, at=date(2026, 3, 10), seed=SEED),
    )

    assert [(report.sent, report.given_up) for report in reports] == [(20, 0), (12, 0)]
    roots = [etree.fromstring(xml) for xml, _, _ in sessions.taken.values()]
    assert len({root.findtext("session/fg_code") for root in roots}) == 12
    for xml, _, tablet in officials.taken.values():
        assert str(tablet).endswith(str(etree.fromstring(xml).findtext("visit/area_id")))
    for root in roots:
        counted = root.find("discussion/composition")
        if counted is not None:
            number = {node.tag: int(node.text or 0) for node in counted}
            assert sum(number[name] for name in ("n_w1834", "n_w35p", "n_m1834", "n_m35p")) == number["n_total"]
