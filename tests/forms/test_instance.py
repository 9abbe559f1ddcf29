import pytest

from forms.errors import SubmissionMalformed
from forms.form import Form, Group, Question
from forms.instance import MAX_ID_BYTES, read_instance, submission_of

INSTANCE_ID = "uuid:6f3a1a52-0d6b-4d7e-9a44-1f8a4e0b7a11"
META = f"<meta><instanceID>{INSTANCE_ID}</instanceID></meta>"


def question(path: str, data_type: str = "string", repeat: str | None = None) -> Question:
    return Question(path=path, name=path.rsplit("/", 1)[-1], type="text", data_type=data_type, labels={}, repeat=repeat)


def repeat(path: str, inside: str | None = None) -> Group:
    return Group(path=path, labels={}, is_repeat=True, repeat=inside)


def group(path: str) -> Group:
    return Group(path=path, labels={}, is_repeat=False, repeat=None)


def form_of(*questions: Question, groups: tuple[Group, ...] = ()) -> Form:
    return Form(
        form_id="household",
        version="1",
        title="Household",
        languages=("default",),
        questions=questions,
        groups=groups,
        lists={},
        files=(),
        xform=b"",
    )


def xml(body: str, root: str = '<data id="household" version="1">') -> bytes:
    return f"{root}{body}</data>".encode()


def answers_of(body: str, form: Form):
    return submission_of(read_instance(xml(body + META)), form).answers


def test_the_root_says_which_form_and_version_it_is():
    instance = read_instance(xml(META))
    assert (instance.form_id, instance.version, instance.instance_id) == ("household", "1", INSTANCE_ID)
    assert instance.deprecated_id is None
    assert not instance.is_encrypted


@pytest.mark.parametrize(
    ("root", "form_id", "version"),
    [
        ('<data id="f" version="2">', "f", "2"),
        ('<data id="f">', "f", ""),
        ('<data xmlns="http://example.org/old-form">', "http://example.org/old-form", ""),
        ('<data id="f" xmlns="http://opendatakit.org/submissions">', "f", ""),
        ('<data xmlns="http://opendatakit.org/submissions">', "data", ""),
        ("<data>", "data", ""),
        ('<data xmlns:orx="http://openrosa.org/xforms" id="f" orx:version="7">', "f", "7"),
    ],
    ids=["id, version", "no version", "id by namespace", "id beats namespace", "not an id", "by name", "orx:version"],
)
def test_old_forms_say_their_id_in_other_ways(root: str, form_id: str, version: str):
    instance = read_instance(xml(META, root))
    assert (instance.form_id, instance.version) == (form_id, version)


@pytest.mark.parametrize(
    "body",
    [
        f"<meta><instanceID>{INSTANCE_ID}</instanceID></meta>",
        f'<meta xmlns="http://openrosa.org/xforms"><instanceID>\n  {INSTANCE_ID} </instanceID></meta>',
        f"<orx:meta xmlns:orx='http://openrosa.org/xforms'><orx:instanceID>{INSTANCE_ID}</orx:instanceID></orx:meta>",
        f"<meta><x/></meta><meta><instanceID>{INSTANCE_ID}</instanceID></meta>",
    ],
    ids=["plain", "default namespace and spaces", "prefix", "a group named meta before it"],
)
def test_the_instance_id_is_found_whatever_the_namespace_of_meta(body: str):
    assert read_instance(xml(body)).instance_id == INSTANCE_ID


def test_the_instance_id_of_old_clients_is_an_attribute():
    assert read_instance(xml("<a/>", f'<data id="f" instanceID="{INSTANCE_ID}">')).instance_id == INSTANCE_ID


def test_an_edit_names_the_version_it_replaces():
    meta = f"<meta><instanceID>{INSTANCE_ID}</instanceID><deprecatedID>uuid:1</deprecatedID></meta>"
    instance = read_instance(xml(meta))
    assert instance.deprecated_id == "uuid:1"


def test_a_submission_without_instance_id_is_read_but_is_no_submission():
    instance = read_instance(xml("<a>1</a>"))
    assert instance.instance_id is None
    with pytest.raises(SubmissionMalformed, match="no instanceID"):
        submission_of(instance, form_of(question("a")))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"no xml at all",
        b"<data id='f'><a>1</data>",
        b"<!DOCTYPE data [<!ENTITY a 'b'>]><data id='f'>&a;</data>",
        b"PK\x03\x04\x14\x00\x06\x00",
        b"<data id='f'>\x00</data>",
    ],
    ids=["empty", "text", "truncated", "doctype", "zip", "nul"],
)
def test_what_is_no_xml_is_malformed_and_says_so_in_both_languages(raw: bytes):
    with pytest.raises(SubmissionMalformed) as caught:
        read_instance(raw)
    assert "cannot be read" in caught.value.message.en
    assert "illisible" in caught.value.message.fr


def test_ids_too_long_to_keep_are_malformed():
    with pytest.raises(SubmissionMalformed, match="version has 256 bytes"):
        read_instance(xml(META, f'<data id="f" version="{"9" * (MAX_ID_BYTES + 1)}">'))


def test_answers_are_text_as_captured_under_full_paths():
    form = form_of(question("name"), question("head/age"), question("head/note"), groups=(group("head"),))
    assert answers_of("<name> Aïcha\n Traoré </name><head>\n <age>007</age><note/></head>", form) == {
        "name": " Aïcha\n Traoré ",
        "head/age": "007",
        "head/note": "",
    }


def test_a_node_that_was_not_there_is_not_an_answer():
    assert answers_of("<name>x</name>", form_of(question("name"), question("age"))) == {"name": "x"}


def test_repeats_nest_as_the_form_says_and_keep_their_order():
    form = form_of(
        question("q/member/age", repeat="q/member"),
        question("q/member/visit/day", repeat="q/member/visit"),
        groups=(group("q"), repeat("q/member"), repeat("q/member/visit", inside="q/member")),
    )
    body = (
        "<q><member><age>31</age><visit><day>2026-01-05</day></visit><visit><day/></visit></member>"
        "<member><age>7</age></member><member/></q>"
    )
    assert answers_of(body, form) == {
        "q/member": [
            {
                "q/member/age": "31",
                "q/member/visit": [{"q/member/visit/day": "2026-01-05"}, {"q/member/visit/day": ""}],
            },
            {"q/member/age": "7"},
            {},
        ]
    }


def test_the_template_of_a_repeat_is_not_an_answer():
    form = form_of(question("member/age", repeat="member"), groups=(repeat("member"),))
    body = '<member xmlns:jr="http://openrosa.org/javarosa" jr:template=""><age/></member><member><age>4</age></member>'
    assert answers_of(body, form) == {"member": [{"member/age": "4"}]}


def test_a_node_that_stands_several_times_outside_repeats_is_kept_as_a_list():
    form = form_of(question("a"), question("g/b"), groups=(group("g"),))
    assert answers_of("<a>1</a><a/><a>3</a><g><b>x</b></g><g><b>y</b></g>", form) == {
        "a": ["1", "", "3"],
        "g/b": ["x", "y"],
    }


def test_nodes_that_the_form_does_not_know_are_kept():
    assert answers_of("<known>1</known><extra><deep>2</deep></extra>", form_of(question("known"))) == {
        "known": "1",
        "extra/deep": "2",
    }


def test_an_empty_group_is_no_answer_but_text_in_a_group_is_kept():
    form = form_of(question("g/a"), question("h/a"), groups=(group("g"), group("h")))
    assert answers_of("<g/><h>stray<a>1</a> text</h>", form) == {"h": "stray text", "h/a": "1"}


def test_a_comment_does_not_cut_an_answer_short():
    assert answers_of("<a>before<!-- c -->after</a>", form_of(question("a"))) == {"a": "beforeafter"}


def test_cdata_and_character_references_are_text():
    assert answers_of("<a><![CDATA[<b> & c]]>&#233;&amp;</a>", form_of(question("a"))) == {"a": "<b> & cé&"}


def test_prefixes_of_answers_do_not_matter():
    form = form_of(question("g/a"), groups=(group("g"),))
    raw = (
        f'<n:data xmlns:n="http://example.org/f" id="household" version="1"><n:g><n:a>1</n:a></n:g>{META}</n:data>'
    ).encode()
    assert submission_of(read_instance(raw), form).answers == {"g/a": "1"}


def test_of_meta_only_what_the_form_asks_for_is_an_answer():
    meta = (
        f"<meta><instanceID>{INSTANCE_ID}</instanceID><instanceName>Awa</instanceName>"
        "<audit>audit.csv</audit><rootUuid>x</rootUuid></meta>"
    )
    in_meta = (question("meta/instanceID"), question("meta/instanceName"), question("meta/audit", "binary"))
    form = form_of(question("a"), *in_meta)
    submission = submission_of(read_instance(xml("<a>1</a>" + meta)), form)
    assert submission.answers == {"a": "1", "meta/instanceName": "Awa", "meta/audit": "audit.csv"}
    assert submission.media_names == ("audit.csv",)


def test_media_names_come_from_binary_questions_in_all_rows():
    form = form_of(
        question("photo", "binary"),
        question("text"),
        question("m/photo", "binary", repeat="m"),
        question("m/n/voice", "binary", repeat="m/n"),
        groups=(repeat("m"), repeat("m/n", inside="m")),
    )
    body = (
        "<photo>a.jpg</photo><text>no.jpg</text><m><photo>b.jpg</photo><n><voice>c.m4a</voice></n></m>"
        "<m><photo/><n><voice>c.m4a</voice></n></m>"
    )
    assert submission_of(read_instance(xml(body + META)), form).media_names == ("a.jpg", "b.jpg", "c.m4a")


def test_an_encrypted_submission_has_no_answers_but_names_its_files():
    raw = (
        '<data id="household" encrypted="yes" xmlns="http://opendatakit.org/submissions">'
        "<base64EncryptedKey>Zm9v</base64EncryptedKey>"
        f'<orx:meta xmlns:orx="http://openrosa.org/xforms"><orx:instanceID>{INSTANCE_ID}</orx:instanceID></orx:meta>'
        "<media><file>1.jpg.enc</file></media><media><file>2.jpg.enc</file></media>"
        "<encryptedXmlFile>submission.xml.enc</encryptedXmlFile></data>"
    ).encode()
    instance = read_instance(raw)
    submission = submission_of(instance, form_of(question("a")))
    assert instance.is_encrypted
    assert submission.answers == {"encryptedXmlFile": "submission.xml.enc"}
    assert submission.media_names == ("1.jpg.enc", "2.jpg.enc", "submission.xml.enc")
    assert submission.raw == raw


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
def test_the_declared_encoding_is_honoured(encoding: str):
    raw = f'<?xml version="1.0" encoding="{encoding}"?><data id="household"><a>Aïcha</a>{META}</data>'.encode(encoding)
    assert submission_of(read_instance(raw), form_of(question("a"))).answers == {"a": "Aïcha"}


def test_xml_that_would_grow_beyond_measure_is_malformed():
    # 90 levels of 500 characters are 45,000 characters of path, each of 2,000 leaves has it in front: 90 million.
    names = [f"n{level}{'x' * 500}" for level in range(90)]
    body = "".join(f"<{name}>" for name in names) + "<a/>" * 2000 + "".join(f"</{name}>" for name in reversed(names))
    with pytest.raises(SubmissionMalformed, match="too many answers"):
        submission_of(read_instance(xml(body + META)), form_of(question("a")))
