"""Check the expressions of our sheets against the form: names that exist, literals that are choices, repeats.

The grammar is `forms.expression`'s.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from forms.expression import Binary, Call, Expression, ExpressionInvalid, Negation, Number, Text, Variable, parse, walk
from forms.finding import Findings, Place
from forms.sheets.scope import Scope, Subject, is_around

_LITERAL_OF_TYPE: Mapping[str, re.Pattern[str]] = {
    "integer": re.compile(r"-?\d+"),
    "decimal": re.compile(r"-?\d+(?:\.\d+)?"),
    "date": re.compile(r"\d{4}-\d\d-\d\d"),
}
_OVER_REPEATS = frozenset({"join", "sum", "count"})


def read_expression(text: str, place: Place, findings: Findings) -> Expression | None:
    """Return the tree of a cell, or None with a finding where it is outside the language."""
    try:
        return parse(text)
    except ExpressionInvalid as error:
        findings.error("expression_invalid", place, error.message.en, error.message.fr)
        return None


def check_expression(
    expression: Expression, scope: Scope, place: Place, findings: Findings, *, repeat: str | None = None
) -> None:
    """Add a finding for each name that does not exist and each literal that is no choice.

    repeat: the path of the repeat whose rows the expression is about, or None for the form's own rows.
    """
    _Check(scope, place, findings, repeat).all_of(expression)


def check_results(
    expression: Expression, codes: tuple[str, ...], scope: Scope, place: Place, findings: Findings, *, several: bool
) -> None:
    """Add a finding for each literal that an expression may result in and that is no choice of its list.

    several: whether a result is a list of choices.
    """
    check = _Check(scope, place, findings, None)
    for literal in _results(expression):
        check.choice(literal, codes, several=several)


def check_result_type(expression: Expression, kind: str, place: Place, findings: Findings) -> None:
    """Add a finding for each literal that an expression may result in and that is no value of its type."""
    fits = _LITERAL_OF_TYPE.get(kind)
    for literal in _results(expression) if fits is not None else ():
        if fits is not None and not fits.fullmatch(literal):
            findings.error(
                "result_unfit",
                place,
                f"'{literal}' is no {kind}: correct the type, or the result.",
                f"'{literal}' n'est pas de type {kind} : corrigez le type, ou le résultat.",
            )


@dataclass(frozen=True)
class _Check:
    scope: Scope
    place: Place
    findings: Findings
    repeat: str | None

    def all_of(self, expression: Expression) -> None:
        aggregated = {
            id(node)
            for call in walk(expression)
            if isinstance(call, Call) and call.function in _OVER_REPEATS
            for argument in call.arguments
            for node in walk(argument)
        }
        for node in walk(expression):
            match node:
                case Variable(name):
                    self._name(name, is_aggregated=id(node) in aggregated)
                case Binary("=" | "!=", left, right):
                    self._comparison(left, right)
                    self._comparison(right, left)
                case Call("selected", (Variable(name), literal)):
                    self._against(name, literal, several=True)
                case Call("selected", (literal, Variable(name))):
                    self._against(name, literal, several=True)
                case Call("pulldata", arguments):
                    self._pulldata(arguments)
                case Call(function, arguments) if function in _OVER_REPEATS:
                    self._over_repeat(function, arguments[-1])
                case _:
                    pass

    def _name(self, name: str, *, is_aggregated: bool) -> None:
        subject = self.scope.find(name)
        if subject is None:
            if not (is_aggregated and name in self.scope.repeats):
                unknown_name(name, self.scope, self.place, self.findings)
        elif not is_aggregated and not is_around(subject.repeat, self.repeat):
            self.findings.error(
                "repeat_unaggregated",
                self.place,
                f"${{{name}}} has one answer a row of the repeat {subject.repeat}: use sum, count or join.",
                f"${{{name}}} a une réponse par ligne de la répétition {subject.repeat} : utilisez sum, count ou join.",
            )

    def _comparison(self, side: Expression, literal: Expression) -> None:
        """`${sex} = 'F'`, also through `coalesce(${sex}, …)`, whose own literals are choices too."""
        also: tuple[str, ...] = ()
        if isinstance(side, Call) and side.function == "coalesce":
            also = tuple(text for argument in side.arguments[1:] if (text := _literal(argument)) is not None)
            side = side.arguments[0]
        if isinstance(side, Variable):
            self._against(side.name, literal, several=False, also=also)

    def _against(self, name: str, literal: Expression, *, several: bool, also: tuple[str, ...] = ()) -> None:
        subject = self.scope.find(name)
        text = _literal(literal)
        if subject is None or subject.codes is None or not text:
            return
        is_list = several or subject.type in ("select_multiple", "rank")
        self.choice(text, (*subject.codes, *also), several=is_list, subject=subject)

    def choice(self, text: str, codes: tuple[str, ...], *, several: bool, subject: Subject | None = None) -> None:
        for code in text.split() if several else [text]:
            if code not in codes:
                of_en, of_fr = (f" of {subject.name}", f" de {subject.name}") if subject else ("", "")
                self.findings.error(
                    "literal_no_choice",
                    self.place,
                    f"'{code}' is no choice{of_en}: choices are {' '.join(codes)}.",
                    f"'{code}' n'est pas un choix{of_fr} : les choix sont {' '.join(codes)}.",
                )

    def _pulldata(self, arguments: tuple[Expression, ...]) -> None:
        names = arguments[:3]
        if not all(isinstance(argument, Text) for argument in names):
            self.findings.error(
                "pulldata_names",
                self.place,
                "pulldata names its file and columns in quotes: pulldata('psu', 'base_weight', 'name', ${psu_id}).",
                "pulldata nomme son fichier et ses colonnes entre guillemets : pulldata('psu', 'base_weight', 'name', "
                "${psu_id}).",
            )
            return
        file = names[0]
        stems = {name.rsplit(".", 1)[0] for name in self.scope.form.files}
        if isinstance(file, Text) and file.value.removesuffix(".csv") not in stems:
            stem = file.value.removesuffix(".csv")
            self.findings.error(
                "pulldata_file_unknown",
                self.place,
                f"The survey does not name {stem}.csv, so the form comes without it: add a row of type csv-external "
                f"with the name {stem} to the sheet survey, or correct the name of the file.",
                f"Le questionnaire ne nomme pas {stem}.csv, le formulaire vient donc sans ce fichier : ajoutez à la "
                f"feuille survey une ligne de type csv-external avec le nom {stem}, ou corrigez le nom du fichier.",
            )

    def _over_repeat(self, function: str, argument: Expression) -> None:
        name = argument.name if isinstance(argument, Variable) else None
        subject = self.scope.find(name) if name else None
        in_repeat = subject is not None and subject.repeat is not None
        if name is None or (subject is not None and not in_repeat and name not in self.scope.repeats):
            self.findings.error(
                "repeat_expected",
                self.place,
                f"{function}() goes over the answers of a question in a repeat; give it one.",
                f"{function}() parcourt les réponses d'une question dans une répétition ; donnez-lui-en une.",
            )


def unknown_name(name: str, scope: Scope, place: Place, findings: Findings) -> None:
    """Add the finding for a name that is no question and no derived variable."""
    if name in scope.broken:
        return
    if name in scope.ambiguous:
        findings.error(
            "name_ambiguous",
            place,
            f"Several questions are called {name}: rename them, so that it is clear which one is meant.",
            f"Plusieurs questions s'appellent {name} : renommez-les, pour qu'on sache laquelle est visée.",
        )
        return
    near = scope.near(name)
    findings.error(
        "name_unknown",
        place,
        f"There is no question or derived variable {name}" + (f": did you mean {near}?" if near else "."),
        f"Il n'y a ni question ni variable dérivée {name}" + (f" : vouliez-vous dire {near} ?" if near else "."),
    )


def _literal(expression: Expression) -> str | None:
    match expression:
        case Text(value):
            return value
        case Number(text):
            return text
        case Negation(Number(text)):
            return f"-{text}"
        case _:
            return None


def _results(expression: Expression) -> list[str]:
    """The literals that an expression may have as its value, through `if` and `coalesce`; '' is blank."""
    match expression:
        case Call("if", (_, then, otherwise)):
            return [*_results(then), *_results(otherwise)]
        case Call("coalesce", arguments):
            return [literal for argument in arguments for literal in _results(argument)]
        case _:
            literal = _literal(expression)
            return [literal] if literal else []
