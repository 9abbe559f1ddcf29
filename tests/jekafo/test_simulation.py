"""Simulated interviews with any form: within its rules, plausible, the same for a seed, and honest about failures."""

import csv
import io
import random
import re
import struct
import wave
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from lxml import etree
from pyxform.xls2xform import convert

from forms.form import Form, Question
from forms.javarosa.filler import FormFiller, FormUnfillable
from forms.read import attempt_to_read
from forms.recheck import Rule
from forms.workbook.file import read_workbook
from forms.xform.read import read_xform
from jekafo.counts import counted, counted_fr
from jekafo.simulation.distribution_sheet import read_distributions
from jekafo.simulation.files import recorded
from jekafo.simulation.interviews import Interviewed, Tally, interview
from jekafo.simulation.phrases import phrase, spoken_language, text_kind
from jekafo.simulation.plan import FormPlan
from jekafo.simulation.rechecking import Recheck
from jekafo.simulation.report import told
from jekafo.simulation.sittings import plan_sittings
from jekafo.workbook_files import files_beside

DAY = date(2026, 3, 10)
DICE = random.Random(1)  # noqa: S311 - tests must repeat
COMMUNES = b"name,label,region,latitude,longitude\nc1,One,r1,14.5,-4.1\nc2,Two,r2,13.9,-6.2\nc3,Three,r2,13.8,-6.0\n"
VILLAGES = b"name,label,commune,people\nv1,A,c1,120\nv2,B,c3,80\nv3,C,c3,40\n"
FILES = {"communes.csv": COMMUNES, "villages.csv": VILLAGES}

CHOICES = """
| choices |
| | list_name | name | label |
| | yn | 1 | Yes |
| | yn | 0 | No |
| | region | r1 | North |
| | region | r2 | South |
| | need | water | Water |
| | need | school | School |
| | need | health | Health |
| | need | none | None |
| | need | 99 | Refused |
"""

NASTY = (
    """
| survey |
| | type | name | label | relevant | constraint | required | calculation | choice_filter | repeat_count | parameters |
| | start | start | | | | | | | | |
| | end | end | | | | | | | | |
| | today | today | | | | | | | | |
| | select_one yn | consent | Consent | | | yes | | | | |
| | begin_group | main | Main | ${consent} = '1' | | | | | | |
| | integer | age | Age | | . >= 18 and . <= 99 | yes | | | | |
| | integer | odd | Odd or unknown | | (. >= 1 and . <= 5) or . = 98 | yes | | | | |
| | decimal | share | Share | | . > 0 and . < 1 | yes | | | | |
| | text | phone | Phone | | regex(., '^(\\+223)?[67][0-9]{7}$') | yes | | | | |
| | text | code | Code | | string-length(.) = 6 and not(contains(., 'x')) | yes | | | | |
| | text | again | Code again | | . = ${code} | yes | | | | |
| | integer | n_total | Total | | . >= 4 and . <= 150 | yes | | | | |
| | integer | n_a | A | | . >= 0 and . <= ${n_total} | yes | | | | |
| | integer | n_b | B | | . >= 0 and . + ${n_a} + 0 = ${n_total} | yes | | | | |
| | date | born | Born | | . <= today() and . > date('1950-01-01') | yes | | | | |
| | date | met | Met | | . >= ${born} and . <= today() | yes | | | | |
| | select_one region | region | Region | | | yes | | | | |
| | select_one_from_file communes.csv | commune | Commune | | | yes | | region = ${region} | | |
| | select_one_from_file villages.csv | village | Village | | | yes | | commune = ${commune} | | |
| | calculate | people | | | | | pulldata('villages', 'people', 'name', ${village}) | | | |
| | integer | met_people | People met | | . <= ${people} and . >= 1 | yes | | | | |
| | select_multiple need | needs | Needs | | not(selected(., 'none') and count-selected(.) > 1) and count-selected(.) < 3 | yes | | | | |
| | rank need | order | Order | | | yes | | | | |
| | range | mood | Mood | | | yes | | | | start=2 end=10 step=2 |
| | geopoint | place | Place | | | yes | | | | |
| | geotrace | walk | Walk | | | yes | | | | |
| | geoshape | field | Field | | | yes | | | | |
| | barcode | bar | Bar | | | yes | | | | |
| | image | photo | Photo | | | yes | | | | |
| | audio | voice | Voice | | | yes | | | | |
| | video | film | Film | | | yes | | | | |
| | file | paper | Paper | | | yes | | | | |
| | time | at | At | | | yes | | | | |
| | dateTime | when | When | | | yes | | | | |
| | acknowledge | ok | OK | | | yes | | | | |
| | note | thanks | Thanks | | | | | | | |
| | begin_repeat | member | Member | | | | | | ${n_total} - ${n_a} | |
| | text | first | Name | | | yes | | | | |
| | integer | years | Years | | . <= ${age} | yes | | | | |
| | begin_repeat | visit | Visit | | | | | | | |
| | integer | hour | Hour | | . >= 0 and . < 24 and . mod 2 = 0 | yes | | | | |
| | end_repeat | | | | | | | | | |
| | end_repeat | | | | | | | | | |
| | end_group | | | | | | | | | |
"""  # noqa: E501 - a row of a workbook is one line
    + CHOICES
)


def compiled(markdown: str) -> Form:
    settings = "| settings |\n| | form_id | version |\n| | probe | 1 |\n"
    return read_xform(convert(markdown + settings, validate=False, file_type=".md").xform.encode())


def survey(rows: str) -> Form:
    return compiled(f"| survey |\n{rows.strip()}\n{CHOICES}")


def run(form: Form, count: int, *, files: dict[str, bytes] | None = None, seed: int = 5, shares: str = "") -> Tally:
    return run_all(form, count, files=files, seed=seed, shares=shares)[0]


def run_all(
    form: Form,
    count: int,
    *,
    files: dict[str, bytes] | None = None,
    seed: int = 5,
    shares: str = "",
    explores: bool = False,
) -> tuple[Tally, list[Interviewed]]:
    files = files or {}
    distributions = read_distributions(shares.encode(), "shares.csv", form) if shares else {}
    plan = FormPlan.of(form, files, distributions)
    filler = FormFiller(form.xform, files)
    tally, done = Tally(plan), []
    for sitting in plan_sittings(count, len(plan.askable), DAY, seed):
        done.append(interview(plan, filler, sitting, seed, explores=explores))
        tally.add(done[-1])
    return tally, done


def answers(done: list[Interviewed], name: str) -> list[str]:
    """Texts of all nodes of that name, in all submissions."""
    return [
        node.text or ""
        for each in done
        if each.filled is not None
        for node in etree.fromstring(each.filled.xml).iter(name)
    ]


@pytest.fixture(scope="module")
def nasty() -> tuple[Form, Tally, list[Interviewed]]:
    form = compiled(NASTY)
    return (form, *run_all(form, 60, files=FILES))


def test_a_form_with_everything_is_filled_in_every_time_and_every_question_is_answered(
    nasty: tuple[Form, Tally, list[Interviewed]],
):
    _, tally, _ = nasty

    assert (tally.made, tally.given_up) == (60, 0)
    assert tally.share_answered == 1
    assert tally.never_asked == ()
    assert not tally.left_blank
    assert not tally.stopped


def test_no_simulated_answer_breaks_a_rule(nasty: tuple[Form, Tally, list[Interviewed]]):
    """Checked a second time in Python, apart from JavaRosa."""
    form, _, done = nasty
    recheck = Recheck(form, FILES)
    for each in done:
        assert each.filled is not None
        recheck.add(each.filled.xml, datetime.now(UTC))

    assert recheck.broken == {}
    assert recheck.not_checked == {}
    assert "60 re-checked without JavaRosa: 0 broken rules" in next(recheck.told()).en


def test_a_broken_rule_is_told_with_its_path(nasty: tuple[Form, Tally, list[Interviewed]]):
    form, _, done = nasty
    recheck = Recheck(form, FILES)
    filled = next(each.filled for each in done if each.filled and b"<age>" in each.filled.xml)
    recheck.add(re.sub(rb"<age>\d+</age>", b"<age>7</age>", filled.xml), datetime.now(UTC))

    assert ("main/age", Rule.CONSTRAINT) in {(path, rule) for path, rule, _ in recheck.broken}
    assert any("main/age (constraint)" in line.en for line in recheck.told())


def test_answers_keep_rules_that_hang_on_other_answers(nasty: tuple[Form, Tally, list[Interviewed]]):
    _, _, done = nasty
    people = {row["name"]: int(row["people"]) for row in csv.DictReader(io.StringIO(VILLAGES.decode()))}
    seen = 0
    for each in done:
        assert each.filled is not None
        main = etree.fromstring(each.filled.xml).find("main")
        if main is None:
            continue
        seen += 1
        given = {node.tag: node.text or "" for node in main}
        assert int(given["n_a"]) + int(given["n_b"]) == int(given["n_total"])
        assert given["again"] == given["code"]
        assert given["born"] <= given["met"]
        assert 1 <= int(given["met_people"]) <= people[given["village"]]
        assert int(given["odd"]) in (1, 2, 3, 4, 5, 98)
        assert len(given["needs"].split()) <= 2
        assert given["mood"] in ("2", "4", "6", "8", "10")
        # Collect asks the first one even where the count is 0 (getodk/collect#6945).
        assert len(main.findall("member")) == max(1, int(given["n_total"]) - int(given["n_a"]))
        assert all(int(hour.text or "") % 2 == 0 for hour in main.iter("hour"))
        assert all(int(years.text or "") <= int(given["age"]) for years in main.iter("years"))
        first, *_, last = (corner.split()[:2] for corner in given["field"].split(";"))
        assert first == last
    assert seen > 40


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(nasty: tuple[Form, Tally, list[Interviewed]]):
    form, _, done = nasty
    first = [each.filled for each in done[:5]]

    assert [each.filled for each in run_all(form, 60, files=FILES)[1][:5]] == first
    assert [each.filled for each in run_all(form, 5, files=FILES, seed=6)[1]] != first


def test_a_choice_that_would_leave_nothing_to_choose_is_not_taken(nasty: tuple[Form, Tally, list[Interviewed]]):
    _, _, done = nasty

    assert set(answers(done, "commune")) == {"c1", "c3"}  # c2 has no village


def test_a_place_lies_near_the_commune_that_was_chosen(nasty: tuple[Form, Tally, list[Interviewed]]):
    _, _, done = nasty
    at = {"c1": (14.5, -4.1), "c3": (13.8, -6.0)}
    for commune, place in zip(answers(done, "commune"), answers(done, "place"), strict=True):
        latitude, longitude = map(float, place.split()[:2])
        assert abs(latitude - at[commune][0]) < 0.03
        assert abs(longitude - at[commune][1]) < 0.03


def test_files_are_sent_under_the_names_the_answers_give_them(nasty: tuple[Form, Tally, list[Interviewed]]):
    _, _, done = nasty
    for each in done:
        assert each.filled is not None
        root = etree.fromstring(each.filled.xml)
        named = {node.text for name in ("photo", "voice", "film", "paper") for node in root.iter(name)}
        assert set(each.filled.media) == named


def test_a_consent_that_opens_the_form_is_given_far_more_often_than_refused(
    nasty: tuple[Form, Tally, list[Interviewed]],
):
    _, _, done = nasty
    given = answers(done, "consent")

    assert 0.7 < given.count("1") / len(given) < 1


def test_interviews_lie_on_working_days_by_daylight_and_do_not_overlap_on_a_tablet():
    sittings = plan_sittings(300, 60, DAY, 1)
    by_tablet: dict[str, list[tuple[datetime, datetime]]] = {}
    for sitting in sittings:
        assert sitting.started_at.date() < DAY
        assert sitting.started_at.weekday() < 5
        assert sitting.started_at.hour >= 8
        assert sitting.ended_at <= datetime(*sitting.started_at.timetuple()[:3], 18, tzinfo=UTC)
        assert sitting.device_id.startswith("simulated-")
        by_tablet.setdefault(sitting.device_id, []).append((sitting.started_at, sitting.ended_at))
    for spans in by_tablet.values():
        spans.sort()
        assert all(one[1] <= other[0] for one, other in pairwise(spans))
    assert len({sitting.instance_id for sitting in sittings}) == 300
    longer = plan_sittings(50, 200, DAY, 1)
    lasted = [sum(((s.ended_at - s.started_at) for s in some), timedelta()) / len(some) for some in (sittings, longer)]
    assert lasted[0] < lasted[1]


def test_a_question_that_refuses_everything_is_left_blank_and_told_with_its_constraint():
    form = survey("| | type | name | label | constraint |\n| | text | t | T | . = 'a' and . = 'b' |")
    tally = run(form, 4)

    assert tally.made == 4
    assert tally.left_blank["t"] >= 2
    assert any("left blank" in line.en and "t [" in line.en for line in told(tally))
    assert tally.never_answered[0].path == "t"


def test_a_required_question_that_refuses_everything_stops_the_interview_and_the_next_one_goes_on():
    form = survey(
        "| | type | name | label | constraint | required | relevant |\n"
        "| | select_one yn | odd | Odd | | yes | |\n"
        "| | text | t | T | . = 'a' and . = 'b' | yes | ${odd} != '0' |"
    )
    tally = run(form, 6)

    assert tally.made == 6  # begun anew until the question is not met
    assert tally.stopped["t"] > 0
    assert any("stopped" in line.en and " t " in line.en for line in told(tally))


def test_a_form_that_no_one_can_finish_is_told_and_nothing_is_made():
    form = survey("| | type | name | label | constraint | required |\n| | text | t | T | . = 'a' and . = 'b' | yes |")
    tally = run(form, 2)

    assert (tally.made, tally.given_up) == (0, 2)
    assert next(iter(told(tally))).en == "0 of 2 interviews filled in; 2 could not be finished."


def test_questions_that_no_interview_reaches_are_named():
    form = survey(
        "| | type | name | label | relevant |\n| | integer | n | N | |\n| | text | q12 | Q | ${n} > 5 and ${n} < 5 |"
    )
    tally = run(form, 10)

    assert [question.path for question in tally.never_asked] == ["q12"]
    assert any(line.en == "  Warning: no simulated interview reached q12." for line in told(tally))
    assert any(line.fr == "  Attention : aucun entretien simulé n'a atteint q12." for line in told(tally))


CASCADE = """
| survey |
| | type | name | label | required | choice_filter | constraint |
| | select_one yn | consent | Consent | yes | | |
| | select_one region | region | Region | {region} | | . != 'kidal' |
| | select_one commune | commune | Commune | {commune} | region = ${{region}} | |
| choices |
| | list_name | name | label | region |
| | yn | 1 | Yes | |
| | yn | 0 | No | |
| | region | mopti | Mopti | |
| | region | segou | Ségou | |
| | region | kidal | Kidal | |
| | commune | markala | Markala | segou |
| | commune | niono | Niono | segou |
"""


def explored(commune: str) -> Tally:
    return run_all(compiled(CASCADE.format(region="yes", commune=commune)), 100, explores=True)[0]


def test_a_choice_after_which_a_required_question_offers_none_is_told_with_where_it_ended():
    tally = explored("yes")
    lines = list(told(tally))

    assert tally.made == 100
    assert tally.is_unfinishable
    times = tally.stopped["commune"]
    assert times > 10
    assert lines[1].en == f"{times} sittings could not be finished and had to be begun anew: commune {times}."
    ending = (
        f"  mopti (region) was chosen {times} times and each time the interview ended at commune: "
        "no choice was offered there."
    )
    # Neither consent nor its refusal is to blame: others lasted with it, and the filter reads the region.
    assert [line.en for line in lines if "was chosen" in line.en] == [ending]
    assert any(
        line.fr.endswith("chaque fois l'entretien s'est arrêté à commune : aucun choix n'y était proposé.")
        for line in lines
    )


def test_an_optional_question_without_a_choice_ends_no_interview():
    tally = explored("")

    assert not tally.is_unfinishable
    assert not tally.stopped
    assert not any("was chosen" in line.en for line in told(tally))


def test_a_choice_that_was_offered_often_and_stands_in_no_finished_interview_is_named():
    lines = [line.en for line in told(explored("yes"))]

    assert "  Offered, but in no finished interview: kidal (region)." in lines
    few = run_all(compiled(CASCADE.format(region="yes", commune="yes")), 20, explores=True)[0]
    assert not any("Offered, but" in line.en for line in told(few))


def test_a_constraint_that_ends_interviews_is_laid_to_the_choice_that_opened_the_question():
    form = survey(
        "| | type | name | label | constraint | required | relevant |\n"
        "| | select_one yn | odd | Odd | | yes | |\n"
        "| | text | t | T | . = 'a' and . = 'b' | yes | ${odd} != '0' |"
    )
    tally = run(form, 12)

    assert any(line.en.startswith("  1 (odd) was chosen ") and " ended at t" in line.en for line in told(tally))
    assert not tally.is_unfinishable  # perhaps no one foresaw the right answer; only what is certain is the form's


def test_an_expression_that_breaks_on_some_answers_is_laid_to_the_form():
    form = survey(
        "| | type | name | label | required | calculation |\n| | select_one yn | odd | Odd | yes | |\n"
        "| | calculate | broken | | | if(${odd} = '1', format-date(concat('x', ${odd}), '%Y'), 1) |"
    )
    tally = run(form, 12)

    assert tally.made
    assert tally.stopped[""]
    assert tally.is_unfinishable
    assert "an expression " in list(told(tally))[1].en


def test_a_question_that_is_switched_off_is_no_warning():
    form = survey(
        "| | type | name | label | relevant |\n| | begin_group | old | Old | false() |\n| | text | q | Q | |\n"
        "| | end_group | | | |\n| | integer | n | N | |"
    )
    tally = run(form, 4)

    assert (tally.never_asked, [question.path for question in tally.switched_off]) == ((), ["old/q"])
    assert any(line.en == "  Hidden whatever is answered: old/q." for line in told(tally))
    assert not any("Warning" in line.en for line in told(tally))


@pytest.mark.parametrize(
    ("number", "english", "french"),
    [
        (0, "0 rules", "0 règle"),
        (1, "1 rule", "1 règle"),
        (2, "2 rules", "2 règles"),
        (1200, "1,200 rules", "1\u202f200 règles"),
    ],
)
def test_a_number_agrees_with_what_it_counts(number: int, english: str, french: str):
    assert counted(number, "rule", "rules") == english
    assert counted_fr(number, "règle", "règles") == french


def test_a_threshold_far_from_usual_numbers_is_reached():
    form = survey(
        "| | type | name | label | relevant |\n| | integer | n | N | |\n| | text | rich | Rich | ${n} >= 750000 |"
    )

    assert run(form, 60).asked["rich"] > 0


def test_a_password_the_form_compares_with_is_tried():
    form = survey("| | type | name | label | relevant |\n| | text | t | T | |\n| | text | in | In | ${t} = 'sesame' |")

    assert run(form, 40).asked["in"] > 0


def test_parts_that_are_held_to_a_total_afterwards_come_to_it():
    form = survey(
        "| | type | name | label | constraint | read_only | calculation |\n"
        "| | integer | a | A | . >= 0 | | |\n| | integer | b | B | . >= 0 | | |\n| | decimal | c | C | . >= 0 | | |\n"
        "| | decimal | all | All | ${a} + ${b} + ${c} = 100 | yes | ${a} + ${b} + ${c} |"
    )
    tally, done = run_all(form, 20)

    assert (tally.made, tally.stopped) == (20, {})
    assert {float(text) for text in answers(done, "all")} == {100.0}
    assert len(set(answers(done, "a"))) > 5


def test_a_repeat_without_a_count_has_one_to_five_instances():
    form = survey("| | type | name | label |\n| | begin_repeat | m | M |\n| | text | q | Q |\n| | end_repeat | | |")
    _, done = run_all(form, 200)
    counts = {len(etree.fromstring(each.filled.xml).findall("m")) for each in done if each.filled}

    assert counts == {1, 2, 3, 4, 5}


def test_a_note_marked_required_can_never_be_answered_and_is_named():
    form = survey("| | type | name | label | required |\n| | note | n | N | yes |\n| | text | t | T | |")
    tally = run(form, 1)

    assert tally.given_up == 1
    assert tally.stopped["n"] > 0


def test_missing_files_are_told_before_anything_is_filled():
    with pytest.raises(FormUnfillable, match=r"villages\.csv"):
        run(compiled(NASTY), 1, files={"communes.csv": COMMUNES})


@pytest.mark.parametrize(
    ("labels", "language"),
    [
        ({"Français (fr)": "Quel est votre âge ?", "English (en)": "How old are you?"}, "fr"),
        ({"English (en)": "How old are you?", "Français (fr)": "Quel est votre âge ?"}, "en"),
        ({"default": "Quel est le nom de votre village ?"}, "fr"),
        ({"default": "What is the name of your village?"}, "en"),
        ({"Bamanankan (bm)": "I si ye joli ye ?"}, "en"),
    ],
)
def test_free_text_is_in_the_language_of_the_form(labels: dict[str, str], language: str):
    question = Question("q", "q", "text", "string", labels)
    languages = () if "default" in labels else tuple(labels)
    form = Form("f", "1", "F", languages, (question,), (), {}, (), b"")

    assert spoken_language(form) == language


def test_names_of_people_are_plainly_invented():
    asked = Question("q", "respondent_name", "text", "string", {"Français (fr)": "Nom de la personne enquêtée"})

    assert text_kind(asked) == "person"
    assert phrase("person", "fr", DICE).startswith("Personne ")
    assert phrase("email", "en", DICE).endswith("@example.org")


def test_recorded_files_are_valid():
    picture, sound, film = (recorded(kind, "1", DICE) for kind in ("image", "audio", "video"))

    assert (picture.name, picture.content[:8]) == ("1.png", b"\x89PNG\r\n\x1a\n")
    with wave.open(io.BytesIO(sound.content)) as opened:
        assert opened.getnframes() == 2000
    boxes, rest = [], film.content
    while rest:
        size, name = struct.unpack(">I4s", rest[:8])
        boxes.append(name)
        rest = rest[size:]
    assert boxes == [b"ftyp", b"moov"]


@pytest.mark.slow
def test_forms_of_others_are_filled_in(shared: Path):
    """Every sixth form that ODK Validate accepts, as far as the files it names are there."""
    with (shared / "corpus" / "manifest.csv").open(encoding="utf-8") as manifest:
        accepted = [row["file"] for row in csv.DictReader(manifest) if row["validate_ok"] == "True"]
    made, unfinished = 0, []
    for file in accepted[::6]:
        path = shared / "corpus" / file
        form = attempt_to_read(read_workbook(path.read_bytes(), path.name)).form
        assert form is not None, file
        try:
            tally = run(form, 2, files=files_beside(path, form))
        except FormUnfillable:
            continue
        made += 1
        if tally.given_up or tally.left_blank:
            unfinished.append((file, dict(tally.stopped), dict(tally.left_blank)))
    assert made >= 30
    assert len(unfinished) <= 1, unfinished
