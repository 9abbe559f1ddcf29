"""The independent check of a submission: right ones pass, and each mistake is named by its rule."""

import re
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from pyxform.xls2xform import convert

from forms.form import Form
from forms.javarosa.filler import Answer, Asked, FormFiller, Sitting
from forms.library import library_files, library_workbook
from forms.read import read_form
from forms.recheck import Rechecker, Rule, broken_rules
from forms.xform.read import read_xform
from jekafo.fieldwork.respondent import Interview
from jekafo.fieldwork.visits import plan_visits

AT = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
TOWNS = b"name,label,region\nb1,Bla,s\nb2,Bankass,m\nb3,Baroueli,s\n"
HEADER = "type name label relevant constraint required calculation choice_filter read_only parameters repeat_count"
SURVEY = f"""
| survey |
| | {" | ".join(HEADER.split())} |
| | integer | age | Age | | . >= 18 and . <= 99 | yes | | | | | |
| | select_one yn | works | Works | ${{age}} < 65 | | yes | | | | | |
| | begin_group | job | Job | ${{works}} = 'y' | | | | | | | |
| | text | title | Title | | string-length(.) <= 10 | ${{age}} > 20 | | | | | |
| | decimal | pay | Pay | | | | | | | | |
| | end_group | | | | | | | | | | |
| | select_one region | region | Region | | | | | | | | |
| | select_one_from_file towns.csv | town | Town | | | | | region = ${{region}} | | | |
| | select_multiple svc | svc | Services | | not(selected(., 'none') and count-selected(.) > 1) | | | | | | |
| | rank svc | order | Order | | | | | | | | |
| | date | day | Day | | . <= today() | | | | | | |
| | geopoint | place | Place | | | | | | | | |
| | range | score | Score | | | | | | | start=0 end=10 step=2 | |
| | acknowledge | ok | OK | | | | | | | | |
| | calculate | double | | | | | ${{age}} * 2 | | | | |
| | calculate | when | | | | | now() | | | | |
| | note | thanks | Thanks | | | | | | | | |
| | text | shown | Shown | | | ${{age}} > 90 | | | yes | | |
| | integer | children | Children | | | | | | | | |
| | begin_repeat | child | Child | | | | | | | | ${{children}} |
| | text | name | Name | | | yes | | | | | |
| | integer | years | Years | | . < 18 | | | | | | |
| | select_one yn | school | School | ${{years}} > 6 | | | | | | | |
| | calculate | number | | | | | position(..) | | | | |
| | end_repeat | | | | | | | | | | |
| choices |
| | list_name | name | label |
| | yn | y | Yes |
| | yn | n | No |
| | region | s | S |
| | region | m | M |
| | svc | school | School |
| | svc | health | Health |
| | svc | none | None |
| settings |
| | form_id | version |
| | probe | 1 |
"""
RIGHT = """<data id="probe" version="1"><age>30</age><works>y</works><job><title>Mason</title><pay>12.5</pay></job>
<region>s</region><town>b3</town><svc>school health</svc><order>none school health</order><day>2026-03-01</day>
<place>14.1 -4.2 250.0 5.0</place><score>4</score><ok>OK</ok><double>60</double><when>2026-03-10T08:00:00.000Z</when>
<thanks/><shown/><children>2</children>
<child><name>Awa</name><years>9</years><school>y</school><number>1</number></child>
<child><name>Ali</name><years>4</years><number>2</number></child>
<meta><instanceID>uuid:1</instanceID></meta></data>"""


@pytest.fixture(scope="module")
def form() -> Form:
    return read_xform(convert(SURVEY, validate=False, file_type=".md").xform.encode())


@pytest.fixture(scope="module")
def rechecker(form: Form) -> Rechecker:
    return Rechecker(form, {"towns.csv": TOWNS})


def mended(rechecker: Rechecker, old: str, new: str) -> list[tuple[str, tuple[int, ...], Rule]]:
    """What is broken once this is written in place of that."""
    assert RIGHT.count(old) == 1
    broken = rechecker.broken_rules(RIGHT.replace(old, new).encode(), AT)
    return [(rule.path, rule.positions, rule.rule) for rule in broken]


def test_a_right_submission_breaks_no_rule(rechecker: Rechecker):
    outcome = rechecker.recheck(RIGHT.encode(), AT)

    assert outcome.broken == ()
    assert set(outcome.checked) == set(Rule)
    assert [(skipped.path, skipped.rule) for skipped in outcome.not_checked] == [("when", Rule.CALCULATION)]


@pytest.mark.parametrize(
    ("old", "new", "path", "positions", "rule"),
    [
        ('id="probe"', 'id="other"', "", (), Rule.FORM),
        ('version="1"', 'version="2"', "", (), Rule.FORM),
        ("<thanks/>", "<thanks/><tanks/>", "tanks", (), Rule.KNOWN_NODE),
        ("<thanks/>", "<thanks/><day>2026-03-01</day>", "day", (), Rule.KNOWN_NODE),
        ("<years>4</years>", "<years>4</years><school>n</school>", "child/school", (2,), Rule.RELEVANT),
        ("<works>y</works>", "<works/>", "works", (), Rule.REQUIRED),
        ("<works>y</works>", "<works>n</works>", "job/title", (), Rule.RELEVANT),
        ("<title>Mason</title>", "<title/>", "job/title", (), Rule.REQUIRED),
        ("<name>Ali</name>", "", "child/name", (2,), Rule.REQUIRED),
        ("<title>Mason</title>", "<title>Maçon et maître</title>", "job/title", (), Rule.CONSTRAINT),
        ("<years>9</years>", "<years>19</years>", "child/years", (1,), Rule.CONSTRAINT),
        ("<day>2026-03-01", "<day>2026-03-11", "day", (), Rule.CONSTRAINT),
        ("school health</svc>", "school none</svc>", "svc", (), Rule.CONSTRAINT),
        ("<pay>12.5</pay>", "<pay>12,5</pay>", "job/pay", (), Rule.TYPE),
        ("<years>4</years>", "<years>4.5</years>", "child/years", (2,), Rule.TYPE),
        ("<day>2026-03-01", "<day>2026-02-30", "day", (), Rule.TYPE),
        ("14.1 -4.2", "114.1 -4.2", "place", (), Rule.TYPE),
        (">OK<", ">yes<", "ok", (), Rule.TYPE),
        ("<score>4</score>", "<score>5</score>", "score", (), Rule.RANGE),
        ("<score>4</score>", "<score>12</score>", "score", (), Rule.RANGE),
        ("<works>y</works>", "<works>maybe</works>", "works", (), Rule.CHOICE),
        ("<town>b3</town>", "<town>b2</town>", "town", (), Rule.CHOICE),
        ("school health</svc>", "school water</svc>", "svc", (), Rule.CHOICE),
        ("school health</svc>", "school school</svc>", "svc", (), Rule.CHOSEN_ONCE),
        ("none school health", "school health", "order", (), Rule.RANKED_ALL),
        ("<double>60</double>", "<double>61</double>", "double", (), Rule.CALCULATION),
        ("<double>60</double>", "<double/>", "double", (), Rule.CALCULATION),
        ("<number>2</number>", "<number>1</number>", "child/number", (2,), Rule.CALCULATION),
        ("<children>2<", "<children>3<", "child", (), Rule.REPEAT_COUNT),
    ],
)
def test_a_planted_mistake_is_named_by_its_rule(
    rechecker: Rechecker, old: str, new: str, path: str, positions: tuple[int, ...], rule: Rule
):
    assert (path, positions, rule) in mended(rechecker, old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<double>60</double>", "<double>60.0</double>"),  # another client's way to write it
        ("<pay>12.5</pay>", "<pay/>"),  # not required
        ("<shown/>", ""),
        ("<thanks/>", "<thanks/><formhub><uuid>x</uuid></formhub><__version__>v</__version__>"),
        ("<instanceID>uuid:1</instanceID>", "<instanceID>uuid:1</instanceID><instanceName>x</instanceName>"),
        ("<score>4</score>", "<score>10</score>"),
        ("<place>14.1 -4.2 250.0 5.0</place>", "<place>14.1 -4.2</place>"),
        ("<years>9</years><school>y</school>", "<years>9</years><school/>"),
        ("<day>2026-03-01", "<day>2026-03-10"),
    ],
)
def test_what_only_looks_like_a_mistake_is_let_pass(rechecker: Rechecker, old: str, new: str):
    assert mended(rechecker, old, new) == []


def test_what_is_required_and_only_read_or_calculated_is_asked_of_nobody(rechecker: Rechecker):
    xml = RIGHT.replace("<age>30</age>", "<age>95</age>").replace("<double>60", "<double>190").encode()

    paths = {rule.path for rule in rechecker.broken_rules(xml, AT)}

    assert "works" in paths  # not relevant at that age: what follows is
    assert "shown" not in paths


def test_a_mistake_in_a_group_that_is_not_asked_is_named_once_an_answer(rechecker: Rechecker):
    assert mended(rechecker, "<works>y</works>", "<works>n</works>") == [
        ("job/title", (), Rule.RELEVANT),
        ("job/pay", (), Rule.RELEVANT),
    ]


def test_every_broken_rule_is_told_in_both_languages(form: Form):
    xml = RIGHT.replace("<town>b3", "<town>b2").encode()

    (broken,) = broken_rules(form, {"towns.csv": TOWNS}, xml, at=AT)

    assert "none of the 2 choices" in broken.detail.en
    assert "aucun des 2 choix" in broken.detail.fr


def test_a_list_whose_file_is_missing_is_counted_as_not_checked(form: Form):
    outcome = Rechecker(form, {}).recheck(RIGHT.encode(), AT)

    assert outcome.broken == ()
    assert {(skipped.path, skipped.rule) for skipped in outcome.not_checked} == {
        ("town", Rule.CHOICE),
        ("when", Rule.CALCULATION),
    }


@pytest.mark.parametrize("xml", [b"", b"<data", b"<!DOCTYPE x><data/>", b"plain words"])
def test_what_is_no_xml_breaks_the_form_rule_and_nothing_crashes(rechecker: Rechecker, xml: bytes):
    assert [rule.rule for rule in rechecker.broken_rules(xml, AT)] == [Rule.FORM]


def test_another_forms_submission_is_told_apart(rechecker: Rechecker):
    broken = rechecker.broken_rules(b'<other id="x"><a><b>1</b></a></other>', AT)

    assert (broken[0].rule, broken[1].rule) == (Rule.FORM, Rule.KNOWN_NODE)


class Interviewee:
    """Answers the probe within its rules."""

    def answer(self, asked: Asked) -> Answer:
        answers = {"age": "40", "children": "3", "child/years": str(5 + asked.positions[0]) if asked.positions else ""}
        fixed = {"job/title": "Mason", "child/name": "Awa", "day": "2026-03-01", "score": "6", "ok": "OK"}
        if asked.choices:
            return " ".join(asked.choices) if asked.name == "order" else asked.choices[0]
        return answers.get(asked.path) or fixed.get(asked.path)

    def another(self, repeat: str, count: int) -> bool:
        del repeat, count
        return False


def test_what_javarosa_fills_breaks_no_rule(form: Form, rechecker: Rechecker):
    filler = FormFiller(form.xform, {"towns.csv": TOWNS})

    filled = filler.fill(Interviewee(), Sitting(AT, AT, "uuid:2"))
    outcome = rechecker.recheck(filled.xml, AT)

    assert outcome.broken == ()
    assert outcome.checked[Rule.REPEAT_COUNT] == 1
    assert re.findall(rb"<number>(\d)</number>", filled.xml) == [b"1", b"2", b"3"]


def interviews(count: int) -> Iterator[bytes]:
    name = "community_perceptions"
    files = library_files(name)
    filler = FormFiller(convert(library_workbook(name), validate=False).xform.encode(), files)
    for visit in plan_visits(files, interviews=count, seed=11):
        sitting = Sitting(visit.started_at, visit.ended_at, visit.instance_id, visit.tablet)
        yield filler.fill(Interview(visit, seed=11), sitting).xml


def test_the_shipped_instrument_as_javarosa_fills_it_breaks_no_rule_and_is_checked_fast():
    name = "community_perceptions"
    checker = Rechecker(read_form(library_workbook(name), f"{name}.xlsx"), library_files(name))
    filled = list(interviews(120))

    started = time.perf_counter()
    outcomes = [checker.recheck(xml, AT) for xml in filled]
    seconds = time.perf_counter() - started

    assert Counter(rule for outcome in outcomes for rule in outcome.broken) == Counter()
    assert all(not outcome.not_checked for outcome in outcomes)
    assert sum(outcome.checked[Rule.CHOICE] for outcome in outcomes) > 2000
    # Some 1,500 a second on two cores at leave; far less would make a demo of thousands slow.
    assert timedelta(seconds=seconds) < timedelta(seconds=len(filled) / 100)
