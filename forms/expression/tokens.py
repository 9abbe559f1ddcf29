"""Cut an expression of the workbook into tokens, and say in people's words what does not belong there.

The grammar over the tokens is `forms.expression`. Slips that designers really make (a decimal comma, `;` between
arguments, a bare question name) get words of their own.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from forms.errors import FormError
from forms.text import Bilingual

MAX_LENGTH = 10_000
"""Signs of an expression; longer ones are generated, not written."""

MAX_DIGITS = 38
"""Digits of a number, as many as a decimal of SQL holds; with more it is a slip of the keyboard."""

_NUMBER = re.compile(r"\d+(?:\.\d+)?|\.\d+")
_NAME = re.compile(r"[^\W\d][\w.-]*")
_REFERENCE = re.compile(r"\$\{\s*([^\W\d][\w.-]*)\s*\}")
_OPERATORS = ("!=", "<=", ">=", "=", "<", ">", "+", "-", "*")
# Opening quote to the quotes that may close it; word processors curl them, pyxform straightens them.
_QUOTES = {"'": "'", '"': '"', "‘": "’‘'", "’": "’‘'", "“": '”“"', "”": '”“"'}
_CURLED = {"'": "‘’", '"': "“”"}
_FOREIGN_OPERATORS = {
    "==": "=",
    "<>": "!=",
    "&&": "and",
    "||": "or",
    "≠": "!=",
    "≤": "<=",
    "≥": ">=",
    "×": "*",
    "÷": "div",
    "/": "div",
    "%": "mod",
    "&": "and",
    "|": "or",
    "!": "not(…)",
}


class ExpressionInvalid(FormError):
    """An expression outside the workbook's language. position: from 0, where in the text; None for the whole."""

    def __init__(self, message: Bilingual, position: int | None = None) -> None:
        super().__init__(message)
        self.position = position


class TokenKind(StrEnum):
    """What a token is."""

    NUMBER = "number"
    TEXT = "text"
    VARIABLE = "variable"
    NAME = "name"
    OPERATOR = "operator"
    OPEN = "("
    CLOSE = ")"
    COMMA = ","
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """A token. value: the number as written, the text without quotes, the name, or the sign itself."""

    kind: TokenKind
    value: str
    position: int
    end: int


def tokens_of(text: str) -> list[Token]:
    """Return the tokens of an expression, an END last. Raises ExpressionInvalid."""
    if len(text) > MAX_LENGTH:
        raise ExpressionInvalid(
            Bilingual(
                f"The expression has {len(text):,} signs; at most {MAX_LENGTH:,} are read. Split it with `derived`.",
                f"L'expression compte {len(text):,} signes ; au plus {MAX_LENGTH:,} sont lus. Divisez-la avec "
                "`derived`.",
            )
        )
    tokens: list[Token] = []
    position = 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        token = _token_at(text, position)
        tokens.append(token)
        position = token.end
    tokens.append(Token(TokenKind.END, "", len(text), len(text)))
    return tokens


def _token_at(text: str, position: int) -> Token:
    sign = text[position]
    if sign in _QUOTES:
        return _quoted(text, position)
    if sign == "$":
        return _reference(text, position)
    if sign in "(),":
        return Token(TokenKind(sign), sign, position, position + 1)
    for foreign, ours in _FOREIGN_OPERATORS.items():
        if text.startswith(foreign, position) and not text.startswith("!=", position):
            raise ExpressionInvalid(
                Bilingual(
                    f"`{foreign}` is not known here: write `{ours}`.", f"`{foreign}` n'existe pas : écrivez `{ours}`."
                ),
                position,
            )
    for operator in _OPERATORS:
        if text.startswith(operator, position):
            return Token(TokenKind.OPERATOR, operator, position, position + len(operator))
    for kind, pattern in ((TokenKind.NUMBER, _NUMBER), (TokenKind.NAME, _NAME)):
        found = pattern.match(text, position)
        if found:
            value = f"0{found[0]}" if found[0].startswith(".") else found[0]
            if kind is TokenKind.NUMBER and len(value.replace(".", "")) > MAX_DIGITS:
                raise _too_many_digits(value, position)
            return Token(kind, value, position, found.end())
    raise _unknown_sign(sign, position)


def _too_many_digits(number: str, position: int) -> ExpressionInvalid:
    count = len(number.replace(".", ""))
    return ExpressionInvalid(
        Bilingual(
            f"The number at character {position + 1} has {count} digits; at most {MAX_DIGITS} are read. Shorten it, or "
            "put it in quotes if it is a text.",
            f"Le nombre au caractère {position + 1} a {count} chiffres ; au plus {MAX_DIGITS} sont lus. Raccourcissez-"
            "le, ou mettez-le entre apostrophes si c'est un texte.",
        ),
        position,
    )


def _quoted(text: str, position: int) -> Token:
    opening = text[position]
    ends = [end for closing in _QUOTES[opening] if (end := text.find(closing, position + 1)) >= 0]
    if not ends:
        # A straight quote that a word processor closed with a curly one.
        ends = [end for closing in _CURLED.get(opening, "") if (end := text.find(closing, position + 1)) >= 0]
    if not ends:
        raise ExpressionInvalid(
            Bilingual(
                f"The quote {opening} at character {position + 1} is not closed.",
                f"Le guillemet {opening} au caractère {position + 1} n'est pas fermé.",
            ),
            position,
        )
    end = min(ends)
    return Token(TokenKind.TEXT, text[position + 1 : end], position, end + 1)


def _reference(text: str, position: int) -> Token:
    found = _REFERENCE.match(text, position)
    if found is None:
        raise ExpressionInvalid(
            Bilingual(
                f"A question is written ${{age}}; character {position + 1} begins something else.",
                f"Une question s'écrit ${{age}} ; le caractère {position + 1} commence autre chose.",
            ),
            position,
        )
    return Token(TokenKind.VARIABLE, found[1], position, found.end())


def _unknown_sign(sign: str, position: int) -> ExpressionInvalid:
    if sign == ";":
        return ExpressionInvalid(
            Bilingual(
                "Arguments are separated by a comma: use `,` instead of `;`.",
                "Les arguments se séparent par une virgule : utilisez `,` au lieu de `;`.",
            ),
            position,
        )
    if sign in "«»„`´":
        return ExpressionInvalid(
            Bilingual(
                f"Texts stand in straight quotes: 'text', not {sign}.", f"Un texte s'écrit 'texte', sans {sign}."
            ),
            position,
        )
    return ExpressionInvalid(
        Bilingual(
            f"The {sign!r} at character {position + 1} does not belong in an expression.",
            f"Le {sign!r} au caractère {position + 1} n'a pas sa place dans une expression.",
        ),
        position,
    )
