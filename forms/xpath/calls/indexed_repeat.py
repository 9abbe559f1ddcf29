"""`indexed-repeat()`: the answer in a named instance of each repeat."""

from forms.xpath.context import Compiled, Context
from forms.xpath.tree import Call, Path, XPath
from forms.xpath.values import NotEvaluable, Value, to_index


def indexed_repeat(call: Call, indexes: list[Compiled]) -> Compiled:
    """Return what evaluates `indexed-repeat(/data/r/x, /data/r, 2)`. indexes: the number of each repeat's instance.

    Raises NotEvaluable for what is no plain path.
    """
    target, *repeats = [_plain_names(argument) for argument in (call.arguments[0], *call.arguments[1::2])]

    def indexed(context: Context) -> Value:
        wanted = {
            repeat: to_index(index(context), context.zone) for repeat, index in zip(repeats, indexes, strict=True)
        }
        line = context.node.line()[1:]
        nodes, is_own = [context.around.document], True
        for level, name in enumerate(target, 1):
            is_own = is_own and len(line) >= level and line[level - 1].name == name
            found = [child for node in nodes for child in node.children.get(name, ())]
            if target[:level] in wanted:
                place = wanted[target[:level]] - 1
                if place < 0:
                    raise NotEvaluable("indexed-repeat() of an instance before the first")
                found, is_own = found[place : place + 1], False
            elif is_own and len(found) > 1:
                found = [line[level - 1]]
            nodes = found
        return nodes

    return indexed


def _plain_names(tree: XPath) -> tuple[str, ...]:
    if not (isinstance(tree, Path) and tree.is_absolute and tree.steps):
        raise NotEvaluable("indexed-repeat() of what is no plain path")
    if any(step.axis != "child" or step.predicates or "(" in step.test or "*" in step.test for step in tree.steps):
        raise NotEvaluable("indexed-repeat() of what is no plain path")
    return tuple(step.test for step in tree.steps)
