"""The small parts of the printed HTML: elements made of escaped text, choices to tick, spaces to write in."""

from typing import TypeAlias

from lxml import etree

from forms.paper.parts import Answer, Item, PrintedChoice
from forms.paper.rich_text import RichText
from forms.paper.sheet_words import IF_ANSWER, MARKS
from forms.text import Language

Element: TypeAlias = etree._Element  # noqa: SLF001 - lxml has no public name for the type
Content: TypeAlias = "str | Element | dict[str, str]"


def element(tag: str, *content: Content, **attributes: str) -> Element:
    """Return an element with the contents in order; a dict among them holds attributes. Text stays text."""
    made = etree.Element(tag, dict(attributes))
    for part in content:
        if isinstance(part, dict):
            for key, value in part.items():
                made.set(key, value)
        elif isinstance(part, str):
            if len(made):
                made[-1].tail = (made[-1].tail or "") + part
            else:
                made.text = (made.text or "") + part
        else:
            made.append(part)
    return made


def rich(spans: RichText) -> list[Content]:
    """Spans as text, `b`, `i` and `br`."""
    content: list[Content] = []
    for span in spans:
        lines = span.text.split("\n")
        inside: list[Content] = [lines[0]]
        for line in lines[1:]:
            inside += [element("br"), line]
        if span.is_italic:
            inside = [element("i", *inside)]
        content += [element("b", *inside)] if span.is_bold else inside
    return content


def choice_list(item: Item, instructions: Language, *, in_columns: bool) -> Element:
    """The choices of a question, each with its mark, its code and where to go on after it."""
    listed = element("ul", {"class": "choices columns" if in_columns else "choices"})
    under = ""
    for choice in item.choices:
        if choice.under and choice.under != under:
            listed.append(element("li", f"{IF_ANSWER.in_language(instructions)} {choice.under}", {"class": "under"}))
        under = choice.under
        listed.append(_choice(item, choice))
    return listed


def answer_space(kind: str) -> Element:
    """A space to write in: `line`, `date`, `time`, `datetime`, or boxes for digits: `digits 3`."""
    match kind.split():
        case ["digits", count]:
            return _boxes(int(count))
        case ["date"]:
            return _boxes(2, "/", 2, "/", 4)
        case ["time"]:
            return _boxes(2, ":", 2)
        case ["datetime"]:
            return element("div", _boxes(2, "/", 2, "/", 4), "   ", _boxes(2, ":", 2))
        case _:
            return element("div", {"class": "line"})


def _boxes(*groups: int | str) -> Element:
    """Boxes for so many digits, with signs between them."""
    whole = element("span", {"class": "digits"})
    for group in groups:
        if isinstance(group, str):
            whole.append(element("b", group))
        else:
            whole.extend(element("i") for _ in range(group))
    return whole


def _choice(item: Item, choice: PrintedChoice) -> Element:
    line = element("li")
    if item.answer is Answer.RANK:
        line.append(element("span", {"class": "mark box"}))
    else:
        line.append(element("span", MARKS[item.answer], {"class": "mark"}))
    line.append(element("span", *rich(choice.label), dir="auto"))
    line.append(element("span", {"class": "leader"}))
    line.append(element("span", choice.code, {"class": "code"}))
    if choice.go_to is not None:
        line.append(element("span", f"→ {choice.go_to}", {"class": "go"}))
    return line
