"""What an expression is before any answer is known: the kind of its value, and the codes it may hand on."""

from forms.expression.answers import Kind, Meaning, Meanings, Undefined
from forms.expression.tree import Binary, Call, Expression, Text, Variable
from forms.text import Bilingual

ARITHMETIC = frozenset(("+", "-", "*", "div", "mod"))


class Kinds:
    """The kinds of the expressions of one form."""

    def __init__(self, meanings: Meanings) -> None:
        self._meanings = meanings

    def kind(self, expression: Expression) -> Kind:
        """Return what kind of value an expression yields, whatever is answered."""
        match expression:
            case Text(value):
                return Kind.TEXT if value else Kind.BLANK
            case Variable(name):
                return self.meaning(name).kind
            case Binary(sign, _, _):
                return self._kind_of_binary(expression) if sign in ARITHMETIC else Kind.BOOLEAN
            case Call():
                return self._kind_of_call(expression)
            case _:
                return Kind.NUMBER

    def _kind_of_binary(self, binary: Binary) -> Kind:
        left, right = self.kind(binary.left), self.kind(binary.right)
        return left if left.is_moment and not right.is_moment else Kind.NUMBER

    def _kind_of_call(self, call: Call) -> Kind:
        match call.function:
            case "not" | "selected" | "starts-with":
                return Kind.BOOLEAN
            case "concat" | "join" | "pulldata":
                return Kind.TEXT
            case "today":
                return Kind.DATE
            case "if":
                return self._kind_of_any(call.arguments[1:])
            case "coalesce":
                return self._kind_of_any(call.arguments)
            case _:
                return Kind.NUMBER

    def _kind_of_any(self, expressions: tuple[Expression, ...]) -> Kind:
        """The kind of what is one or the other: its own where all are of it, number for truths among numbers."""
        kinds = {self.kind(expression) for expression in expressions} - {Kind.BLANK}
        if kinds <= {Kind.NUMBER, Kind.BOOLEAN} and kinds:
            return Kind.NUMBER if Kind.NUMBER in kinds else Kind.BOOLEAN
        if len(kinds) == 1:
            return kinds.pop()
        return Kind.TEXT if kinds else Kind.BLANK

    def unknown_codes(self, expression: Expression) -> frozenset[str]:
        """Return the never-substantive codes among what an expression may hand on."""
        match expression:
            case Variable(name):
                return self.meaning(name).unknown_codes
            case Call("if", (_, then, otherwise)):
                return self.unknown_codes(then) | self.unknown_codes(otherwise)
            case Call("coalesce", arguments):
                return frozenset().union(*map(self.unknown_codes, arguments))
            case _:
                return frozenset()

    def meaning(self, name: str) -> Meaning:
        """Return what the answers of a name are. Raises Undefined for a name without answers."""
        if name not in self._meanings.variables:
            raise Undefined(Bilingual(f"No answers are named {name}.", f"Aucune réponse ne se nomme {name}."))
        return self._meanings.variables[name]
