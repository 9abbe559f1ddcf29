"""Cut an XPath expression into tokens, and say in a designer's words what does not belong there.

The grammar over the tokens is `forms.xpath.parser`. Source of the lexical rules: XPath 1.0, section 3.7.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from forms.errors import FormError
from forms.text import Bilingual

MAX_LENGTH = 200_000
"""Signs of an expression; the longest that a workbook's cell holds is 32,767."""

_SPACE = re.compile(r"[ \t\r\n]+")
# A letter or `_`, then letters, digits, `.`, `-` and the combining accents that XML allows in names.
_NCNAME = r"[^\W\d][\w.\-\u00b7\u0300-\u036f]*"
_NAME = re.compile(rf"{_NCNAME}(?::(?!:)(?:{_NCNAME}|\*))?")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]*)?|\.[0-9]+")
_VARIABLE = re.compile(rf"\$\{{\s*((?:last-saved#)?{_NCNAME}(?::{_NCNAME})?)\s*\}}")
_BARE_REFERENCE = re.compile(rf"\{{\s*({_NCNAME})\s*\}}")
_MEANT_REFERENCE = re.compile(rf"\$[\s(\[]*({_NCNAME})")
_SIGNS = ("::", "//", "..", "!=", "<=", ">=", *"()[],@/.=<>+-*|")
_OPERATOR_SIGNS = frozenset(("!=", "<=", ">=", "=", "<", ">", "+", "-", "|"))
_OPERATOR_WORDS = frozenset(("and", "or", "div", "mod"))
_NODE_TYPES = frozenset(("node", "text", "comment", "processing-instruction"))
# Longest first: `<>` before `<`. What other languages write, and what XPath writes in its place.
_FOREIGN = {
    "===": "=",
    "!==": "!=",
    "==": "=",
    "=<": "<=",
    "=>": ">=",
    "=!": "!=",
    "<>": "!=",
    "><": "!=",
    "&&": "and",
    "||": "or",
    "≠": "!=",
    "≤": "<=",
    "≥": ">=",
    "×": "*",
    "÷": "div",
    "%": "mod",
    "−": "-",
    "–": "-",
    "&": "and",
    "!": "not(…)",
}
_CURLY_QUOTES = "‘’‚‛“”„‟`´«»"
_UNSEEN = {
    "\u00a0": ("no-break space", "espace insécable"),
    "\u202f": ("narrow no-break space", "espace fine insécable"),
    "\u200b": ("zero-width space", "espace sans chasse"),
    "\ufeff": ("byte order mark", "marque d'ordre des octets"),
}


class XPathInvalid(FormError):
    """An expression that is no XPath. position: from 0, where in the text the trouble begins."""

    def __init__(self, message: Bilingual, position: int) -> None:
        super().__init__(message)
        self.position = position


class TokenKind(StrEnum):
    """What a token is."""

    NUMBER = "number"
    TEXT = "text"
    VARIABLE = "variable"
    NAME = "name"
    """A name or name test: `age`, `jr:choice-name`, `*`, `odk:*`."""
    FUNCTION = "function"
    """A name with `(` behind it."""
    NODE_TYPE = "node type"
    """`node`, `text`, `comment` or `processing-instruction` with `(` behind it."""
    AXIS = "axis"
    """A name with `::` behind it."""
    OPERATOR = "operator"
    SIGN = "sign"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """A token. value: the number as written, the text without quotes, the name, or the sign itself."""

    kind: TokenKind
    value: str
    position: int
    end: int

    def is_sign(self, sign: str) -> bool:
        """True for this bracket, comma, slash, dot or `@`."""
        return self.kind is TokenKind.SIGN and self.value == sign

    @property
    def ends_operand(self) -> bool:
        """True where an operator may follow: then `*` multiplies and `and` joins (XPath 1.0, 3.7)."""
        if self.kind is TokenKind.SIGN:
            return self.value in (")", "]", ".", "..")
        return self.kind in (TokenKind.NUMBER, TokenKind.TEXT, TokenKind.VARIABLE, TokenKind.NAME)


def tokens_of(text: str) -> list[Token]:
    """Return the tokens of an expression, an END last. Raises XPathInvalid."""
    if len(text) > MAX_LENGTH:
        raise XPathInvalid(
            Bilingual(
                f"The expression has {len(text):,} signs; at most {MAX_LENGTH:,} are read. Split it into calculations.",
                f"L'expression compte {len(text):,} signes ; au plus {MAX_LENGTH:,} sont lus. Divisez-la en calculs.",
            ),
            0,
        )
    tokens: list[Token] = []
    position = 0
    while position < len(text):
        if space := _SPACE.match(text, position):
            position = space.end()
            continue
        token = _token_at(text, position, after_operand=bool(tokens) and tokens[-1].ends_operand)
        tokens.append(token)
        position = token.end
    tokens.append(Token(TokenKind.END, "", len(text), len(text)))
    return tokens


def _token_at(text: str, position: int, *, after_operand: bool) -> Token:
    sign = text[position]
    if sign in "'\"":
        return _quoted(text, position)
    if sign == "$":
        return _variable(text, position)
    if number := _NUMBER.match(text, position):
        return Token(TokenKind.NUMBER, number[0], position, number.end())
    if name := _NAME.match(text, position):
        return _named(text, name, after_operand=after_operand)
    for foreign, ours in _FOREIGN.items():
        if text.startswith(foreign, position) and not (foreign == "!" and text.startswith("!=", position)):
            raise _foreign(foreign, ours, position)
    for known in _SIGNS:
        if text.startswith(known, position):
            end = position + len(known)
            if known == "*":
                return Token(TokenKind.OPERATOR if after_operand else TokenKind.NAME, known, position, end)
            return Token(TokenKind.OPERATOR if known in _OPERATOR_SIGNS else TokenKind.SIGN, known, position, end)
    raise _unknown_sign(text, position)


def _named(text: str, name: re.Match[str], *, after_operand: bool) -> Token:
    value, position, end = name[0], name.start(), name.end()
    if after_operand and value in _OPERATOR_WORDS:
        return Token(TokenKind.OPERATOR, value, position, end)
    space = _SPACE.match(text, end)
    behind = space.end() if space else end
    kind = TokenKind.NAME
    if text.startswith("::", behind):
        kind = TokenKind.AXIS
    elif text.startswith("(", behind):
        kind = TokenKind.NODE_TYPE if value in _NODE_TYPES else TokenKind.FUNCTION
    return Token(kind, value, position, end)


def _quoted(text: str, position: int) -> Token:
    end = text.find(text[position], position + 1)
    if end < 0:
        raise XPathInvalid(
            Bilingual(
                f"The quote {text[position]} at character {position + 1} is not closed.",
                f"Le guillemet {text[position]} au caractère {position + 1} n'est pas fermé.",
            ),
            position,
        )
    return Token(TokenKind.TEXT, text[position + 1 : end], position, end + 1)


def _variable(text: str, position: int) -> Token:
    found = _VARIABLE.match(text, position)
    if found is None and (meant := _MEANT_REFERENCE.match(text, position)):
        raise XPathInvalid(
            Bilingual(
                f"A question is written between braces: `${{{meant[1]}}}`.",
                f"Une question s'écrit entre accolades : `${{{meant[1]}}}`.",
            ),
            position,
        )
    if found is None:
        raise XPathInvalid(
            Bilingual(
                f"A question is written ${{age}}; character {position + 1} begins something else.",
                f"Une question s'écrit ${{age}} ; le caractère {position + 1} commence autre chose.",
            ),
            position,
        )
    return Token(TokenKind.VARIABLE, found[1], position, found.end())


def _foreign(foreign: str, ours: str, position: int) -> XPathInvalid:
    return XPathInvalid(
        Bilingual(f"`{foreign}` is not known here: write `{ours}`.", f"`{foreign}` n'existe pas : écrivez `{ours}`."),
        position,
    )


def _unknown_sign(text: str, position: int) -> XPathInvalid:
    sign = text[position]
    if sign == ";":
        return XPathInvalid(
            Bilingual(
                "Arguments are separated by a comma: use `,` instead of `;`.",
                "Les arguments se séparent par une virgule : utilisez `,` au lieu de `;`.",
            ),
            position,
        )
    if sign in _CURLY_QUOTES:
        return XPathInvalid(
            Bilingual(
                f"Texts stand in straight quotes: 'text', not {sign}.",
                f"Un texte s'écrit entre apostrophes droites : 'texte', sans {sign}.",
            ),
            position,
        )
    if sign in _UNSEEN:
        english, french = _UNSEEN[sign]
        return XPathInvalid(
            Bilingual(
                f"Character {position + 1} is a {english}, which nobody sees: replace it with an ordinary space.",
                f"Le caractère {position + 1} est une {french}, invisible : remplacez-la par une espace ordinaire.",
            ),
            position,
        )
    if bare := _BARE_REFERENCE.match(text, position):
        return XPathInvalid(
            Bilingual(
                f"`{bare[0]}` lacks its dollar sign: write `${{{bare[1]}}}`.",
                f"Il manque le dollar à `{bare[0]}` : écrivez `${{{bare[1]}}}`.",
            ),
            position,
        )
    return XPathInvalid(
        Bilingual(
            f"The {sign!r} at character {position + 1} does not belong in an expression.",
            f"Le {sign!r} au caractère {position + 1} n'a pas sa place dans une expression.",
        ),
        position,
    )
