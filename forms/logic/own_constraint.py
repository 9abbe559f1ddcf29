"""Whether a constraint accepts an answer, told exactly where it looks at that answer alone."""

from datetime import UTC, datetime

from forms.form import Question
from forms.xpath.context import Surroundings
from forms.xpath.evaluate import compile_xpath, holds
from forms.xpath.nodes import Node
from forms.xpath.references import references
from forms.xpath.tree import Call, Path, XPath, functions_called, walk
from forms.xpath.values import NotEvaluable

_NOT_OF_THE_ANSWER = frozenset({"today", "now", "random", "uuid", "instance", "pulldata", "position", "once"})
# No constraint that is evaluated here asks for the time; the evaluator wants one all the same.
_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)


def accepts(constraint: XPath, question: Question, answer: str) -> bool | None:
    """Return whether the constraint holds for an answer; None where other answers, files or the time decide."""
    is_own = set(references(constraint, question.path)) <= {question.path}
    has_path_elsewhere = any(isinstance(node, Path) and isinstance(node.of, Call) for node in walk(constraint))
    if not is_own or has_path_elsewhere or not _NOT_OF_THE_ANSWER.isdisjoint(functions_called(constraint)):
        return None
    document, node = _filled_in(question, answer)
    try:
        return holds(compile_xpath(constraint), Surroundings(document, {}, _ANY_TIME), node)
    except NotEvaluable:
        return None


def _filled_in(question: Question, answer: str) -> tuple[Node, Node]:
    """A form that holds one answer: its document node, and the node of the answer."""
    document = Node("")
    node = Node("data", parent=document)
    document.add(node)
    path = ""
    for name in question.path.split("/"):
        inside = Node(name, parent=node)
        path = inside.path = f"{path}/{name}" if path else name
        node.add(inside)
        node = inside
    node.text, node.kind = answer, question.data_type
    return document, node
