"""Conditions in words: `Q3 is ‘Yes’ and Q7 is 18 or more`, in French and English, with numbers and labels.

What cannot be said well stands as its expression, with question numbers in place of paths. The phrases themselves
are `forms.paper.phrases`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from forms.paper.numbering import path_from
from forms.paper.operands import (
    Bound,
    Measure,
    bare,
    bound,
    constant,
    operand,
    operands_of,
    without_wrapping,
)
from forms.paper.phrases import AND, OR, Phrases
from forms.xpath import (
    Binary,
    Call,
    Negation,
    Number,
    Path,
    Text,
    XPath,
    XPathInvalid,
    parse_xpath,
    text_of,
    walk,
)

_OPPOSITE = {"=": "!=", "!=": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
# Beyond it a condition is no sentence any more, and its tree may be too deep to walk by recursion.
_MAX_NODES = 600


@dataclass(frozen=True, slots=True)
class Choosing:
    """Answers of one question that a clause asks for, or excludes."""

    path: str
    code: str
    is_denied: bool


def parsed(expression: str) -> XPath | None:
    """The tree of a condition; None for one that cannot be read, or is too long to be said."""
    try:
        tree = parse_xpath(expression)
    except XPathInvalid:
        return None
    return tree if sum(1 for _ in walk(tree)) <= _MAX_NODES else None


@dataclass(frozen=True)
class Conditions:
    """Says the conditions of a form."""

    phrases: Phrases

    def said(self, expression: str, here: str) -> str:
        """A condition in words, to stand behind `only if`. here: path of the node it is bound to."""
        tree = parsed(expression)
        return self.phrases.as_written(expression) if tree is None else self.tree_said(tree, here)

    def tree_said(self, tree: XPath, here: str) -> str:
        """A condition in words."""
        return self._said(tree, here, denied=False, within="")

    def value(self, tree: XPath, here: str) -> str:
        """A limit in words: a number, `today`, `Q5`, or its expression with question numbers."""
        known = constant(tree)
        if known is not None:
            return known
        core = bare(tree)
        match core:
            case Call("today" | "now", ()):
                return self.phrases.say("today", "aujourd'hui")
            case Call("if", (condition, then, otherwise)):
                met = self.tree_said(condition, here)
                one, other = self.value(then, here) or "–", self.value(otherwise, here) or "–"
                return self.phrases.say(f"{one} if {met}, otherwise {other}", f"{one} si {met}, sinon {other}")
            case _:
                path = path_from(core, here) if isinstance(core, Path) else None
                return self.phrases.subject(path, here) if path is not None else text_of(self._numbered(core, here))

    def choosing(self, tree: XPath, here: str, *, denied: bool = False) -> Choosing | None:
        """Which choice a single clause asks for or excludes; None where it is about anything else."""
        tree = without_wrapping(tree)
        while isinstance(tree, Call) and tree.function == "not" and len(tree.arguments) == 1:
            tree, denied = without_wrapping(tree.arguments[0]), not denied
        if isinstance(tree, Call) and tree.function in ("selected", "jr:selected") and len(tree.arguments) == 2:
            about, code = operand(tree.arguments[0], here), constant(tree.arguments[1])
            return Choosing(about.path, code, denied) if about and about.measure is Measure.VALUE and code else None
        bounded = bound(tree, here)
        if bounded is None or bounded.operator not in ("=", "!=") or bounded.operand.measure is not Measure.VALUE:
            return None
        code = constant(bounded.limit)
        # Of a question that takes several answers `=` asks for this answer and no other: that is said otherwise.
        path = bounded.operand.path
        if not code or not self.phrases.has_choices(path) or self.phrases.is_several(path):
            return None
        return Choosing(path, code, denied != (bounded.operator == "!="))

    def _said(self, tree: XPath, here: str, *, denied: bool, within: str) -> str:
        """A condition or its opposite in words; in brackets where it is an `or` within an `and`, or the reverse."""
        tree = without_wrapping(tree)
        if isinstance(tree, Call) and tree.function == "not" and len(tree.arguments) == 1:
            return self._said(tree.arguments[0], here, denied=not denied, within=within)
        if not isinstance(tree, Binary) or tree.operator not in ("and", "or"):
            return self._clause(tree, here, denied=denied)
        # Not (a or b) is: not a, and not b.
        means = tree.operator if not denied else {"and": "or", "or": "and"}[tree.operator]
        clauses = self._clauses(operands_of(tree), here, denied=denied, means=means)
        conjunction = (OR if means == "or" else AND).in_language(self.phrases.numbering.instructions)
        whole = f" {conjunction} ".join(dict.fromkeys(clauses))
        return f"({whole})" if len(clauses) > 1 and within not in ("", means) else whole

    def _clauses(self, parts: Sequence[XPath], here: str, *, denied: bool, means: str) -> list[str]:
        """The clauses in words; several about one question become one: `Q3 is A or B`, `Q7 is from 18 to 59`."""
        choosings = [self.choosing(part, here, denied=denied) for part in parts]
        bounds = [bound(part, here) if not denied and means == "and" else None for part in parts]
        clauses: list[str] = []
        done: set[int] = set()
        for place, part in enumerate(parts):
            if place in done:
                continue
            choosing, bounded = choosings[place], bounds[place]
            if choosing is not None:
                alike = self._alike(choosing, choosings, means) or [place]
                done.update(alike)
                codes = tuple(dict.fromkeys(c.code for c in (choosings[other] for other in alike) if c is not None))
                clauses.append(self._choosing_said(choosing, codes, here, means))
                continue
            closing = _closing(bounded, bounds)
            if bounded is not None and closing is not None:
                done.add(closing)
                clauses.append(self._range_said(bounded, bounds[closing], here))
            else:
                clauses.append(self._said(part, here, denied=denied, within=means))
        return clauses

    def _alike(self, choosing: Choosing, others: Sequence[Choosing | None], means: str) -> list[int]:
        """Places of the clauses that can be said in one with this; empty where each must be said for itself.

        One of several (`or` of what is asked for) and none of several (`and` of what is excluded) can; so can all of
        several, of a question that takes several answers.
        """
        if choosing.is_denied != (means == "and") and not (
            means == "and" and not choosing.is_denied and self.phrases.is_several(choosing.path)
        ):
            return []
        return [
            place
            for place, other in enumerate(others)
            if other is not None and (other.path, other.is_denied) == (choosing.path, choosing.is_denied)
        ]

    def _choosing_said(self, choosing: Choosing, codes: Sequence[str], here: str, means: str) -> str:
        if choosing.is_denied:
            return self.phrases.not_chosen(choosing.path, here, codes)
        if means == "and":
            return (
                self.phrases.chosen_of_both(choosing.path, here, codes)
                if len(codes) > 1
                else self.phrases.chosen(choosing.path, here, codes)
            )
        return self.phrases.chosen(choosing.path, here, codes)

    def _range_said(self, one: Bound, other: Bound | None, here: str) -> str:
        low, high = (one, other) if one.operator == ">=" else (other, one)
        if low is None or high is None:
            raise LookupError("a range has two ends")
        return self.phrases.between(one.operand.path, here, self.value(low.limit, here), self.value(high.limit, here))

    def _clause(self, tree: XPath, here: str, *, denied: bool) -> str:
        choosing = self.choosing(tree, here, denied=denied)
        if choosing is not None:
            return self._choosing_said(choosing, (choosing.code,), here, "or")
        bounded = bound(tree, here)
        if bounded is not None:
            return self._bound_said(bounded, here, denied=denied)
        said = self._call_said(tree, here, denied=denied)
        if said is not None:
            return said
        written = text_of(self._numbered(tree, here))
        return self.phrases.say(f"not ({written})", f"non ({written})") if denied else written

    def _call_said(self, tree: XPath, here: str, *, denied: bool) -> str | None:
        """A question alone (`Q3 is answered`), a constant, or a function there are words for; None for all else."""
        match tree:
            case Call("true" | "false", ()):
                holds = (tree.function == "true") != denied
                return self.phrases.say("always", "toujours") if holds else self.phrases.say("never", "jamais")
            case Call("starts-with" | "contains" | "ends-with", (one, other)):
                about, text = operand(one, here), constant(other)
                if about is None or not text or about.measure is not Measure.VALUE:
                    return None
                return self.phrases.part_of_text(tree.function, about.path, here, text, denied=denied)
            case _:
                about = operand(tree, here)
                if about is None or about.measure is not Measure.VALUE:
                    return None
                return self.phrases.answered(about.path, here, is_answered=not denied)

    def _bound_said(self, bounded: Bound, here: str, *, denied: bool) -> str:
        operator = _OPPOSITE[bounded.operator] if denied else bounded.operator
        path = bounded.operand.path
        limit = self.value(bounded.limit, here)
        if bounded.operand.measure is not Measure.VALUE:
            return self._measure_said(bounded, operator, limit, here)
        if limit == "":
            return self.phrases.answered(path, here, is_answered=operator != "=")
        if operator in ("=", "!=") and constant(bounded.limit) is not None and self.phrases.has_choices(path):
            return self.phrases.compared(path, here, operator, self.phrases.choice(path, limit))
        is_words = isinstance(bare(bounded.limit), Text) and not _is_number(limit)
        shown = self.phrases.quoted(limit) if is_words and not self.phrases.is_date(path) else limit
        return self.phrases.compared(path, here, operator, shown)

    def _measure_said(self, bounded: Bound, operator: str, limit: str, here: str) -> str:
        phrases, measure = self.phrases, bounded.operand.measure
        is_none = (operator, limit) in ((("="), "0"), ("<", "1"), ("<=", "0"))
        is_some = (operator, limit) in ((">", "0"), (">=", "1"), ("!=", "0"))
        if measure is not Measure.ENTRIES and (is_none or is_some):
            return phrases.answered(bounded.operand.path, here, is_answered=is_some)
        counted = phrases.counted(measure, operator, limit)
        if bounded.operand.path == here:
            return phrases.say(f"there are {counted}", f"il y a {counted}")
        subject = phrases.subject(bounded.operand.path, here)
        return phrases.say(f"{subject} has {counted}", f"{subject} a {counted}")

    def _numbered(self, tree: XPath, here: str) -> XPath:
        """The expression with a question's number in the place of its path."""
        match tree:
            case Path() if (path := path_from(tree, here)) is not None:
                # A number is written as it stands, so `Q12` comes out without quotes.
                return Number("." if path == here else self.phrases.subject(path, here))
            case Call("pulldata", (Text(file), Text(column), Text(_), key)):
                of_what = text_of(self._numbered(key, here))
                return Number(
                    self.phrases.say(f"{column} of {of_what} in {file}.csv", f"{column} de {of_what} dans {file}.csv")
                )
            case Call(function, arguments):
                return Call(function, tuple(self._numbered(argument, here) for argument in arguments))
            case Binary(operator, left, right):
                return Binary(operator, self._numbered(left, here), self._numbered(right, here))
            case Negation(inside):
                return Negation(self._numbered(inside, here))
            case _:
                return tree


def _closing(bounded: Bound | None, others: Sequence[Bound | None]) -> int | None:
    """The place of the other end of a range; None where this is no end of one."""
    if bounded is None or bounded.operator not in (">=", "<=") or bounded.operand.measure is not Measure.VALUE:
        return None
    opposite = "<=" if bounded.operator == ">=" else ">="
    return next(
        (
            place
            for place, other in enumerate(others)
            if other is not None and (other.operand, other.operator) == (bounded.operand, opposite)
        ),
        None,
    )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
