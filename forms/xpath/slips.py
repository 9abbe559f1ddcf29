"""The words for slips in an XPath expression: what a designer wrote, and what to write in its place."""

from collections.abc import Collection
from difflib import get_close_matches

from forms.text import Bilingual
from forms.xpath.tokens import Token, TokenKind, XPathInvalid

_WRITTEN_WITH_BRACKETS = frozenset(("not", "selected", "count-selected", "if", "coalesce", "regex"))
_OPERATOR_WORDS = frozenset(("and", "or", "div", "mod"))
_FRENCH_OPERATORS = {"et": "and", "ou": "or"}
_FRENCH_FUNCTIONS = {"non": "not", "vrai": "true", "faux": "false", "si": "if", "somme": "sum", "arrondi": "round"}
_WRITTEN_SMALL = frozenset((*_WRITTEN_WITH_BRACKETS, "true", "false", "sum", "count", "round", "today", "concat"))

WITHOUT_ARGUMENTS = frozenset(("true", "false", "today"))


def meant_function(written: str) -> str | None:
    """Return the function that was meant by a French word (`non`, `si`) or by capitals (`NOT`), or None."""
    word = written.casefold()
    return _FRENCH_FUNCTIONS.get(word) or (word if word in _WRITTEN_SMALL and word != written else None)


def ends_too_early(before: Token | None, end: Token) -> XPathInvalid:
    """The expression stops where an operand should follow."""
    if before is None:
        return XPathInvalid(
            Bilingual("The expression ends too early.", "L'expression s'arrête trop tôt."), end.position
        )
    return XPathInvalid(
        Bilingual(
            f"Something is missing after `{before.value}`: the expression ends too early.",
            f"Il manque quelque chose après `{before.value}` : l'expression s'arrête trop tôt.",
        ),
        end.position,
    )


def missing_operand(token: Token) -> XPathInvalid:
    """An operator, bracket or comma stands where a question, number, text or function should."""
    if token.kind is TokenKind.END:
        return ends_too_early(None, token)
    return XPathInvalid(
        Bilingual(
            f"A question, number, text or function is missing before `{token.value}`.",
            f"Il manque une question, un nombre, un texte ou une fonction avant `{token.value}`.",
        ),
        token.position,
    )


def missing_operator(before: Token | None, token: Token) -> XPathInvalid:
    """Two operands follow one another, or a bracket closes nothing."""
    if token.is_sign(")") or token.is_sign("]"):
        return XPathInvalid(
            Bilingual(
                f"The `{token.value}` at character {token.position + 1} closes nothing.",
                f"Le `{token.value}` au caractère {token.position + 1} ne ferme rien.",
            ),
            token.position,
        )
    word = token.value.lower()
    if token.kind in (TokenKind.NAME, TokenKind.FUNCTION):
        if word in ("then", "else"):
            return XPathInvalid(
                Bilingual(
                    f"There is no `{token.value}`: write if(condition, value, other value).",
                    f"`{token.value}` n'existe pas : écrivez if(condition, valeur, autre valeur).",
                ),
                token.position,
            )
        if word in _OPERATOR_WORDS:
            return XPathInvalid(
                Bilingual(
                    f"`{token.value}` is written in small letters: `{word}`.",
                    f"`{token.value}` s'écrit en minuscules : `{word}`.",
                ),
                token.position,
            )
        if word in _FRENCH_OPERATORS:
            return XPathInvalid(
                Bilingual(
                    f"`{token.value}` is not known here: write `{_FRENCH_OPERATORS[word]}`.",
                    f"`{token.value}` n'existe pas ici : écrivez `{_FRENCH_OPERATORS[word]}`.",
                ),
                token.position,
            )
    name = before.value.lower() if before is not None and before.kind is TokenKind.NAME else ""
    name = _FRENCH_FUNCTIONS.get(name, name)
    if before is not None and name in _WRITTEN_WITH_BRACKETS:
        return XPathInvalid(
            Bilingual(
                f"`{before.value}` is a function: write {name}(…), with brackets around what follows.",
                f"`{before.value}` est une fonction : écrivez {name}(…), avec des parenthèses autour de la suite.",
            ),
            before.position,
        )
    return XPathInvalid(
        Bilingual(
            f"An operator (`and`, `=`, `+` …) is missing before `{_shown(token)}`.",
            f"Il manque un opérateur (`and`, `=`, `+` …) avant `{_shown(token)}`.",
        ),
        token.position,
    )


def decimal_comma(before: Token | None, comma: Token, after: Token) -> XPathInvalid:
    """A comma outside the arguments of a function: mostly that of a decimal number."""
    if (
        before is not None
        and before.kind is TokenKind.NUMBER
        and after.kind is TokenKind.NUMBER
        and before.end == comma.position
        and comma.end == after.position
    ):
        written, right = f"{before.value},{after.value}", f"{before.value}.{after.value}"
        return XPathInvalid(
            Bilingual(
                f"`{written}`: a decimal is written {right}.", f"`{written}` : un nombre décimal s'écrit {right}."
            ),
            before.position,
        )
    return XPathInvalid(
        Bilingual(
            f"The comma at character {comma.position + 1} stands outside a function: only arguments are separated.",
            f"La virgule au caractère {comma.position + 1} est hors d'une fonction : seuls les arguments se séparent.",
        ),
        comma.position,
    )


def unclosed(opening: Token) -> XPathInvalid:
    """A bracket without its partner."""
    return XPathInvalid(
        Bilingual(
            f"The `{opening.value}` at character {opening.position + 1} is not closed.",
            f"Le `{opening.value}` au caractère {opening.position + 1} n'est pas fermé.",
        ),
        opening.position,
    )


def unknown_axis(token: Token, axes: Collection[str]) -> XPathInvalid:
    """A word before `::` that is none of XPath's axes."""
    close = get_close_matches(token.value.lower(), sorted(axes), n=1, cutoff=0.6)
    hint_en = f"; did you mean {close[0]}::?" if close else "."
    hint_fr = f" ; vouliez-vous dire {close[0]}:: ?" if close else "."
    return XPathInvalid(
        Bilingual(
            f"`{token.value}::` leads nowhere: there is no such axis{hint_en}",
            f"`{token.value}::` ne mène nulle part : cet axe n'existe pas{hint_fr}",
        ),
        token.position,
    )


def _shown(token: Token) -> str:
    match token.kind:
        case TokenKind.VARIABLE:
            return f"${{{token.value}}}"
        case TokenKind.TEXT:
            return f"'{token.value}'"
        case _:
            return token.value
