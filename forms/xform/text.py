"""The words of an XForm: its translations, and the labels, hints and messages that point into them.

An XForm says a text either in place or by `jr:itext('id')`, once per language.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from lxml import etree

from forms.language import DEFAULT_LANGUAGE
from forms.xml import local_name

_ITEXT = re.compile(r"^\s*jr:itext\(\s*['\"](?P<id>.+?)['\"]\s*\)\s*$", re.DOTALL)
_SIMPLE_PATH = re.compile(r"^[\w./:-]+$")
# pyxform writes this where a language has no text for a label.
_NO_TEXT = "-"
_MEDIA_FORMS = frozenset({"image", "big-image", "audio", "video"})


@dataclass(frozen=True)
class Words:
    """All texts of a form by id and language, and the names of the media they show.

    languages: the default one first; (`default`,) for a form without translations.
    """

    languages: tuple[str, ...] = (DEFAULT_LANGUAGE,)
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    media: tuple[str, ...] = ()

    def of_id(self, text_id: str) -> dict[str, str]:
        """The text of that id by language, without the languages that lack it."""
        found = self.texts.get(text_id, {})
        return {language: found[language] for language in self.languages if language in found}

    def of_reference(self, text: str) -> dict[str, str]:
        """The labels that an attribute's value gives: an itext reference, or the text itself."""
        reference = _ITEXT.match(text)
        if reference:
            return self.of_id(reference.group("id"))
        return {self.languages[0]: text.strip()} if text.strip() else {}

    def of_child(self, parent: etree._Element, name: str) -> dict[str, str]:
        """The labels that a child element (`label`, `hint`) of a control, group or item gives."""
        child = next((child for child in parent.iterchildren("*") if local_name(child) == name), None)
        if child is None:
            return {}
        reference = child.get("ref")
        if reference is not None and _ITEXT.match(reference):
            return self.of_reference(reference)
        text = written_text(child)
        return {self.languages[0]: text} if text else {}


def read_words(model: etree._Element) -> Words:
    """Return the translations of a form's model; a form without any has the language `default`."""
    itext = next((child for child in model.iterchildren("*") if local_name(child) == "itext"), None)
    if itext is None:
        return Words()
    languages: list[str] = []
    texts: dict[str, dict[str, str]] = {}
    media: dict[str, None] = {}
    for translation in _children(itext, "translation"):
        language = translation.get("lang") or DEFAULT_LANGUAGE
        if language not in languages:
            is_default = (translation.get("default") or "").strip() not in ("", "false()")
            languages.insert(0 if is_default else len(languages), language)
        for text in _children(translation, "text"):
            said, shown = _values(text)
            media.update(dict.fromkeys(shown))
            if said:
                texts.setdefault(text.get("id") or "", {})[language] = said
    return Words(tuple(languages) or (DEFAULT_LANGUAGE,), texts, tuple(media))


def written_text(element: etree._Element) -> str:
    """The text of an element, an `<output>` within it written as a designer would: `${name}`."""
    parts = [element.text or ""]
    for child in element:
        if isinstance(child.tag, str):
            value = child.get("value") or child.get("ref")
            parts.append(_written_value(value) if local_name(child) == "output" and value else written_text(child))
        parts.append(child.tail or "")
    return "".join(parts).strip()


def _written_value(value: str) -> str:
    path = value.strip()
    return f"${{{path.rsplit('/', 1)[-1]}}}" if _SIMPLE_PATH.match(path) else f"{{{path}}}"


def _values(text: etree._Element) -> tuple[str, list[str]]:
    """What one entry says (its long form before its short one) and the media it shows."""
    by_form: dict[str, str] = {}
    media: list[str] = []
    for value in _children(text, "value"):
        form = value.get("form") or ""
        said = written_text(value)
        if form in _MEDIA_FORMS:
            media.append(said.rsplit("/", 1)[-1])
        elif said and said != _NO_TEXT:
            by_form.setdefault(form, said)
    return by_form.get("") or by_form.get("long") or by_form.get("short") or "", [name for name in media if name]


def _children(parent: etree._Element, name: str) -> list[etree._Element]:
    return [child for child in parent.iterchildren("*") if local_name(child) == name]
