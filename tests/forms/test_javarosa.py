"""What JavaRosa does through `forms.javarosa`: validate, ask, refuse, filter, repeat, finalise."""

import io
import math
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from lxml import etree
from pyxform.xls2xform import convert

from forms.javarosa.filler import (
    MAX_TRIES,
    Answer,
    AnswerKind,
    Asked,
    FillingStopped,
    FormFiller,
    FormUnfillable,
    Medium,
    Sitting,
    Slider,
)
from forms.javarosa.validate import validate

STARTED = datetime(2026, 3, 10, 9, 0, 5, 250_000, tzinfo=UTC)
SITTING = Sitting(
    started_at=STARTED,
    ended_at=STARTED + timedelta(minutes=34),
    instance_id="uuid:11111111-2222-4333-8444-555555555555",
    device_id="tablet-7",
    username="awa",
)
TOWNS = b"name,label,region\nb1,Bla,s\nb2,Bankass,m\nb3,Barou\xc3\xa9li,s\n"


def xform(survey: str, choices: str = "") -> bytes:
    """Compile a workbook written as markdown rows, with a form_id and a version."""
    parts = ["| survey |", survey.strip(), "| settings |", "| | form_id | version |", "| | probe | 1 |"]
    if choices:
        parts += ["| choices |", choices.strip()]
    return convert("\n".join(parts), validate=False, file_type=".md").xform.encode()


class Scripted:
    """Answers from a mapping of paths; several answers to one path are tried one after another."""

    def __init__(self, answers: Mapping[str, Answer | list[Answer]], repeats: int = 0) -> None:
        self.answers = answers
        self.repeats = repeats
        self.asked: list[Asked] = []

    def answer(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        answer = self.answers.get(asked.path)
        return answer[min(asked.attempt, len(answer) - 1)] if isinstance(answer, list) else answer

    def another(self, repeat: str, count: int) -> bool:
        del repeat
        return count < self.repeats


def filled(form: bytes, answers: Mapping[str, Answer | list[Answer]], repeats: int = 0) -> etree._Element:
    return etree.fromstring(FormFiller(form, {}).fill(Scripted(answers, repeats), SITTING).xml)


def texts(root: etree._Element) -> dict[str, str | None]:
    return {etree.QName(node).localname: node.text for node in root.iter() if not len(node)}


SKIP = """
| | type | name | label | relevant | constraint | constraint_message | required |
| | integer | age | Age | | . >= 18 | At least 18 | yes |
| | text | work | Work | ${age} < 65 | | | |
| | text | pension | Pension | ${age} >= 65 | | | |
"""


def test_a_clean_form_has_no_messages():
    assert validate(xform(SKIP), {}) == ()


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (b"<h:html", "XML is invalid"),
        (b"", "XML is invalid"),
        (xform(SKIP).replace(b"&gt;= 18", b"&gt;= 18 )"), "contains invalid constraint expression"),
        (xform(SKIP).replace(b'ref="/data/work"', b'ref="/data/gone"'), "/data/gone"),
        (b"<a/>", ""),
    ],
)
def test_a_broken_form_is_told_by_odk_validate(broken: bytes, says: str):
    messages = validate(broken, {})

    assert messages
    assert says in " ".join(message.en for message in messages)


def test_a_form_whose_file_is_not_given_is_not_clean_and_not_fillable():
    form = xform("| | type | name | label |\n| | select_one_from_file towns.csv | town | Town |")

    (missing,) = validate(form, {})
    assert "Put towns.csv into the workbook's folder" in missing.en
    assert "Mettez towns.csv dans le dossier du classeur" in missing.fr
    assert validate(form, {"towns.csv": TOWNS}) == ()
    with pytest.raises(FormUnfillable, match=r"towns\.csv"):
        FormFiller(form, {})


def test_validation_leaves_no_stubs_behind_for_the_next_filler():
    form = xform("| | type | name | label |\n| | select_one_from_file towns.csv | town | Town |")
    validate(form, {})  # replaces JavaRosa's reader of external files by ODK Validate's

    person = Scripted({"town": "b2"})
    FormFiller(form, {"towns.csv": TOWNS}).fill(person, SITTING)

    assert person.asked[0].choices == ("b1", "b2", "b3")


def test_a_form_that_is_no_form_cannot_be_filled_and_says_so_in_both_languages():
    with pytest.raises(FormUnfillable) as refusal:
        FormFiller(b"<html><body/></html>", {})

    assert "JavaRosa cannot read the form" in refusal.value.message.en
    assert "JavaRosa ne peut pas lire" in refusal.value.message.fr


def test_skip_logic_decides_what_is_asked_and_what_is_sent():
    person = Scripted({"age": "70", "pension": "no"})
    root = etree.fromstring(FormFiller(xform(SKIP), {}).fill(person, SITTING).xml)

    assert [asked.path for asked in person.asked] == ["age", "pension"]
    assert root.find("work") is None
    assert root.findtext("pension") == "no"


def test_a_refused_answer_is_asked_again_with_the_reason():
    person = Scripted({"age": ["7", None, "30"]})
    root = etree.fromstring(FormFiller(xform(SKIP), {}).fill(person, SITTING).xml)

    tries = [asked for asked in person.asked if asked.name == "age"]
    assert [asked.attempt for asked in tries] == [0, 1, 2]
    assert tries[1].constraint_message == "At least 18"
    assert tries[0].required
    assert root.findtext("age") == "30"


def test_an_answerer_that_never_satisfies_the_constraint_is_stopped():
    person = Scripted({"age": "7"})

    with pytest.raises(FillingStopped, match="age"):
        FormFiller(xform(SKIP), {}).fill(person, SITTING)
    assert len(person.asked) == MAX_TRIES


def test_after_a_stopped_filling_the_next_one_starts_blank():
    filler = FormFiller(xform(SKIP), {})
    filler.fill(Scripted({"age": "30", "work": "farming"}), SITTING)
    with pytest.raises(FillingStopped):
        filler.fill(Scripted({"age": "7"}), SITTING)

    assert texts(etree.fromstring(filler.fill(Scripted({"age": "40"}), SITTING).xml))["work"] is None


LATE = """
| | type | name | label | required | constraint |
| | text | name | Name | ${known} = 'yes' | |
| | integer | few | Few | | . <= ${most} or ${most} = '' |
| | text | known | Known | | |
| | integer | most | Most | | |
"""


def test_a_question_made_required_by_a_later_answer_keeps_the_form_from_being_finalised():
    with pytest.raises(FillingStopped, match="answers to name were refused") as stopped:
        filled(xform(LATE), {"known": "yes"})

    assert stopped.value.path == "name"


def test_a_form_that_cannot_be_finalised_goes_back_to_the_question_in_the_way():
    person = Scripted({"name": [None, "Awa"], "few": ["9", "3"], "known": "yes", "most": "5"})
    root = etree.fromstring(FormFiller(xform(LATE), {}).fill(person, SITTING).xml)

    assert root.findtext("name") == "Awa"
    assert root.findtext("few") == "3"
    assert [asked.path for asked in person.asked[:4]] == ["name", "few", "known", "most"]


def test_a_required_note_stops_the_form_by_its_path():
    with pytest.raises(FillingStopped) as stopped:
        filled(xform("| | type | name | label | required |\n| | note | n | N | yes |\n| | text | t | T | |"), {})

    assert stopped.value.path == "n"


def test_an_expression_that_breaks_on_the_answers_stops_the_form_with_javarosas_words():
    survey = """
    | | type | name | label | calculation |
    | | text | q | Q | |
    | | calculate | c | | date(${q}) |
    """
    with pytest.raises(FillingStopped, match="breaks on the answers given"):
        filled(xform(survey), {"q": "no date"})


def test_expressions_are_worked_out_where_the_question_stands():
    survey = """
    | | type | name | label |
    | | integer | total | Total |
    | | date | day | Day |
    | | integer | part | Part |
    """
    seen = {}

    class Curious(Scripted):
        def answer(self, asked: Asked) -> Answer:
            if asked.name == "part":
                seen["number"] = asked.number("../total - .", "3")
                seen["days"] = asked.number("../day")
                seen["text"] = asked.text("concat(../total, '!')")
                seen["truth"] = asked.truth("../total > 100")
                seen["unknown"] = asked.number("nonsense(")
            return super().answer(asked)

    FormFiller(xform(survey), {}).fill(Curious({"total": "10", "day": "1970-01-03"}), SITTING)

    assert math.isnan(seen.pop("unknown"))
    assert seen == {"number": 7.0, "days": 2.0, "text": "10!", "truth": False}


def test_a_slider_says_its_ends_and_its_step():
    form = xform("| | type | name | label | parameters |\n| | range | r | R | start=1 end=5 step=0.5 |")
    person = Scripted({"r": "2.5"})
    FormFiller(form, {}).fill(person, SITTING)

    assert person.asked[0].slider == Slider(Decimal(1), Decimal(5), Decimal("0.5"))


def test_pulldata_looks_a_row_up_in_a_csv_as_collect_does():
    survey = """
    | | type | name | label | calculation |
    | | text | town | Town | |
    | | calculate | region | | pulldata('towns', 'region', 'name', ${town}) |
    """
    filler = FormFiller(xform(survey), {"towns.csv": TOWNS})
    found = [
        etree.fromstring(filler.fill(Scripted({"town": town}), SITTING).xml).findtext("region")
        for town in ("b2", "b3", "nowhere")
    ]

    assert found == ["m", "s", ""]


def test_a_file_whose_question_became_irrelevant_is_not_sent():
    survey = """
    | | type | name | label | relevant |
    | | image | photo | Photo | ${keep} != 'no' |
    | | text | keep | Keep | |
    """
    kept = {
        keep: FormFiller(xform(survey), {})
        .fill(Scripted({"photo": Medium("1.jpg", b"x"), "keep": keep}), SITTING)
        .media
        for keep in ("yes", "no")
    }
    assert kept == {"yes": {"1.jpg": b"x"}, "no": {}}


def test_an_answer_later_made_irrelevant_is_not_sent():
    survey = """
    | | type | name | label | relevant |
    | | text | told | Told | ${withdrawn} != 'yes' |
    | | text | withdrawn | Withdrawn | |
    """
    assert filled(xform(survey), {"told": "a secret", "withdrawn": "yes"}).find("told") is None


CASCADE = """
| | type | name | label | choice_filter |
| | select_one region | region | Region | |
| | select_one_from_file towns.csv | town | Town | region = ${region} |
| | select_multiple region | seen | Seen | |
| | rank region | order | Order | |
"""
REGIONS = "| | list_name | name | label |\n| | region | s | S |\n| | region | m | M |"


def test_a_choice_filter_narrows_what_is_offered_each_time():
    filler = FormFiller(xform(CASCADE, REGIONS), {"towns.csv": TOWNS})
    offered = {}
    for region, town in (("s", "b3"), ("m", "b2")):
        person = Scripted({"region": region, "town": town})
        filler.fill(person, SITTING)
        offered[region] = next(asked.choices for asked in person.asked if asked.name == "town")

    assert offered == {"s": ("b1", "b3"), "m": ("b2",)}


@pytest.mark.parametrize(
    ("path", "answer"), [("town", "b2"), ("region", "x"), ("seen", "s x"), ("seen", "s s"), ("order", "m m")]
)
def test_what_is_not_offered_cannot_be_answered(path: str, answer: str):
    filler = FormFiller(xform(CASCADE, REGIONS), {"towns.csv": TOWNS})

    with pytest.raises(FillingStopped, match="not among the choices"):
        filler.fill(Scripted({"region": "s", path: answer}), SITTING)


KINDS = """
| | type | name | label |
| | text | a_text | Q |
| | integer | an_integer | Q |
| | decimal | a_decimal | Q |
| | date | a_date | Q |
| | time | a_time | Q |
| | datetime | a_datetime | Q |
| | select_one region | a_choice | Q |
| | select_multiple region | some_choices | Q |
| | rank region | a_rank | Q |
| | geopoint | a_point | Q |
| | geotrace | a_trace | Q |
| | geoshape | a_shape | Q |
| | barcode | a_code | Q |
| | image | an_image | Q |
| | acknowledge | a_tick | Q |
| | note | a_note | Q |
"""


def test_every_kind_of_answer_is_taken_and_written_as_collect_writes_it():
    given: dict[str, Answer] = {
        "a_text": "N'Dodjiga & fils <3",
        "an_integer": "12",
        "a_decimal": "1.5",
        "a_date": "2026-03-10",
        "a_time": "08:30:00.000Z",
        "a_datetime": "2026-03-10T08:30:00.000Z",
        "a_choice": "s",
        "some_choices": "m s",
        "a_rank": "m s",
        "a_point": "14.5 -4.2 265.0 6.5",
        "a_trace": "14.5 -4.2 0 0; 14.6 -4.2 0 0",
        "a_shape": "14.5 -4.2 0 0; 14.6 -4.2 0 0; 14.6 -4.3 0 0; 14.5 -4.2 0 0",
        "a_code": "3017620422003",
        "an_image": Medium("1.jpg", b"\xff\xd8"),
        "a_tick": "OK",
    }
    person = Scripted(given)
    result = FormFiller(xform(KINDS, REGIONS), {}).fill(person, SITTING)
    sent = texts(etree.fromstring(result.xml))

    assert {asked.name: asked.kind for asked in person.asked} == {
        "a_text": AnswerKind.TEXT,
        "an_integer": AnswerKind.INTEGER,
        "a_decimal": AnswerKind.DECIMAL,
        "a_date": AnswerKind.DATE,
        "a_time": AnswerKind.TIME,
        "a_datetime": AnswerKind.DATETIME,
        "a_choice": AnswerKind.SELECT_ONE,
        "some_choices": AnswerKind.SELECT_MULTIPLE,
        "a_rank": AnswerKind.RANK,
        "a_point": AnswerKind.GEOPOINT,
        "a_trace": AnswerKind.GEOTRACE,
        "a_shape": AnswerKind.GEOSHAPE,
        "a_code": AnswerKind.BARCODE,
        "an_image": AnswerKind.MEDIUM,
        "a_tick": AnswerKind.ACKNOWLEDGE,
    }
    for name in ("a_text", "an_integer", "a_decimal", "a_date", "a_choice", "some_choices", "a_rank", "a_point"):
        assert sent[name] == given[name]
    assert sent["a_code"] == "3017620422003"
    assert sent["a_tick"] == "OK"
    assert sent["a_note"] is None  # the node is sent, empty
    assert str(sent["a_time"]).startswith("08:30:00")
    assert str(sent["a_datetime"]).startswith("2026-03-10T08:30:00")
    assert sent["an_image"] == "1.jpg"
    assert result.media == {"1.jpg": b"\xff\xd8"}


def test_an_answer_of_the_wrong_kind_is_told_by_its_path_and_not_by_its_value():
    with pytest.raises(FillingStopped) as stopped:
        filled(xform(KINDS, REGIONS), {"an_integer": "many"})

    assert "an_integer" in stopped.value.message.en
    assert "many" not in stopped.value.message.en


MEMBERS = """
| | type | name | label | calculation |
| | begin_repeat | member | Member | |
| | integer | age | Age | |
| | begin_repeat | visit | Visit | |
| | text | day | Day | |
| | end_repeat | | | |
| | end_repeat | | | |
| | calculate | eldest | | max(${age}) |
"""


def test_repeats_open_as_often_as_asked_and_positions_say_where_a_question_stands():
    person = Scripted({"member/age": "31", "member/visit/day": "Monday"}, repeats=2)
    root = etree.fromstring(FormFiller(xform(MEMBERS), {}).fill(person, SITTING).xml)

    days = [asked.positions for asked in person.asked if asked.name == "day"]
    assert days == [(1, 1), (1, 2), (2, 1), (2, 2)]
    assert len(root.findall("member/visit")) == 4
    assert root.findtext("eldest") == "31"


def test_the_first_instance_of_a_repeat_stands_there_unasked_as_on_a_tablet():
    root = filled(xform(MEMBERS), {"member/age": "31"})

    assert [member.findtext("age") for member in root.findall("member")] == ["31"]


def test_positions_are_empty_outside_of_repeats():
    person = Scripted({"age": "30"})
    FormFiller(xform(SKIP), {}).fill(person, SITTING)

    assert {asked.positions for asked in person.asked} == {()}


PRELOADS = """
| | type | name | label | calculation |
| | start | start | | |
| | end | end | | |
| | today | today | | |
| | deviceid | deviceid | | |
| | username | username | | |
| | text | q | Q | |
| | calculate | label | | concat(${deviceid}, '-', ${q}) |
"""


def test_preloads_come_from_the_sitting_and_not_from_this_machine():
    sent = texts(filled(xform(PRELOADS), {"q": "x"}))

    assert sent["start"] == "2026-03-10T09:00:05.250Z"
    assert sent["end"] == "2026-03-10T09:34:05.250Z"
    assert sent["today"] == "2026-03-10"
    assert sent["deviceid"] == "tablet-7"
    assert sent["username"] == "awa"
    assert sent["label"] == "tablet-7-x"
    assert sent["instanceID"] == SITTING.instance_id


def test_the_same_answers_and_sitting_give_the_same_bytes():
    form = xform(PRELOADS)
    first, second = (FormFiller(form, {}).fill(Scripted({"q": "é"}), SITTING).xml for _ in range(2))

    assert first == second
    assert "é".encode() in first


def test_an_instance_names_the_form_and_its_version():
    root = filled(xform(SKIP), {"age": "20"})

    assert (root.get("id"), root.get("version")) == ("probe", "1")


def in_threads(work: Callable[[int], None], count: int) -> None:
    errors: list[BaseException] = []

    def guarded(number: int) -> None:
        try:
            work(number)
        except BaseException as error:  # noqa: BLE001 - handed to the test below
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_fillers_in_several_threads_do_not_mix_their_files_or_answers():
    form = xform("| | type | name | label |\n| | select_one_from_file towns.csv | town | Town |")
    sent: dict[int, set[str | None]] = {}

    def work(number: int) -> None:
        rows = io.StringIO()
        rows.write(f"name,label\nt{number},Town {number}\n")
        filler = FormFiller(form, {"towns.csv": rows.getvalue().encode()})
        sent[number] = {
            etree.fromstring(filler.fill(Scripted({"town": f"t{number}"}), SITTING).xml).findtext("town")
            for _ in range(20)
        }

    in_threads(work, 4)
    assert sent == {number: {f"t{number}"} for number in range(4)}


def test_java_prints_nothing_on_the_terminal(capfd: pytest.CaptureFixture[str]):
    validate(b"<a", {})  # Java's own XML parser prints a fatal error
    with pytest.raises(FormUnfillable):
        FormFiller(b"<a", {})

    assert capfd.readouterr() == ("", "")
