"""Texts that match a regular expression, for the part of Java's syntax that questionnaires use.

Literals, classes, escapes, groups, alternatives and counts. Look-aheads, back-references and anchors are read and
passed over: the text may then be refused, and another is drawn.
"""

import random
import string
from collections.abc import Callable
from dataclasses import dataclass

MORE = 4
"""How many more than its minimum a count without a maximum (`*`, `+`, `{2,}`) draws at most."""

_CLASSES = {
    "d": string.digits,
    "w": string.ascii_lowercase + string.digits,
    "s": " ",
    "D": string.ascii_lowercase,
    "W": "-",
    "S": string.ascii_lowercase,
}
_PROPERTIES = {"L": string.ascii_letters, "Lu": string.ascii_uppercase, "Ll": string.ascii_lowercase}
_PROPERTIES |= {"N": string.digits, "Nd": string.digits, "P": ".-", "Punct": ".-", "Digit": string.digits}
_PROPERTIES |= {"Alpha": string.ascii_letters, "Upper": string.ascii_uppercase, "Lower": string.ascii_lowercase}
_PRINTABLE = "".join(map(chr, range(32, 127)))

Draw = Callable[[random.Random], str]


class PatternUnread(ValueError):
    """A regular expression that breaks off or uses what is not read here."""


def pattern_text(pattern: str, dice: random.Random) -> str:
    """Return a text that the whole pattern matches. Raises PatternUnread."""
    return _compiled(pattern)(dice)


def _compiled(pattern: str) -> Draw:
    reading = _Reading(pattern)
    draw = reading.alternatives()
    if reading.rest:
        raise PatternUnread(pattern)
    return draw


@dataclass
class _Reading:
    """A pattern read from left to right."""

    rest: str

    def alternatives(self) -> Draw:
        branches = [self._branch()]
        while self._takes("|"):
            branches.append(self._branch())
        return lambda dice: dice.choice(branches)(dice)

    def _branch(self) -> Draw:
        parts: list[Draw] = []
        while self.rest and self.rest[0] not in "|)":
            part = self._atom()
            least, most = self._count()
            parts.append(_repeated(part, least, most))
        return lambda dice: "".join(part(dice) for part in parts)

    def _atom(self) -> Draw:
        character = self._take()
        match character:
            case "^" | "$":
                return _nothing
            case ".":
                return _one_of(string.ascii_lowercase)
            case "[":
                return _one_of(self._class())
            case "(":
                return self._group()
            case "\\":
                return self._escape()
            case _:
                return lambda _: character

    def _group(self) -> Draw:
        is_ahead = False
        if self._takes("?"):
            is_ahead = self.rest[:1] in ("=", "!", "<") and not self.rest.startswith("<a")
            while self.rest and self._take() not in ":=!>)":
                pass
        inside = self.alternatives()
        if not self._takes(")"):
            raise PatternUnread(self.rest)
        return _nothing if is_ahead else inside

    def _escape(self) -> Draw:
        character = self._take()
        if character in "bBAzZG":
            return _nothing
        if character in "123456789":
            raise PatternUnread(self.rest)
        letters = self._escaped(character)
        return _one_of(letters)

    def _escaped(self, character: str) -> str:
        if character in "pP":
            name = self._between("{", "}") if self.rest.startswith("{") else self._take()
            return _PROPERTIES.get(name.removeprefix("Is"), string.ascii_lowercase)
        if character == "u":
            digits, self.rest = self.rest[:4], self.rest[4:]
            return chr(int(digits, 16))
        return _CLASSES.get(character) or {"t": "\t", "n": "\n", "r": "\r"}.get(character, character)

    def _class(self) -> str:
        is_negated = self._takes("^")
        letters = ""
        first = True
        while first or not self.rest.startswith("]"):
            first = False
            character = self._take()
            if character == "[":
                letters += self._class()
                continue
            if character == "\\":
                letters += self._escaped(self._take())
                continue
            if self.rest.startswith("-") and not self.rest.startswith("-]"):
                self._take()
                letters += "".join(map(chr, range(ord(character), ord(self._take()) + 1)))
                continue
            letters += character
        self._take()
        if is_negated:
            left = [letter for letter in string.ascii_lowercase + _PRINTABLE if letter not in letters]
            return "".join(left) or "é"
        return letters

    def _count(self) -> tuple[int, int]:
        least, most = 1, 1
        if self.rest[:1] in ("*", "+", "?"):
            sign = self._take()
            least, most = {"*": (0, MORE), "+": (1, 1 + MORE), "?": (0, 1)}[sign]
        elif self.rest.startswith("{"):
            low, comma, high = self._between("{", "}").partition(",")
            try:
                least = int(low or 0)
                most = int(high) if high.strip() else (least + MORE if comma else least)
            except ValueError as error:
                raise PatternUnread(self.rest) from error
        if self.rest[:1] in ("?", "+") and (least, most) != (1, 1):
            self._take()  # lazy or possessive: the same texts
        return least, max(least, most)

    def _between(self, opening: str, closing: str) -> str:
        inside, found, self.rest = self.rest.removeprefix(opening).partition(closing)
        if not found:
            raise PatternUnread(inside)
        return inside

    def _take(self) -> str:
        if not self.rest:
            raise PatternUnread("")
        character, self.rest = self.rest[0], self.rest[1:]
        return character

    def _takes(self, sign: str) -> bool:
        if not self.rest.startswith(sign):
            return False
        self.rest = self.rest[len(sign) :]
        return True


def _nothing(_dice: random.Random) -> str:
    return ""


def _one_of(letters: str) -> Draw:
    if not letters:
        raise PatternUnread(letters)
    return lambda dice: dice.choice(letters)


def _repeated(part: Draw, least: int, most: int) -> Draw:
    return lambda dice: "".join(part(dice) for _ in range(dice.randint(least, most)))
