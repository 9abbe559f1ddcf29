"""Read the text of an XPath expression into its tree: recursive descent, binary operators by how tightly they bind.

Source: XPath 1.0. Beyond it `${age}` is read as well, so that an expression can be read before it is compiled; short
of it, a path cannot start at a number or a text, since what was meant is a division.
"""

from forms.text import Bilingual
from forms.xpath.slips import decimal_comma, ends_too_early, missing_operand, missing_operator, unclosed, unknown_axis
from forms.xpath.tokens import Token, TokenKind, XPathInvalid, tokens_of
from forms.xpath.tree import (
    ANY_NODE,
    DESCENDANTS,
    PARENT,
    PRECEDENCE,
    SELF,
    Binary,
    Call,
    Filtered,
    Negation,
    Number,
    Path,
    Step,
    Text,
    Variable,
    XPath,
)

MAX_DEPTH = 80
"""Brackets and signs within one another: far beyond what a person writes, far below Python's stack."""

AXES = frozenset(
    (
        "ancestor",
        "ancestor-or-self",
        "attribute",
        "child",
        "descendant",
        "descendant-or-self",
        "following",
        "following-sibling",
        "namespace",
        "parent",
        "preceding",
        "preceding-sibling",
        "self",
    )
)

# What a path cannot start at: what follows the slash was meant as a divisor.
_NO_NODES = Number | Text | Negation


def parse_xpath(text: str) -> XPath:
    """Return the tree of an expression.

    Raises XPathInvalid, which says in French and English what is wrong and where.
    """
    return _Parser(text).whole()


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = tokens_of(text)
        self._place = 0
        self._depth = 0

    def whole(self) -> XPath:
        if self._peek().kind is TokenKind.END:
            raise XPathInvalid(Bilingual("The expression is empty.", "L'expression est vide."), 0)
        tree = self._expression(0)
        if self._peek().kind is not TokenKind.END:
            raise self._leftover()
        return tree

    def _peek(self) -> Token:
        return self._tokens[self._place]

    def _take(self) -> Token:
        token = self._tokens[self._place]
        self._place += 1
        return token

    def _takes(self, sign: str) -> bool:
        """Take the next token if it is this sign, and say whether it was."""
        if self._peek().is_sign(sign):
            self._place += 1
            return True
        return False

    def _operator(self) -> str:
        token = self._peek()
        return token.value if token.kind is TokenKind.OPERATOR else ""

    def _expression(self, loosest: int) -> XPath:
        """Operands joined by operators that bind at least as tightly as `loosest`."""
        left = self._unary()
        while (level := PRECEDENCE.get(self._operator(), -1)) >= loosest:
            operator = self._take().value
            left = Binary(operator, left, self._expression(level + 1))
        return left

    def _unary(self) -> XPath:
        if self._operator() == "-":
            self._deeper(self._take())
            operand = self._unary()
            self._depth -= 1
            return Negation(operand)
        left = self._path()
        while self._operator() == "|":
            self._take()
            left = Binary("|", left, self._path())
        return left

    def _path(self) -> XPath:
        token = self._peek()
        if token.is_sign("/") or token.is_sign("//"):
            self._refuse_division(None)
            return Path(self._steps_after_slash(may_be_root=True), is_absolute=True)
        if self._starts_step():
            return Path(self._steps())
        start = self._filtered()
        if self._peek().is_sign("/") or self._peek().is_sign("//"):
            self._refuse_division(start)
            return Path(self._steps_after_slash(may_be_root=False), of=start)
        return start

    def _refuse_division(self, start: XPath | None) -> None:
        """Raise where a slash was written to divide: `10 / ${a}`, `${a} / 2`."""
        slash, behind = self._tokens[self._place : self._place + 2]
        before = self._tokens[self._place - 1] if self._place else None
        after_operand = before is not None and before.ends_operand
        no_step = behind.kind in (TokenKind.NUMBER, TokenKind.TEXT, TokenKind.VARIABLE, TokenKind.FUNCTION)
        two_slashes = behind.is_sign("/") or behind.is_sign("//") or behind.is_sign("(")
        divides = isinstance(start, _NO_NODES) or (after_operand and two_slashes)
        if slash.value == "/" and (no_step or divides):
            raise XPathInvalid(
                Bilingual(
                    "`/` leads from group to question; to divide, write `div`.",
                    "`/` mène d'un groupe à une question ; pour diviser, écrivez `div`.",
                ),
                slash.position,
            )

    def _starts_step(self) -> bool:
        token = self._peek()
        if token.kind is TokenKind.SIGN:
            return token.value in (".", "..", "@")
        return token.kind in (TokenKind.NAME, TokenKind.NODE_TYPE, TokenKind.AXIS)

    def _steps_after_slash(self, *, may_be_root: bool) -> tuple[Step, ...]:
        slash = self._take()
        if slash.value == "//":
            return (DESCENDANTS, *self._steps())
        if may_be_root and not self._starts_step():
            return ()
        return self._steps()

    def _steps(self) -> tuple[Step, ...]:
        steps = [self._step()]
        while self._peek().is_sign("/") or self._peek().is_sign("//"):
            self._refuse_division(None)
            if self._take().value == "//":
                steps.append(DESCENDANTS)
            steps.append(self._step())
        return tuple(steps)

    def _step(self) -> Step:
        if self._takes("."):
            return SELF
        if self._takes(".."):
            return PARENT
        axis = "child"
        if self._takes("@"):
            axis = "attribute"
        elif self._peek().kind is TokenKind.AXIS:
            token = self._take()
            if token.value not in AXES:
                raise unknown_axis(token, AXES)
            axis = token.value
            self._take()
        return Step(axis, self._node_test(), self._predicates())

    def _node_test(self) -> str:
        token = self._take()
        if token.kind is TokenKind.NAME:
            return token.value
        if token.kind is not TokenKind.NODE_TYPE:
            raise missing_operand(token)
        opening = self._take()
        name = ""
        if token.value == "processing-instruction" and self._peek().kind is TokenKind.TEXT:
            written = self._take().value
            name = f'"{written}"' if "'" in written else f"'{written}'"
        if not self._takes(")"):
            raise self._unclosed(opening)
        return f"{token.value}({name})" if token.value != "node" else ANY_NODE

    def _predicates(self) -> tuple[XPath, ...]:
        predicates = []
        while self._peek().is_sign("["):
            opening = self._take()
            self._deeper(opening)
            predicates.append(self._expression(0))
            if not self._takes("]"):
                raise self._unclosed(opening)
            self._depth -= 1
        return tuple(predicates)

    def _filtered(self) -> XPath:
        operand = self._primary()
        predicates = self._predicates()
        return Filtered(operand, predicates) if predicates else operand

    def _primary(self) -> XPath:
        token = self._take()
        match token.kind:
            case TokenKind.NUMBER:
                return Number(token.value)
            case TokenKind.TEXT:
                return Text(token.value)
            case TokenKind.VARIABLE:
                return Variable(token.value)
            case TokenKind.FUNCTION:
                return self._call(token)
            case TokenKind.SIGN if token.value == "(":
                self._deeper(token)
                inside = self._expression(0)
                if not self._takes(")"):
                    raise self._unclosed(token)
                self._depth -= 1
                return inside
            case TokenKind.END:
                raise ends_too_early(self._tokens[self._place - 2] if self._place > 1 else None, token)
            case _:
                raise missing_operand(token)

    def _call(self, name: Token) -> XPath:
        opening = self._take()
        self._deeper(opening)
        arguments: list[XPath] = []
        if not self._peek().is_sign(")"):
            arguments.append(self._expression(0))
            while self._takes(","):
                arguments.append(self._expression(0))
        if not self._takes(")"):
            raise self._unclosed(opening)
        self._depth -= 1
        return Call(name.value, tuple(arguments))

    def _deeper(self, token: Token) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise XPathInvalid(
                Bilingual(
                    f"More than {MAX_DEPTH} brackets within one another. Split the expression into calculations.",
                    f"Plus de {MAX_DEPTH} parenthèses imbriquées. Divisez l'expression en plusieurs calculs.",
                ),
                token.position,
            )

    def _unclosed(self, opening: Token) -> XPathInvalid:
        token = self._peek()
        if token.kind is TokenKind.END or (token.kind is TokenKind.SIGN and token.value in (")", "]", ",")):
            return unclosed(opening)
        return self._leftover()

    def _leftover(self) -> XPathInvalid:
        before = self._tokens[self._place - 1] if self._place else None
        token = self._peek()
        if token.is_sign(","):
            return decimal_comma(before, token, self._tokens[self._place + 1])
        return missing_operator(before, token)
