"""Which questions a person answers on paper, the numbers they get, and how other texts refer to them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from forms.form import Form, Group, Question
from forms.paper.rich_text import plain_text, rich_text
from forms.text import Bilingual, Language
from forms.xpath import Call, Path, XPath, XPathInvalid, parse_xpath, walk
from forms.xpath.references import references, resolve

# What a tablet fills in by itself, or nobody does: the types that `forms.xform.types` gives nodes without a control.
_UNASKED = frozenset(
    (
        "calculate",
        "hidden",
        "start",
        "end",
        "today",
        "deviceid",
        "subscriberid",
        "simserial",
        "phonenumber",
        "username",
        "email",
        "audit",
        "start-geopoint",
        "background-audio",
    )
)
_OUTPUT = re.compile(r"\$\{(?P<name>[^{}\s]+)\}|\{(?P<expression>[^{}]+)\}")


def is_shown(question: Question) -> bool:
    """Whether a person sees the question at all."""
    return question.type not in _UNASKED


def is_asked(question: Question) -> bool:
    """Whether a person answers the question: it is shown, it is no note, and the tablet does not fill it in.

    A select of appearance `label` is the head of a table of choices, not a question (XLSForm, `table-list`).
    """
    if not is_shown(question) or question.type == "note":
        return False
    is_table_head = (
        question.type in ("select_one", "select_multiple") and "label" in (question.appearance or "").split()
    )
    return not is_table_head and not (question.read_only and question.calculation is not None)


@dataclass(frozen=True)
class Numbering:
    """The numbers of a form's questions and sections by path."""

    form: Form
    language: str
    instructions: Language
    questions: Mapping[str, int] = field(default_factory=dict)
    sections: Mapping[str, str] = field(default_factory=dict)

    def reference(self, path: str) -> str:
        """How a text names a node: `Q12`, `section 2.1`, or by its name where it has no number."""
        number = self.questions.get(path)
        if number is not None:
            return f"Q{number}"
        if path in self.sections:
            return f"section {self.sections[path]}"
        name = path.rsplit("/", 1)[-1]
        question = self.form.by_path.get(path)
        if question is not None and question.calculation is not None:
            return Bilingual(f"[calculated: {name}]", f"[calculé : {name}]").in_language(self.instructions)
        return f"[{name}]"

    def filled(self, label: str) -> str:
        """A label with references to answers in words: `[answer to Q12]`."""
        return _OUTPUT.sub(self._output, label)

    def _output(self, output: re.Match[str]) -> str:
        if output["name"] is not None:
            question = self.form.by_name.get(output["name"])
            return self._answer_to(question.path) if question is not None else f"[{output['name']}]"
        expression = output["expression"]
        if "/" not in expression and "(" not in expression:
            # Braces that a designer wrote: an <output> holds a path or a function.
            return output[0]
        try:
            tree = parse_xpath(expression)
        except XPathInvalid:
            return output[0]
        return self._expression(tree, output[0])

    def _expression(self, tree: XPath, written: str) -> str:
        named = references(tree, "")
        known = [path for path in named if path in self.questions]
        if not named and not any(isinstance(node, Call) for node in walk(tree)):
            return written
        if known and (isinstance(tree, Path) or _is_choice_name(tree)):
            return self._answer_to(known[0])
        if not known:
            return Bilingual("[value known to the tablet]", "[valeur connue de la tablette]").in_language(
                self.instructions
            )
        numbers = ", ".join(dict.fromkeys(f"Q{self.questions[path]}" for path in known))
        return Bilingual(f"[worked out from {numbers}]", f"[d'après {numbers}]").in_language(self.instructions)

    def _answer_to(self, path: str) -> str:
        if path not in self.questions:
            return self.reference(path)
        number = self.questions[path]
        return Bilingual(f"[answer to Q{number}]", f"[réponse à Q{number}]").in_language(self.instructions)


def numbering(form: Form, language: str, instructions: Language) -> Numbering:
    """Return the numbers of all questions that are asked, and of the groups that have a title and hold any."""
    questions = {question.path: number for number, question in enumerate(filter(is_asked, form.questions), start=1)}
    return Numbering(form, language, instructions, questions, _section_numbers(form, language))


def is_titled(group: Group, language: str) -> bool:
    """Whether a group makes a section of its own: it has words to stand above it, or is filled in repeatedly."""
    return group.is_repeat or bool(plain_text(rich_text(label_in(group.labels, language))))


def label_in(labels: Mapping[str, str], language: str) -> str:
    """A text in the language; where that lacks it in the form's first language that has it, empty where none has.

    A question in another language can still be asked; its bare name cannot. `form check` tells of missing ones.
    """
    return labels.get(language) or next(iter(labels.values()), "")


def path_from(tree: XPath, here: str) -> str | None:
    """The path that an expression names, seen from the node `here`; None where it names none for certain."""
    if isinstance(tree, Path):
        return resolve(tree, here) or None
    return here if isinstance(tree, Call) and tree.function == "current" and not tree.arguments else None


def _is_choice_name(tree: XPath) -> bool:
    return isinstance(tree, Call) and tree.function in ("jr:choice-name", "choice-name", "string", "number", "int")


def _section_numbers(form: Form, language: str) -> dict[str, str]:
    """`1`, `2`, `2.1` by path; a repeat and the group of one path around it are one section."""
    shown = [question.path for question in form.questions if is_shown(question)]
    numbers: dict[str, str] = {}
    counted: dict[str, int] = {}
    for group in form.groups:
        if not is_titled(group, language) or not any(path.startswith(f"{group.path}/") for path in shown):
            continue
        steps = group.path.split("/")
        outer = ("/".join(steps[:count]) for count in range(len(steps) - 1, 0, -1))
        parent = next((numbers[path] for path in outer if path in numbers), "")
        counted[parent] = counted.get(parent, 0) + 1
        numbers[group.path] = f"{parent}.{counted[parent]}" if parent else str(counted[parent])
    return numbers
