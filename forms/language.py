"""A language as XLSForm writes it, `Français (fr)`: its name, and the tag by which clients find it."""

import re

from forms.errors import FormError

DEFAULT_LANGUAGE = "default"
"""The language of texts that name none, as pyxform and KoboToolbox call it."""

# The tag in brackets is what XLSForm asks for (xlsform.org, "Multiple language support"); spaces are forgiven.
_TAGGED = re.compile(r"^(?P<name>.*?)\s*\(\s*(?P<tag>[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]+)*)\s*\)\s*$")
_TAG = re.compile(r"^[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*$")


class LanguageUnknown(FormError):
    """None of the languages there are is meant by what was asked for: the person who asked names it anew."""


def language_tag(language: str) -> str | None:
    """Return the BCP 47 tag that a language carries (`Français (fr)`, or `fr` itself), or None."""
    tagged = _TAGGED.match(language)
    if tagged:
        return tagged["tag"].replace("_", "-")
    # A name of two or three letters is a tag; `default` and `English` are names.
    return language.strip() if _TAG.match(language.strip()) and len(language.strip().split("-")[0]) <= 3 else None


def language_name(language: str) -> str:
    """Return the language without its tag."""
    tagged = _TAGGED.match(language)
    return tagged["name"] if tagged else language
