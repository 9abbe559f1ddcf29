"""Labels as spans of plain, bold and italic text: the part of ODK's Markdown and HTML that means something on paper.

ODK Collect and Enketo render a small Markdown and a few HTML tags in labels (docs.getodk.org/form-styling). Bold,
italic and line breaks are kept; colours, links and sizes are dropped with their marks, scripts with what is in them.
"""

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text in one face. A line break in it is a newline."""

    text: str
    is_bold: bool = False
    is_italic: bool = False


RichText = tuple[Span, ...]
"""A label as it is printed; empty where there is none."""

_BOLD_TAGS = frozenset({"b", "strong", "h1", "h2", "h3", "h4", "h5", "h6"})
_ITALIC_TAGS = frozenset({"i", "em"})
_LINE_TAGS = frozenset({"p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "tr"})
_TAGS = (
    _BOLD_TAGS
    | _ITALIC_TAGS
    | _LINE_TAGS
    | {"br", "hr", "span", "font", "u", "s", "big", "small", "sub", "sup", "a", "center", "img", "table", "td", "th"}
    | {"tbody", "thead", "audio", "video", "source", "svg", "input", "button", "form", "meta", "link", "base"}
)
# With what stands in them; an element that is never closed loses only its tag.
_DROPPED = re.compile(
    r"<!--.*?-->|<(?P<tag>script|style|iframe|object|embed|noscript|template)\b[^>]*>.*?</(?P=tag)\s*>",
    re.IGNORECASE | re.DOTALL,
)
_ORPHANS = ("script", "style", "iframe", "object", "embed", "noscript", "template")
_TAG = re.compile(r"<(?P<end>/?)(?P<name>[A-Za-z][A-Za-z0-9]*)(?:[\s/][^<>]*)?>")
_HEADING = re.compile(r"^[ \t]*#{1,6}[ \t]+(?P<text>.+?)[ \t]*#*$", re.MULTILINE)
_BULLET = re.compile(r"^[ \t]*[*+-][ \t]+(?=\S)", re.MULTILINE)
_LINK = re.compile(r"(?<!\\)!?\[(?P<text>[^\]\n]*)\]\((?P<target>[^)\s]+)\)")
# An underscore within a word (`hh_size`) is no mark, as in CommonMark.
_EMPHASIS = re.compile(
    r"\\(?P<escaped>[\\`*_{}\[\]()#+.!<>-])"
    r"|\*\*(?=\S)(?P<bold>.+?)(?<=\S)\*\*"
    r"|(?<!\w)__(?=\S)(?P<under_bold>.+?)(?<=\S)__(?!\w)"
    r"|(?<!\*)\*(?=[^\s*])(?P<italic>[^*\n]*?[^\s*])\*(?!\*)"
    r"|(?<!\w)_(?=[^\s_])(?P<under_italic>[^_\n]*?[^\s_])_(?!\w)"
)
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SPACES = re.compile(r"[ \t\r\f\v]+")
# French puts a space there; typed as a plain one it lets a line begin with `?`.
_FRENCH_SPACES = re.compile(r" (?=[?!:;»](?:\s|$))|(?<=«) ")


def rich_text(label: str) -> RichText:
    """Return a label as spans. Nothing that is not a known tag is lost: `age < 5` and `<name>` stay as written."""
    without_scripts = _DROPPED.sub("", label)
    marked = _LINK.sub(lambda link: link["text"], without_scripts)
    marked = _BULLET.sub("• ", _HEADING.sub(lambda heading: f"<b>{heading['text']}</b>", marked))
    return _tidied(_tagged_spans(marked))


def plain_text(spans: RichText) -> str:
    """The text of spans without their faces."""
    return "".join(span.text for span in spans)


def _tagged_spans(text: str) -> Iterator[Span]:
    bold = italic = 0
    start = 0
    for tag in _TAG.finditer(text):
        name, closes = tag["name"].lower(), tag["end"] == "/"
        if name not in _TAGS and name not in _ORPHANS:
            continue
        yield from _emphasised(text[start : tag.start()], is_bold=bold > 0, is_italic=italic > 0)
        start = tag.end()
        step = -1 if closes else 1
        if name in _BOLD_TAGS:
            bold = max(0, bold + step)
        elif name in _ITALIC_TAGS:
            italic = max(0, italic + step)
        if name in ("br", "hr") or name in _LINE_TAGS:
            yield Span("\n")
        if name == "li" and not closes:
            yield Span("• ")
    yield from _emphasised(text[start:], is_bold=bold > 0, is_italic=italic > 0)


def _emphasised(text: str, *, is_bold: bool, is_italic: bool) -> Iterator[Span]:
    """Spans of a text without tags; marks within marks are read again, each time a shorter text."""
    start = 0
    for mark in _EMPHASIS.finditer(text):
        yield Span(html.unescape(text[start : mark.start()]), is_bold, is_italic)
        start = mark.end()
        if mark["escaped"] is not None:
            yield Span(mark["escaped"], is_bold, is_italic)
        elif (bold := mark["bold"] or mark["under_bold"]) is not None:
            yield from _emphasised(bold, is_bold=True, is_italic=is_italic)
        elif (italic := mark["italic"] or mark["under_italic"]) is not None:
            yield from _emphasised(italic, is_bold=is_bold, is_italic=True)
    yield Span(html.unescape(text[start:]), is_bold, is_italic)


def _tidied(spans: Iterable[Span]) -> RichText:
    """Spans of one face joined, spaces and line breaks single, none at the ends."""
    joined: list[Span] = []
    for span in spans:
        text = _FRENCH_SPACES.sub("\u00a0", _SPACES.sub(" ", _without_controls(span.text)))
        if not text:
            continue
        if joined and (joined[-1].is_bold, joined[-1].is_italic) == (span.is_bold, span.is_italic):
            text = joined.pop().text + text
        joined.append(Span(text, span.is_bold, span.is_italic))
    tidy: list[Span] = []
    ends_line = True
    for span in joined:
        text = re.sub(r" ?\n[ \n]*", "\n", span.text)
        text = text.lstrip("\n ") if ends_line else text
        if text:
            ends_line = text.endswith("\n")
            tidy.append(Span(text, span.is_bold, span.is_italic))
    while tidy:
        last = tidy.pop()
        text = last.text.rstrip()
        if text:
            return (*tidy, Span(text, last.is_bold, last.is_italic))
    return ()


def _without_controls(text: str) -> str:
    """The text without characters that XML cannot hold (a numeric entity may have made one)."""
    return _NOT_IN_XML.sub("", text)
