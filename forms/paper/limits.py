"""What an answer may be, in words, from its constraint: `from 18 to 99`, `at most 3 answers`.

What no phrase fits is said by the form's own constraint message, and without one as a condition.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from forms.form import Question
from forms.paper.conditions import Conditions, parsed
from forms.paper.numbering import label_in, path_from
from forms.paper.operands import Bound, Measure, Operand, bare, bound, constant, operand, operands_of, without_wrapping
from forms.paper.phrases import AND, OR
from forms.paper.rich_text import plain_text, rich_text
from forms.xpath import Binary, Call, Text, XPath, functions_called

_ORDER = {">": 0, ">=": 0, "<": 1, "<=": 1}


@dataclass(frozen=True)
class Limits:
    """Says the constraints of a form."""

    conditions: Conditions

    def said(self, question: Question) -> str | None:
        """What the answer to a question may be; None where anything may."""
        if question.constraint is None:
            return None
        tree = parsed(question.constraint)
        phrased = self._phrased(tree, question.path) if tree is not None else None
        phrases = self.conditions.phrases
        message = label_in(question.constraint_messages, phrases.numbering.language)
        words = " ".join(plain_text(rich_text(phrases.numbering.filled(message))).split())
        # A pattern says little to people; a message in another language says less.
        is_explained = phrases.numbering.language in question.constraint_messages
        has_pattern = tree is not None and "regex" in functions_called(tree)
        if phrased is not None and not (has_pattern and is_explained and words):
            return phrased
        return words or self.conditions.said(question.constraint, question.path)

    def _phrased(self, tree: XPath, here: str) -> str | None:
        """The constraint in words where each of its parts has some, else None."""
        tree = without_wrapping(tree)
        if isinstance(tree, Binary) and tree.operator == "or":
            return self._one_of(operands_of(tree), here)
        parts = operands_of(tree) if isinstance(tree, Binary) and tree.operator == "and" else (tree,)
        # As one says it: first from where on, then up to where.
        parts = tuple(
            sorted(parts, key=lambda part: _ORDER.get(about.operator, 2) if (about := bound(part, here)) else 3)
        )
        bounds = [bound(part, here) for part in parts]
        phrases: list[str] = []
        done: set[int] = set()
        for place, part in enumerate(parts):
            if place in done:
                continue
            other = _other_end(place, bounds)
            phrase = None
            if other is not None:
                done.add(other)
                phrase = self._range(bounds[place], bounds[other], here)
            elif (bounded := bounds[place]) is not None:
                phrase = self._bounded(bounded, here)
            else:
                phrase = self._exclusion(part, here) or self._pattern(part, here)
                if phrase is None and isinstance(part, Binary) and part.operator == "or":
                    phrase = self._one_of(operands_of(part), here)
            if phrase is None:
                return None
            phrases.append(phrase)
        if all(about is not None for about in bounds):
            return self.conditions.phrases.joined(phrases, AND)
        return self.conditions.phrases.say("; ", "\u00a0; ").join(phrases)

    def _one_of(self, parts: Sequence[XPath], here: str) -> str | None:
        """`from 0 to 120, or 999`."""
        said = []
        for part in parts:
            about = bound(part, here)
            limit = constant(about.limit) if about is not None else None
            if about is not None and limit and (about.operand.path, about.operator) == (here, "="):
                if about.operand.measure is not Measure.VALUE or self.conditions.phrases.has_choices(here):
                    return None
                said.append(limit)
            elif (phrase := self._phrased(part, here)) is not None:
                said.append(phrase)
            else:
                return None
        return self.conditions.phrases.joined(said, OR)

    def _range(self, one: Bound | None, other: Bound | None, here: str) -> str | None:
        if one is None or other is None:
            return None
        low, high = (one, other) if one.operator == ">=" else (other, one)
        first, last = self._limit(low.limit, here), self._limit(high.limit, here)
        phrases = self.conditions.phrases
        if one.operand.measure is not Measure.VALUE:
            counted = phrases.counted(one.operand.measure, "<=", last).split(" ")[-1]
            return phrases.say(f"{first} to {last} {counted}", f"de {first} à {last} {counted}")
        return phrases.say(f"from {first} to {last}", f"de {first} à {last}")

    def _bounded(self, bounded: Bound, here: str) -> str | None:
        """`18 or more`, `not after today`, `at most 3 answers`; None for a comparison that is about another answer."""
        phrases = self.conditions.phrases
        if bounded.operand.path != here:
            return None
        limit = self._limit(bounded.limit, here)
        if bounded.operand.measure is not Measure.VALUE:
            return phrases.counted(bounded.operand.measure, bounded.operator, limit)
        if limit == "" or phrases.has_choices(here):
            return None
        if phrases.is_date(here) and bounded.operator not in ("=", "!="):
            english, french = {
                "<": (f"before {limit}", f"avant {limit}"),
                "<=": (f"not after {limit}", f"pas après {limit}"),
                ">": (f"after {limit}", f"après {limit}"),
                ">=": (f"not before {limit}", f"pas avant {limit}"),
            }[bounded.operator]
            return phrases.say(english, french)
        if constant(bounded.limit) is None and bounded.operator in ("<=", ">="):
            english, french = ("at most", "au plus") if bounded.operator == "<=" else ("at least", "au moins")
            return phrases.say(f"{english} {limit}", f"{french} {limit}")
        english, french = {
            "=": (f"{limit} only", f"{limit} seulement"),
            "!=": (f"not {limit}", f"pas {limit}"),
            "<": (f"less than {limit}", f"moins de {limit}"),
            "<=": (f"{limit} or less", f"{limit} ou moins"),
            ">": (f"more than {limit}", f"plus de {limit}"),
            ">=": (f"{limit} or more", f"{limit} ou plus"),
        }[bounded.operator]
        return phrases.say(english, french)

    def _limit(self, tree: XPath, here: str) -> str:
        """A limit in words: `18`, `today`, `the answer to Q5`."""
        path = path_from(bare(tree), here)
        if path is not None and path in self.conditions.phrases.numbering.questions:
            number = self.conditions.phrases.numbering.reference(path)
            return self.conditions.phrases.say(f"the answer to {number}", f"la réponse à {number}")
        return self.conditions.value(tree, here)

    def _pattern(self, tree: XPath, here: str) -> str | None:
        """`of the form [0-9]{8}` for regex(., ...), else None."""
        match without_wrapping(tree):
            case Call("regex", (one, Text(pattern))) if operand(one, here) == Operand(here):
                return self.conditions.phrases.say(f"of the form {pattern}", f"de la forme {pattern}")
            case _:
                return None

    def _exclusion(self, tree: XPath, here: str) -> str | None:
        """`‘None’ excludes other answers` for not(selected(., 'none') and count-selected(.) > 1), else None."""
        tree = without_wrapping(tree)
        if not isinstance(tree, Call) or tree.function != "not" or len(tree.arguments) != 1:
            return None
        inside = without_wrapping(tree.arguments[0])
        if not isinstance(inside, Binary) or inside.operator != "and":
            return None
        parts = operands_of(inside)
        if len(parts) != 2:
            return None
        for chosen, counted in (parts, parts[::-1]):
            codes = self._codes(chosen, here)
            if codes and _is_more_than_one(counted, here):
                phrases = self.conditions.phrases
                names = phrases.joined([phrases.choice(here, code) for code in codes], AND)
                one = len(codes) == 1
                return phrases.say(
                    f"{names} {'excludes' if one else 'each exclude'} the other answers",
                    f"{names} {'exclut' if one else 'excluent chacun'} les autres réponses",
                )
        return None

    def _codes(self, tree: XPath, here: str) -> Sequence[str]:
        """The choices of this question that a clause, or an `or` of clauses, asks for; empty where it asks for more."""
        tree = without_wrapping(tree)
        parts = operands_of(tree) if isinstance(tree, Binary) and tree.operator == "or" else (tree,)
        choosings = [self.conditions.choosing(part, here) for part in parts]
        codes = [c.code for c in choosings if c is not None and c.path == here and not c.is_denied]
        return codes if len(codes) == len(parts) else []


def _is_more_than_one(tree: XPath, here: str) -> bool:
    about = bound(tree, here)
    if about is None or (about.operand.path, about.operand.measure) != (here, Measure.CHOSEN):
        return False
    return (about.operator, constant(about.limit)) in ((">", "1"), (">=", "2"), ("!=", "1"))


def _other_end(place: int, bounds: Sequence[Bound | None]) -> int | None:
    """The place of the other end of the range that begins here, or None."""
    bounded = bounds[place]
    if bounded is None or bounded.operator not in (">=", "<="):
        return None
    opposite = "<=" if bounded.operator == ">=" else ">="
    return next(
        (
            other
            for other, candidate in enumerate(bounds)
            if other > place
            and candidate is not None
            and (candidate.operand, candidate.operator) == (bounded.operand, opposite)
        ),
        None,
    )
