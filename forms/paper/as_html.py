"""The questionnaire as one HTML file that prints on A4: no script, nothing from outside, every text escaped."""

from collections.abc import Iterator

from lxml import etree

from forms.paper.html_parts import Element, answer_space, choice_list, element, rich
from forms.paper.html_style import style
from forms.paper.parts import Answer, CodeList, Grid, Item, Note, Part, Questionnaire, Section
from forms.paper.rich_text import RichText
from forms.paper.sheet_words import (
    CALCULATED,
    CODES,
    DATE,
    ENDED,
    ENTRY_NUMBER,
    INTERVIEWER,
    MARKS,
    NO_NAMES,
    QUESTION,
    SHEET_NUMBER,
    STARTED,
    TICK_ONE,
    TICK_SEVERAL,
    about_questions,
    heading_line,
    in_one_line,
    numbers_line,
    only_if,
)
from forms.text import Bilingual

_MANY_CHOICES = 10
"""More than these make a question two columns wide."""

_UNBREAKABLE = 40
"""A question or list of more choices may be broken over pages; it would not fit on one."""


def questionnaire_html(questionnaire: Questionnaire) -> bytes:
    """Return the questionnaire as an HTML document in UTF-8."""
    tree = _Sheet(questionnaire).document()
    written: bytes = etree.tostring(tree, method="html", encoding="utf-8", doctype="<!DOCTYPE html>")
    return written + b"\n"


class _Sheet:
    def __init__(self, questionnaire: Questionnaire) -> None:
        self._questionnaire = questionnaire

    def document(self) -> Element:
        """The whole document."""
        questionnaire = self._questionnaire
        head = element(
            "head",
            element("meta", charset="utf-8"),
            # Even a label that slipped through as markup could load and run nothing.
            element(
                "meta",
                {"http-equiv": "Content-Security-Policy", "content": "default-src 'none'; style-src 'unsafe-inline'"},
            ),
            element("meta", name="viewport", content="width=device-width, initial-scale=1"),
            element("title", f"{questionnaire.title} – {heading_line(questionnaire)}"),
            element("style", style(f"{questionnaire.title} · {heading_line(questionnaire)}")),
        )
        body = element("body", *self._opening(), *self._parts(questionnaire.parts, 2), *self._last_pages())
        direction = "rtl" if questionnaire.is_right_to_left else "ltr"
        return element("html", head, body, lang=questionnaire.language_tag, dir=direction)

    def _say(self, words: Bilingual) -> str:
        return words.in_language(self._questionnaire.instructions)

    def _opening(self) -> Iterator[Element]:
        """Title, what the interviewer fills in, and what the marks mean."""
        questionnaire = self._questionnaire
        header = element("header", lang=questionnaire.instructions)
        header.append(element("h1", questionnaire.title, dir="auto"))
        header.append(element("p", heading_line(questionnaire), {"class": "form-line"}))
        table = element("table", {"class": "cover"})
        no_names = element("td", element("b", self._say(NO_NAMES)))
        fields = ((SHEET_NUMBER, "digits 4"), (INTERVIEWER, "digits 3"), (DATE, "date"))
        table.append(element("tr", *(self._field(*field) for field in fields)))
        table.append(element("tr", self._field(STARTED, "time"), self._field(ENDED, "time"), no_names))
        header.append(table)
        legend = element("p", {"class": "legend"})
        legend.append(element("span", f"{MARKS[Answer.ONE]} {self._say(TICK_ONE)}"))
        legend.append(element("span", f"{MARKS[Answer.SEVERAL]} {self._say(TICK_SEVERAL)}"))
        for note in questionnaire.required_notes:
            legend.append(element("span", element("b", note.mark), f" {note.words}", {"class": "long"}))
        header.append(legend)
        yield header

    def _field(self, words: Bilingual, space: str) -> Element:
        return element("td", self._say(words), element("div", answer_space(space), {"class": "fill"}))

    def _parts(self, parts: tuple[Part, ...], level: int) -> Iterator[Element]:
        for part in parts:
            match part:
                case Section():
                    yield self._section(part, level)
                case Grid():
                    yield self._grid(part)
                case Item():
                    yield self._item(part)
                case Note(text, hint, condition):
                    note = element("div", {"class": "note"})
                    note.extend(self._condition(condition))
                    note.append(element("p", *rich(text), dir="auto"))
                    note.extend(self._hint(hint))
                    yield note

    def _section(self, section: Section, level: int) -> Element:
        whole = element("section")
        if section.title or section.number:
            title = element(f"h{min(level, 4)}", f"{section.number}  " if section.number else "", *rich(section.title))
            title.set("dir", "auto")
            whole.append(title)
        if section.condition is not None:
            said = only_if(self._questionnaire, section.condition)
            said = said if section.number else about_questions(section, said)
            whole.append(element("p", said, {"class": "section-condition", "lang": self._questionnaire.instructions}))
        if section.roster is not None:
            number = element("span", f"{self._say(ENTRY_NUMBER)} ", answer_space("digits 2"), {"class": "fill"})
            whole.append(element("p", section.roster, number, {"class": "roster"}))
        whole.extend(self._parts(section.parts, level + 1 if section.number else level))
        return whole

    def _item(self, item: Item) -> Element:
        choices = len(item.choices)
        wide = choices > _MANY_CHOICES
        kind = "question" + (" wide" if wide else "") + (" long" if choices > _UNBREAKABLE else "")
        asked = element("div")
        asked.extend(self._condition(item.condition))
        text = element("p", *rich(item.text), {"class": "text", "dir": "auto"})
        if item.required:
            text.append(element("span", f"\u00a0{item.required}", {"class": "required"}))
        asked.append(text)
        asked.extend(self._hint(item.hint))
        how = in_one_line(self._questionnaire, item.how, item.limits, item.only_those)
        asked.append(element("p", how, {"class": "how", "lang": self._questionnaire.instructions}))
        answer = element("div", {"class": "answer"})
        if item.choices:
            answer.append(choice_list(item, self._questionnaire.instructions, in_columns=wide))
        else:
            if item.see_list is not None:
                answer.append(element("p", item.see_list, {"class": "how"}))
            answer.extend(_space(item))
        return element("div", element("div", f"Q{item.number}", {"class": "number"}), asked, answer, {"class": kind})

    def _grid(self, grid: Grid) -> Element:
        heads = [
            element("th", *rich(choice.label), element("span", choice.code, {"class": "code"}), dir="auto", scope="col")
            for choice in grid.choices
        ]
        about = element("th", self._say(QUESTION), {"class": "about", "scope": "col"})
        table = element("table", element("thead", element("tr", about, *heads)), {"class": "grid"})
        body = element("tbody")
        for item in grid.items:
            cell = element("td")
            cell.extend(self._condition(item.condition))
            text = element("p", element("b", f"Q{item.number}  "), *rich(item.text), dir="auto")
            if item.required:
                text.append(element("span", f"\u00a0{item.required}", {"class": "required"}))
            cell.append(text)
            cell.extend(self._hint(item.hint))
            if item.limits:
                cell.append(element("p", item.limits, {"class": "how"}))
            mark = MARKS[Answer.ONE]
            ticks = [element("td", element("span", mark, {"class": "mark"}), {"class": "tick"}) for _ in grid.choices]
            body.append(element("tr", cell, *ticks))
        table.append(body)
        return table

    def _condition(self, condition: str | None) -> Iterator[Element]:
        if condition is not None:
            said = only_if(self._questionnaire, condition)
            yield element("p", said, {"class": "condition", "lang": self._questionnaire.instructions})

    def _hint(self, hint: RichText) -> Iterator[Element]:
        if hint:
            yield element("p", *rich(hint), {"class": "hint", "dir": "auto"})

    def _last_pages(self) -> Iterator[Element]:
        if self._questionnaire.calculated:
            values = element("dl")
            for value in self._questionnaire.calculated:
                values.extend((element("dt", value.name), element("dd", value.words)))
            title = element("h2", self._say(CALCULATED))
            yield element("section", title, values, {"class": "calculated", "lang": self._questionnaire.instructions})
        if self._questionnaire.lists:
            lists = element("div", *map(self._code_list, self._questionnaire.lists), {"class": "code-lists"})
            yield element("section", element("h2", self._say(CODES)), lists, {"class": "codes"})

    def _code_list(self, code_list: CodeList) -> Element:
        used = element("span", f" – {numbers_line(code_list.used_by)}", {"class": "used"})
        pairs = element("dl")
        for choice in code_list.choices:
            pairs.append(element("dt", choice.code))
            pairs.append(element("dd", *rich(choice.label), dir="auto"))
        kind = "code-list long" if len(code_list.choices) > _UNBREAKABLE else "code-list"
        return element("div", element("h3", code_list.name, used), pairs, {"class": kind})


def _space(item: Item) -> Iterator[Element]:
    """Where the answer to a question without printed choices is written."""
    match item.answer:
        case Answer.DATE:
            yield answer_space("date")
        case Answer.TIME:
            yield answer_space("time")
        case Answer.DATETIME:
            yield answer_space("datetime")
        case Answer.ACKNOWLEDGE:
            yield element("span", MARKS[Answer.SEVERAL], {"class": "mark"})
        case Answer.INTEGER if item.digits:
            yield answer_space(f"digits {item.digits}")
        case Answer.SCALE if item.steps:
            yield element("div", *(element("span", step) for step in item.steps), {"class": "scale"})
        case Answer.TEXT | Answer.PLACE | Answer.SEVERAL:
            yield answer_space("line")
            yield answer_space("line")
        case _:
            yield answer_space("line")
