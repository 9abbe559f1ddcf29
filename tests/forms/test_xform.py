"""Reading XForms: what pyxform compiles, and what other tools write by hand."""

from collections.abc import Callable, Mapping

import pytest

from forms.compile.compiler import compile_workbook
from forms.errors import XFormInvalid
from forms.form import Form, Sensitivity
from forms.xform.read import read_xform

X = {"fr": "x", "en": "x"}
SURVEY: list[dict[str, str]] = [
    {"type": "start", "name": "start"},
    {"type": "end", "name": "end"},
    {"type": "today", "name": "today"},
    {"type": "deviceid", "name": "deviceid"},
    {"type": "username", "name": "username"},
    {"type": "audit", "name": "audit"},
    {
        "type": "select_one_from_file areas.csv",
        "name": "area",
        "fr": "Zone",
        "en": "Area",
        "choice_filter": "region=${region}",
    },
    {
        "type": "text",
        "name": "region",
        "fr": "Région ${area}",
        "en": "Region",
        "hint::English (en)": "a hint",
        "required": "yes",
        "image::English (en)": "map.png",
    },
    {"type": "note", "name": "remark", "fr": "Note", "en": "Note"},
    {"type": "text", "name": "shown", "fr": "Vu", "en": "Seen", "calculation": "'x'", "readonly": "yes"},
    {"type": "begin_repeat", "name": "member", "fr": "Membre", "en": "Member", "repeat_count": "3"},
    {
        "type": "integer",
        "name": "age",
        "fr": "Âge",
        "relevant": "${region} = 'x'",
        "constraint": ". > 3",
        "constraint_message::English (en)": "too low",
    },
    {"type": "begin_repeat", "name": "visit", "fr": "Visite", "en": "Visit"},
    {"type": "date", "name": "day", "fr": "Jour", "en": "Day"},
    {"type": "end_repeat"},
    {"type": "select_multiple svc", "name": "has", "fr": "S", "en": "S"},
    {"type": "end_repeat"},
    {"type": "begin_group", "name": "security", "fr": "G", "en": "G", "relevant": "${region} != ''"},
    {"type": "rank svc", "name": "first", "fr": "R", "en": "R"},
    {"type": "range", "name": "scale", "fr": "R", "en": "R", "parameters": "start=0 end=10 step=1"},
    {"type": "calculate", "name": "twice", "calculation": "1 + 1"},
    {"type": "text", "name": "when_region", **X, "calculation": "1 + 2", "trigger": "${region}"},
    {"type": "image", "name": "photo", **X},
    {"type": "image", "name": "sign", **X, "appearance": "signature"},
    {"type": "audio", "name": "voice", **X},
    {"type": "video", "name": "film", **X},
    {"type": "file", "name": "paper", **X},
    {"type": "acknowledge", "name": "seen", **X},
    {"type": "end_group"},
    {"type": "decimal", "name": "weight", **X},
    {"type": "time", "name": "hour", **X},
    {"type": "datetime", "name": "moment", **X},
    {"type": "geopoint", "name": "place", **X},
    {"type": "geotrace", "name": "way", **X},
    {"type": "geoshape", "name": "field", **X},
    {"type": "barcode", "name": "code", **X},
    {"type": "start-geopoint", "name": "began_at"},
    {"type": "background-audio", "name": "heard"},
    {"type": "select_one ${age}", "name": "which", **X},
    {"type": "select_one keys", "name": "town", **X, "appearance": "search('towns')"},
    {"type": "hidden", "name": "secret"},
]
CHOICES = [
    {"list_name": "svc", "name": "water", "fr": "Eau", "en": "Water", "kind": "public"},
    {"list_name": "svc", "name": "school", "fr": "École", "en": "School", "kind": "public"},
    {"list_name": "keys", "name": "name_key", "fr": "label", "en": "label"},
]
SETTINGS = [{"form_id": "demo", "version": 7, "form_title": "Demo", "default_language": "English (en)"}]


@pytest.fixture(scope="module")
def demo(make_workbook: Callable[[Mapping[str, object]], bytes]) -> Form:
    workbook = make_workbook({"survey": SURVEY, "choices": CHOICES, "settings": SETTINGS})
    return read_xform(compile_workbook(workbook, "demo.xlsx").xform)


def test_id_version_title_and_languages_are_the_forms_own_the_default_language_first(demo: Form):
    assert (demo.form_id, demo.version, demo.title) == ("demo", "7", "Demo")
    assert demo.languages == ("English (en)", "Français (fr)")


@pytest.mark.parametrize(
    ("path", "word", "data_type"),
    [
        ("start", "start", "dateTime"),
        ("end", "end", "dateTime"),
        ("today", "today", "date"),
        ("deviceid", "deviceid", "string"),
        ("username", "username", "string"),
        ("meta/audit", "audit", "binary"),
        ("area", "select_one", "string"),
        ("region", "text", "string"),
        ("remark", "note", "string"),
        ("shown", "text", "string"),
        ("member/age", "integer", "int"),
        ("member/visit/day", "date", "date"),
        ("member/has", "select_multiple", "string"),
        ("security/first", "rank", "odk:rank"),
        ("security/scale", "range", "int"),
        ("security/twice", "calculate", "string"),
        ("security/when_region", "text", "string"),
        ("security/photo", "image", "binary"),
        ("security/sign", "image", "binary"),
        ("security/voice", "audio", "binary"),
        ("security/film", "video", "binary"),
        ("security/paper", "file", "binary"),
        ("security/seen", "acknowledge", "string"),
        ("weight", "decimal", "decimal"),
        ("hour", "time", "time"),
        ("moment", "datetime", "dateTime"),
        ("place", "geopoint", "geopoint"),
        ("way", "geotrace", "geotrace"),
        ("field", "geoshape", "geoshape"),
        ("code", "barcode", "barcode"),
        ("began_at", "start-geopoint", "geopoint"),
        ("heard", "background-audio", "binary"),
        ("which", "select_one", "string"),
        ("town", "select_one", "string"),
        ("secret", "hidden", "string"),
    ],
)
def test_every_question_has_its_xlsform_type_and_bind_type(demo: Form, path: str, word: str, data_type: str):
    question = demo.by_path[path]

    assert (question.type, question.data_type) == (word, data_type)
    assert question.name == path.rsplit("/", 1)[-1]


def test_metadata_of_the_instance_are_no_questions(demo: Form):
    assert "meta/instanceID" not in demo.by_path
    assert [question.path for question in demo.questions if question.path.startswith("meta/")] == ["meta/audit"]


def test_repeats_nest_and_a_question_knows_its_innermost(demo: Form):
    assert demo.repeats == ("member", "member/visit")
    assert demo.by_path["member/age"].repeat == "member"
    assert demo.by_path["member/visit/day"].repeat == "member/visit"
    assert demo.by_path["region"].repeat is None
    assert {group.path: group.repeat for group in demo.groups}["member/visit"] == "member"


def test_a_group_keeps_its_own_condition_only(demo: Form):
    groups = {group.path: group for group in demo.groups}

    assert groups["security"].relevant == "/data/region  != ''"
    assert demo.by_path["security/scale"].relevant is None
    assert not groups["security"].is_repeat


def test_words_come_by_language_and_a_missing_translation_is_absent(demo: Form):
    assert demo.by_path["area"].labels == {"English (en)": "Area", "Français (fr)": "Zone"}
    assert demo.by_path["region"].labels["Français (fr)"] == "Région ${area}"
    assert demo.by_path["region"].hints == {"English (en)": "a hint"}
    assert demo.by_path["member/age"].labels == {"Français (fr)": "Âge"}
    assert demo.by_path["member/age"].constraint_messages == {"English (en)": "too low"}


def test_logic_is_kept_as_the_xform_says_it(demo: Form):
    age = demo.by_path["member/age"]

    assert age.relevant == "/data/region  = 'x'"
    assert age.constraint == ". > 3"
    assert demo.by_path["region"].required == "true()"
    assert age.required is None
    assert demo.by_path["security/twice"].calculation == "1 + 1"
    assert demo.by_path["security/when_region"].calculation == "1 + 2"
    assert demo.by_path["shown"].read_only
    assert demo.by_path["town"].appearance == "search('towns')"


def test_choices_come_from_the_forms_lists_with_their_further_columns(demo: Form):
    has = demo.by_path["member/has"]

    assert [choice.name for choice in demo.choices(has)] == ["water", "school"]
    assert demo.choices(has)[1].labels == {"English (en)": "School", "Français (fr)": "École"}
    assert demo.choices(has)[0].columns == {"kind": "public"}


def test_a_list_from_a_file_is_named_by_the_files_stem(demo: Form):
    area, town = demo.by_path["area"], demo.by_path["town"]

    assert (area.list_name, area.file_name) == ("areas", "areas.csv")
    assert area.choice_filter == "region= /data/region"
    assert (town.list_name, town.file_name) == ("towns", "towns.csv")
    assert demo.choices(area) == ()


def test_choices_out_of_a_repeat_belong_to_no_list(demo: Form):
    which = demo.by_path["which"]

    assert which.list_name is None
    assert which.choice_filter == "./age != ''"


def test_every_file_beside_the_form_is_named_once(demo: Form):
    assert sorted(demo.files) == ["areas.csv", "map.png", "towns.csv"]


def test_a_form_by_itself_says_nothing_of_harm_so_nothing_may_be_shown(demo: Form):
    assert {question.sensitivity for question in demo.questions} == {Sensitivity.IDENTIFIER}


HAND_WRITTEN = b"""<?xml version="1.0"?>
<!-- a form of another tool -->
<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"
        xmlns:jr="http://openrosa.org/javarosa" xmlns:orx="http://openrosa.org/xforms" xmlns:x="urn:x">
  <h:head><h:title>Old &amp; plain</h:title><model>
    <submission base64RsaPublicKey="AAAA" action="https://example.org/submission"/>
    <instance><registration xmlns="urn:old" id="old-form">
      <orx:meta><orx:instanceID/></orx:meta>
      <formhub><uuid/></formhub>
      <x:age>30</x:age><!-- a comment --><colour/><colours/><rep jr:template=""><n/></rep><rep><n/></rep>
      <empty_group/><unasked>1</unasked><picture>jr://images/start.png</picture><inner><entity/></inner>
      <farm><meta><entity dataset="farms" id=""/></meta><acres/></farm>
    </registration></instance>
    <instance id="animals"><root><item><key>c</key><title>Cow</title></item><item><title>no key</title></item>
    </root></instance>
    <bind nodeset="/registration/age" type="xsd:int" relevant="  "/>
    <bind id="colour-bind" nodeset="/registration/colour" type="select1"/>
    <bind nodeset="/registration/colours" type="select" required="false()"/>
    <bind nodeset="/registration/formhub/uuid" type="string" calculate="'abc'"/>
    <bind nodeset="/registration/rep/n" type="string"/>
  </model></h:head>
  <h:body>
    <group><label>only to look at</label>
      <input ref="/registration/x:age"><label>Age</label><hint>in years</hint></input>
    </group>
    <select1 bind="colour-bind"><label>Colour</label>
      <item><label>Red</label><value>r</value></item><item><label>Blue</label><value>b</value></item></select1>
    <select ref="/registration/colours"><label>Colours</label>
      <itemset nodeset="randomize(instance('animals')/root/item[a = ']'][b[1] = 2], 3)">
        <value ref="key"/><label ref="title"/></itemset>
    </select>
    <repeat nodeset="/registration/rep">
      <input ref="/registration/rep/n"><label>N <output value="/registration/age"/>!</label></input></repeat>
    <group ref="/registration/empty_group"><label>Nothing yet</label></group>
  </h:body>
</h:html>"""


@pytest.fixture(scope="module")
def hand_written() -> Form:
    return read_xform(HAND_WRITTEN)


def test_a_form_without_version_and_translations_reads_all_the_same(hand_written: Form):
    assert (hand_written.form_id, hand_written.version, hand_written.title) == ("old-form", "", "Old & plain")
    assert hand_written.languages == ("default",)
    assert [question.path for question in hand_written.questions] == [
        "formhub/uuid",
        "age",
        "colour",
        "colours",
        "rep/n",
        "unasked",
        "picture",
        "inner/entity",
        "farm/acres",
    ]
    assert [group.path for group in hand_written.groups] == ["formhub", "rep", "empty_group", "inner", "farm"]


def test_prefixes_of_names_and_types_do_not_count(hand_written: Form):
    age = hand_written.by_path["age"]

    assert (age.type, age.data_type) == ("integer", "int")
    assert age.labels == {"default": "Age"}
    assert age.hints == {"default": "in years"}
    assert age.relevant is None


def test_choices_listed_in_place_make_a_list_named_by_the_question(hand_written: Form):
    colour = hand_written.by_path["colour"]

    assert (colour.type, colour.list_name) == ("select_one", "colour")
    assert [(choice.name, choice.labels["default"]) for choice in hand_written.choices(colour)] == [
        ("r", "Red"),
        ("b", "Blue"),
    ]


def test_an_itemset_says_which_children_hold_name_and_label(hand_written: Form):
    colours = hand_written.by_path["colours"]

    assert [(choice.name, choice.labels["default"]) for choice in hand_written.choices(colours)] == [("c", "Cow")]
    assert colours.choice_filter == "(a = ']') and (b[1] = 2)"
    assert colours.required is None


def test_an_output_within_a_label_reads_as_its_question(hand_written: Form):
    assert hand_written.by_path["rep/n"].labels == {"default": "N ${age}!"}
    assert hand_written.repeats == ("rep",)


def test_a_default_picture_is_a_file_of_the_form(hand_written: Form):
    assert hand_written.files == ("start.png",)


@pytest.mark.parametrize(
    ("xml", "words"),
    [
        (b"<data><a/></data>", "no element model"),
        (b"not xml", "not well-formed"),
        (b"", "not well-formed"),
        (b"<!DOCTYPE h [<!ENTITY e 'x'>]><h><model><instance><d id='1'>&e;</d></instance></model></h>", "DOCTYPE"),
        (b"<h><model/></h>", "no element instance"),
        (b"<h><model><instance/></model></h>", "no element instance"),
        (b"<h><model><instance><d/></instance></model></h>", "no form id"),
        (b"<h xmlns='http://www.w3.org/2002/xforms'><model><instance><d/></instance></model></h>", "no form id"),
        (b"<h>" * 200 + b"</h>" * 200, "nests deeper"),
    ],
)
def test_what_is_no_xform_is_refused_with_a_clear_word(xml: bytes, words: str):
    with pytest.raises(XFormInvalid) as refused:
        read_xform(xml)

    assert words in refused.value.message.en
    assert refused.value.message.fr != refused.value.message.en


def test_what_is_no_xml_is_told_with_line_and_column_and_nothing_of_the_parser():
    with pytest.raises(XFormInvalid) as refused:
        read_xform(b"<data>\n<a></b></data>")

    assert "line 2, column" in refused.value.message.en
    assert "<string>" not in refused.value.message.en + refused.value.message.fr


def test_a_form_without_id_is_known_by_its_namespace():
    xml = b"<h><model><instance><d xmlns='http://example.org/f'><a/></d></instance></model></h>"

    assert read_xform(xml).form_id == "http://example.org/f"


def test_a_long_list_is_read_once_for_all_questions_that_share_it():
    items = "".join(f"<item><name>{code}</name><label>{code}</label></item>" for code in range(2_000))
    nodes = "".join(f"<q{number}/>" for number in range(300))
    asked = "".join(
        f"<select1 ref='/d/q{number}'><itemset nodeset=\"instance('l')/root/item\">"
        "<value ref='name'/><label ref='label'/></itemset></select1>"
        for number in range(300)
    )
    form = read_xform(
        f"<h><model><instance><d id='f'>{nodes}</d></instance><instance id='l'><root>{items}</root></instance></model>"
        f"<body>{asked}</body></h>".encode()
    )

    assert {question.list_name for question in form.questions} == {"l"}
    assert all(form.choices(question) is form.lists["l"] for question in form.questions)
    assert len(form.lists["l"]) == 2_000
