"""The paper questionnaire as text, JSON, HTML and DOCX: whole, safe and printable."""

import io
import json
import re
from collections.abc import Callable

import pytest
from docx import Document
from lxml import html

from forms.library import library_files, library_workbook
from forms.paper.as_docx import questionnaire_docx
from forms.paper.as_html import questionnaire_html
from forms.paper.as_json import questionnaire_json
from forms.paper.as_text import questionnaire_text
from forms.paper.parts import Questionnaire
from forms.paper.questionnaire import paper_questionnaire
from forms.paper.rich_text import Span, plain_text, rich_text
from forms.read import read_form

MakeWorkbook = Callable[..., bytes]
FORM = "community_perceptions"
HOSTILE = [
    "<script>alert(1)</script>Name",
    "<img src=x onerror=alert(1)>Name",
    "<svg/onload=alert(1)>Name",
    "<scr<script></script>ipt>alert(1)</script>Name",
    "[Name](javascript:alert(1))",
    "&lt;script&gt;alert(1)&lt;/script&gt;Name",
    "</style><script>alert(1)</script>Name",
    "<a href='javascript:alert(1)'>Name</a>",
]


def printed(language: str) -> Questionnaire:
    form = read_form(library_workbook(FORM), f"{FORM}.xlsx")
    return paper_questionnaire(form, language, files=library_files(FORM))


@pytest.fixture(scope="module")
def french() -> Questionnaire:
    return printed("fr")


def hostile_form(make_workbook: MakeWorkbook, text: str) -> Questionnaire:
    survey = [
        {"type": "select_one l", "name": "q", "label": text, "hint": text, "constraint": "regex(., 'x')"},
        {"type": "note", "name": "n", "label": text},
        {"type": "begin group", "name": "g", "label": text},
        {"type": "text", "name": "t", "label": text, "relevant": "${q} = 'a'", "constraint_message": text},
        {"type": "end group"},
    ]
    choices = [{"list_name": "l", "name": "a", "label": text}, {"list_name": "l", "name": "b", "label": "B"}]
    settings = [{"form_id": "hostile", "form_title": text, "version": "1"}]
    workbook = make_workbook({"survey": survey, "choices": choices, "settings": settings})
    return paper_questionnaire(read_form(workbook, "hostile.xlsx"))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_labels_bring_nothing_that_runs_or_loads_into_the_html(make_workbook: MakeWorkbook, text: str) -> None:
    document = html.document_fromstring(questionnaire_html(hostile_form(make_workbook, text)))
    elements = list(document.iter("*"))
    assert not [element.tag for element in elements if element.tag in ("script", "img", "svg", "a", "iframe", "link")]
    attributes = {name for element in elements for name in element.attrib}
    assert not [name for name in attributes if name.startswith("on") or name in ("href", "src")]
    assert len(document.findall(".//style")) == 1
    assert "Name" in document.text_content()


def test_the_html_loads_nothing_from_outside_and_forbids_it(french: Questionnaire) -> None:
    written = questionnaire_html(french).decode()
    assert not re.search(r"https?://|url\(|@import|<link|<script", written)
    assert "default-src 'none'" in written


def test_the_html_holds_every_question_and_choice_once_numbered(french: Questionnaire) -> None:
    document = html.document_fromstring(questionnaire_html(french))
    numbers = [cell.text_content() for cell in document.find_class("number")]
    numbers += [cell.findtext(".//b").split()[0] for cell in document.xpath("//table[@class='grid']/tbody/tr/td[1]")]
    assert sorted(numbers) == sorted(f"Q{item.number}" for item in french.items)
    ticks = len(document.xpath("//*[contains(@class, 'mark')]"))
    assert ticks == sum(len(item.choices) for item in french.items)


def test_the_html_names_its_language_and_never_breaks_a_question_over_pages(french: Questionnaire) -> None:
    written = questionnaire_html(french)
    assert html.document_fromstring(written).get("lang") == "fr"
    assert b"break-inside: avoid" in written
    assert b"counter(page)" in written


def test_a_right_to_left_language_is_set_from_right_to_left(make_workbook: MakeWorkbook) -> None:
    survey = [{"type": "text", "name": "q", "label::العربية (ar)": "ما اسم القرية؟"}]
    workbook = make_workbook({"survey": survey, "settings": [{"form_id": "rtl"}]})
    paper = paper_questionnaire(read_form(workbook, "rtl.xlsx"))
    assert html.document_fromstring(questionnaire_html(paper)).get("dir") == "rtl"
    assert Document(io.BytesIO(questionnaire_docx(paper))).styles["Normal"].element.xpath(".//w:bidi")


def test_the_word_document_uses_word_s_styles_and_numbers_its_pages(french: Questionnaire) -> None:
    document = Document(io.BytesIO(questionnaire_docx(french)))
    styles = [paragraph.style.name for paragraph in document.paragraphs]
    assert {"Title", "Heading 1", "Heading 2", "List", "Question"} <= set(styles)
    assert document.paragraphs[0].text == "Enquête de perception communautaire"
    fields = document.sections[0].footer._element.xpath(".//w:fldSimple/@w:instr")
    assert fields == ["PAGE", "NUMPAGES"]
    assert document.core_properties.language == "fr"
    assert document.styles.element.xpath(".//w:rPrDefault//w:lang/@w:val") == ["fr"]


def test_the_word_document_holds_every_question(french: Questionnaire) -> None:
    document = Document(io.BytesIO(questionnaire_docx(french)))
    texts = [paragraph.text for paragraph in document.paragraphs if paragraph.style.name == "Question"]
    cells = [
        paragraph.text
        for table in document.tables[1:]
        for cell in table.columns[0].cells
        for paragraph in cell.paragraphs
    ]
    numbers = [found[0] for text in (*texts, *cells) if (found := re.match(r"Q\d+", text))]
    assert sorted(numbers) == sorted(f"Q{item.number}" for item in french.items)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_text_is_readable_at_80_columns_and_says_every_question(language: str) -> None:
    paper = printed(language)
    lines = questionnaire_text(paper).splitlines()
    assert max(map(len, lines)) <= 80
    numbers = [found[1] for line in lines if (found := re.match(r"Q(\d+) ", line))]
    assert numbers == [str(item.number) for item in paper.items]


def test_a_grid_s_choices_are_said_once_in_the_text(french: Questionnaire) -> None:
    assert questionnaire_text(french).count("Pas du tout confiance") == 1


def test_the_json_holds_the_questions_with_their_paths(french: Questionnaire) -> None:
    found: list[str] = []

    def collect(parts: list[dict[str, object]]) -> None:
        for part in parts:
            if part["kind"] == "question":
                found.append(str(part["path"]))
            collect(part.get("parts", []) + part.get("questions", []))  # type: ignore[operator] - JSON has no types

    collect(json.loads(questionnaire_json(french))["parts"])
    assert found == [item.path for item in french.items]


@pytest.mark.parametrize(
    ("label", "spans"),
    [
        ("**Bold** and *slanted*", (Span("Bold", is_bold=True), Span(" and "), Span("slanted", is_italic=True))),
        ("hh_size and a_b_c", (Span("hh_size and a_b_c"),)),
        ("2 * 3 * 4", (Span("2 * 3 * 4"),)),
        (r"\*kept\*", (Span("*kept*"),)),
        ("one<br/>two", (Span("one\ntwo"),)),
        ('<span style="color:red">Red</span>', (Span("Red"),)),
        ("<b>B <i>both</i></b>", (Span("B ", is_bold=True), Span("both", is_bold=True, is_italic=True))),
        ("age < 5 and > 3", (Span("age < 5 and > 3"),)),
        ("What did <name> say", (Span("What did <name> say"),)),
        ("Pourquoi ?", (Span("Pourquoi\u00a0?"),)),
        ("&#1;x", (Span("x"),)),
    ],
)
def test_bold_italic_and_line_breaks_of_a_label_are_kept_and_nothing_else_is_lost(
    label: str, spans: tuple[Span, ...]
) -> None:
    assert rich_text(label) == spans


def test_a_script_in_a_label_is_dropped_with_what_is_in_it() -> None:
    assert plain_text(rich_text("<script>alert(1)</script>Yes<style>p{}</style>")) == "Yes"
