"""Read the text of an expression into its tree: recursive descent over tokens, one method a kind of phrase."""

from collections.abc import Mapping
from difflib import get_close_matches

from forms.expression.tokens import ExpressionInvalid, Token, TokenKind, tokens_of
from forms.expression.tree import Binary, Call, Expression, Negation, Number, Text, Variable
from forms.text import Bilingual

FUNCTIONS: Mapping[str, tuple[int, int | None]] = {
    "if": (3, 3),
    "coalesce": (2, None),
    "not": (1, 1),
    "selected": (2, 2),
    "count-selected": (1, 1),
    "starts-with": (2, 2),
    "concat": (1, None),
    "round": (1, 2),
    "today": (0, 0),
    "pulldata": (4, 4),
    "join": (2, 2),
    "sum": (1, 1),
    "count": (1, 1),
}
"""Function to its least and greatest number of arguments (None: any)."""

MAX_DEPTH = 60
"""Parentheses and calls within one another; far beyond what a person writes, far below Python's stack."""

MAX_TERMS = 150
"""Operators of one expression: a long chain is a deep tree for whoever walks it."""

# Loosest first; each level's operands are of the next.
_LEVELS = (("or",), ("and",), ("=", "!=", "<", "<=", ">", ">="), ("+", "-"), ("*", "div", "mod"))
_COMPARISONS = _LEVELS[2]
_WORD_OPERATORS = frozenset({"or", "and", "div", "mod"})


def parse(text: str) -> Expression:
    """Return the tree of an expression.

    Raises ExpressionInvalid, which says in French and English what is wrong and where.
    """
    return _Parser(text).expression()


class _Parser:
    """Recursive descent over the tokens; one method a kind of phrase."""

    def __init__(self, text: str) -> None:
        self._tokens = tokens_of(text)
        self._place = 0
        self._depth = 0
        self._terms = 0

    def expression(self) -> Expression:
        if self._peek().kind is TokenKind.END:
            raise ExpressionInvalid(Bilingual("The expression is empty.", "L'expression est vide."))
        found = self._level(0)
        if self._peek().kind is not TokenKind.END:
            raise self._leftover()
        return found

    def _peek(self) -> Token:
        return self._tokens[self._place]

    def _take(self) -> Token:
        token = self._peek()
        self._place += 1
        return token

    def _operator(self) -> str | None:
        token = self._peek()
        is_operator = token.kind is TokenKind.OPERATOR or (
            token.kind is TokenKind.NAME and token.value in _WORD_OPERATORS
        )
        return token.value if is_operator else None

    def _level(self, level: int) -> Expression:
        if level == len(_LEVELS):
            return self._unary()
        left = self._level(level + 1)
        compared = False
        while (operator := self._operator()) in _LEVELS[level]:
            if compared:
                raise ExpressionInvalid(
                    Bilingual(
                        "Compare two things at a time: write `${a} > 1 and ${a} < 5`.",
                        "Comparez deux choses à la fois : écrivez `${a} > 1 and ${a} < 5`.",
                    ),
                    self._peek().position,
                )
            self._count_term()
            self._take()
            left = Binary(operator or "", left, self._level(level + 1))
            compared = operator in _COMPARISONS
        return left

    def _unary(self) -> Expression:
        if self._operator() == "-":
            self._count_term()
            self._take()
            return Negation(self._primary())
        return self._primary()

    def _primary(self) -> Expression:
        token = self._take()
        match token.kind:
            case TokenKind.NUMBER:
                return Number(token.value)
            case TokenKind.TEXT:
                return Text(token.value)
            case TokenKind.VARIABLE:
                return Variable(token.value)
            case TokenKind.OPEN:
                return self._nested(token)
            case TokenKind.NAME if self._peek().kind is TokenKind.OPEN:
                return self._call(token)
            case TokenKind.NAME if token.value not in _WORD_OPERATORS:
                raise ExpressionInvalid(
                    Bilingual(
                        f"A question is written ${{{token.value}}}, a text '{token.value}'.",
                        f"Une question s'écrit ${{{token.value}}}, un texte '{token.value}'.",
                    ),
                    token.position,
                )
            case TokenKind.END:
                raise ExpressionInvalid(
                    Bilingual("The expression ends too early.", "L'expression s'arrête trop tôt."), token.position
                )
            case _:
                raise ExpressionInvalid(
                    Bilingual(
                        f"A question, number, text or function is missing before `{token.value}`.",
                        f"Il manque une question, un nombre, un texte ou une fonction avant `{token.value}`.",
                    ),
                    token.position,
                )

    def _nested(self, opening: Token) -> Expression:
        self._deeper(opening)
        found = self._level(0)
        if self._peek().kind is not TokenKind.CLOSE:
            raise self._unclosed(opening)
        self._take()
        self._depth -= 1
        return found

    def _call(self, name: Token) -> Expression:
        if name.value not in FUNCTIONS:
            raise _unknown_function(name)
        opening = self._take()
        self._deeper(opening)
        start = self._place
        arguments: list[Expression] = []
        if self._peek().kind is not TokenKind.CLOSE:
            arguments.append(self._level(0))
            while self._peek().kind is TokenKind.COMMA:
                self._take()
                arguments.append(self._level(0))
        if self._peek().kind is not TokenKind.CLOSE:
            raise self._unclosed(opening)
        least, most = FUNCTIONS[name.value]
        if len(arguments) < least or (most is not None and len(arguments) > most):
            raise self._wrong_count(name, len(arguments), self._tokens[start : self._place])
        self._take()
        self._depth -= 1
        return Call(name.value, tuple(arguments))

    def _deeper(self, token: Token) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ExpressionInvalid(
                Bilingual(
                    f"More than {MAX_DEPTH} parentheses within one another. Split the expression with `derived`.",
                    f"Plus de {MAX_DEPTH} parenthèses imbriquées. Divisez l'expression avec `derived`.",
                ),
                token.position,
            )

    def _count_term(self) -> None:
        self._terms += 1
        if self._terms > MAX_TERMS:
            raise ExpressionInvalid(
                Bilingual(
                    f"More than {MAX_TERMS} operators. Put long lists into a CSV and read it with pulldata.",
                    f"Plus de {MAX_TERMS} opérateurs. Mettez les longues listes dans un CSV, lu par pulldata.",
                ),
                self._peek().position,
            )

    def _leftover(self) -> ExpressionInvalid:
        token = self._peek()
        if token.kind is TokenKind.COMMA and self._is_decimal_comma(self._place):
            return _decimal_comma(self._tokens[self._place - 1], self._tokens[self._place + 1])
        if token.kind is TokenKind.CLOSE:
            message = Bilingual("A `)` closes nothing.", "Une `)` ne ferme rien.")
        else:
            message = Bilingual(
                f"An operator (`and`, `=`, `+` …) is missing before `{token.value}`.",
                f"Il manque un opérateur (`and`, `=`, `+` …) avant `{token.value}`.",
            )
        return ExpressionInvalid(message, token.position)

    def _unclosed(self, opening: Token) -> ExpressionInvalid:
        if self._peek().kind is TokenKind.END:
            return ExpressionInvalid(
                Bilingual(
                    f"The `(` at character {opening.position + 1} is not closed.",
                    f"La `(` au caractère {opening.position + 1} n'est pas fermée.",
                ),
                opening.position,
            )
        return self._leftover()

    def _wrong_count(self, name: Token, count: int, inside: list[Token]) -> ExpressionInvalid:
        first = self._place - len(inside)
        for offset in range(len(inside)):
            if self._is_decimal_comma(first + offset):
                return _decimal_comma(self._tokens[first + offset - 1], self._tokens[first + offset + 1])
        least, most = FUNCTIONS[name.value]
        wanted = str(least) if most == least else f"{least}-{most}" if most is not None else f"{least}+"
        return ExpressionInvalid(
            Bilingual(
                f"{name.value}() takes {wanted} arguments, {count} are given.",
                f"{name.value}() prend {wanted} arguments, il y en a {count}.",
            ),
            name.position,
        )

    def _is_decimal_comma(self, place: int) -> bool:
        """True where digits touch the comma on both sides: `0,5`."""
        if not 0 < place < len(self._tokens) - 1 or self._tokens[place].kind is not TokenKind.COMMA:
            return False
        before, comma, after = self._tokens[place - 1 : place + 2]
        both_numbers = before.kind is TokenKind.NUMBER and after.kind is TokenKind.NUMBER
        return both_numbers and before.end == comma.position and comma.end == after.position


def _decimal_comma(before: Token, after: Token) -> ExpressionInvalid:
    written, right = f"{before.value},{after.value}", f"{before.value}.{after.value}"
    return ExpressionInvalid(
        Bilingual(
            f"`{written}`: a decimal is written {right}.",
            f"`{written}` : un nombre décimal s'écrit {right}.",
        ),
        before.position,
    )


def _unknown_function(name: Token) -> ExpressionInvalid:
    close = get_close_matches(name.value.lower(), FUNCTIONS, n=1, cutoff=0.6)
    known = ", ".join(FUNCTIONS)
    hint_en = f"did you mean {close[0]}?" if close else f"known are {known}."
    hint_fr = f"vouliez-vous dire {close[0]} ?" if close else f"on connaît {known}."
    return ExpressionInvalid(
        Bilingual(
            f"The function {name.value}() does not exist here: {hint_en}",
            f"La fonction {name.value}() n'existe pas ici : {hint_fr}",
        ),
        name.position,
    )
