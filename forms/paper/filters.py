"""Which choices a question offers, in words, from its choice filter: `only those that go with the answer to Q2`."""

from dataclasses import dataclass

from forms.form import Choice, Question
from forms.paper.conditions import parsed
from forms.paper.lists import Lists
from forms.paper.numbering import path_from
from forms.paper.phrases import AND, Phrases
from forms.xpath import Binary, Call, Path, XPath
from forms.xpath.references import filter_references


@dataclass(frozen=True, slots=True)
class Linked:
    """A choice filter `column = answer`: offered are the choices whose column names that answer."""

    column: str
    path: str


@dataclass(frozen=True)
class Filters:
    """Says the choice filters of a form."""

    phrases: Phrases
    lists: Lists

    def said(self, question: Question) -> str | None:
        """Which choices are offered; None where all are."""
        if question.choice_filter is None:
            return None
        tree = parsed(question.choice_filter)
        if tree == Call("true", ()):
            return None
        about = filter_references(tree, question.path) if tree is not None else ()
        numbers = [self.phrases.numbering.reference(path) for path in about]
        if tree is None or not about or any(path not in self.phrases.numbering.questions for path in about):
            written = self.phrases.as_written(question.choice_filter)
            return self.phrases.say(f"only those for which {written}", f"seulement ceux pour lesquels {written}")
        return self._that_go_with(tree, numbers)

    def _that_go_with(self, tree: XPath, numbers: list[str]) -> str:
        names = self.phrases.joined(numbers, AND)
        match tree:
            case Call("selected", (Path() as answer, Path())) if _column(answer) is None:
                return self.phrases.say(f"only those ticked in {names}", f"seulement ceux cochés à {names}")
            case Call("not", (Call("selected", (Path() as answer, Path())),)) if _column(answer) is None:
                return self.phrases.say(f"only those not ticked in {names}", f"seulement ceux non cochés à {names}")
            case _ if len(numbers) == 1:
                return self.phrases.say(
                    f"only those that go with the answer to {names}",
                    f"seulement ceux qui correspondent à la réponse à {names}",
                )
            case _:
                return self.phrases.say(
                    f"only those that go with the answers to {names}",
                    f"seulement ceux qui correspondent aux réponses à {names}",
                )

    def under(self, question: Question, choice: Choice, answering: Question | None, linked: Linked | None) -> str:
        """The answer for which a choice is offered, by its label; empty where no single answer decides."""
        if answering is None or linked is None:
            return ""
        code = choice.columns.get(linked.column, "")
        return self.lists.label_of(answering, code) if code and question.path != answering.path else ""

    def is_ever_offered(
        self, question: Question, choice: Choice, answering: Question | None, linked: Linked | None
    ) -> bool:
        """Whether some answer offers the choice: a tablet compares exactly, and finds no `Mopti` among `mopti`."""
        if answering is None or linked is None or question.path == answering.path:
            return True
        code = choice.columns.get(linked.column, "")
        known = self.lists.choices(answering)
        return not code or not known or any(code == answer.name for answer in known)

    def linked(self, question: Question) -> Linked | None:
        """The column and the question that decide which choices are offered, where it is one of each."""
        tree = parsed(question.choice_filter) if question.choice_filter is not None else None
        if not isinstance(tree, Binary) or tree.operator != "=":
            return None
        for one, other in ((tree.left, tree.right), (tree.right, tree.left)):
            column = _column(one)
            path = path_from(other, question.path) if isinstance(other, Path) and _column(other) is None else None
            if column is not None and path is not None:
                return Linked(column, path)
        return None


def _column(tree: XPath) -> str | None:
    """The column of the list that a name within a filter stands for."""
    if not isinstance(tree, Path) or tree.is_absolute or tree.of is not None or len(tree.steps) != 1:
        return None
    step = tree.steps[0]
    return step.test if step.axis == "child" and not step.predicates else None
