"""Check submissions of one form against its rules, one after another; what is the same for all is worked out once."""

from collections.abc import Mapping
from datetime import datetime

from forms.form import Form
from forms.recheck.answers import Answers, short
from forms.recheck.definition import Definition, Expression, form_rules
from forms.recheck.files import nodes_of_file
from forms.recheck.outcome import BrokenRule, Rechecked, Rule
from forms.recheck.tally import Tally
from forms.text import Bilingual
from forms.xml import XmlRefused, parse_xml
from forms.xpath.context import Surroundings
from forms.xpath.nodes import Node, form_nodes, list_nodes
from forms.xpath.values import to_number

# Of what clients add to a form on their own account.
_ADDED_BY_CLIENTS = frozenset(("meta", "formhub", "__version__"))


def broken_rules(form: Form, files: Mapping[str, bytes], xml: bytes, *, at: datetime) -> tuple[BrokenRule, ...]:
    """Return the rules that one submission breaks; of many, `Rechecker` is much faster."""
    return Rechecker(form, files).broken_rules(xml, at)


class Rechecker:
    """Checks submissions of one form. files: the form's external files by name.

    A list whose file is missing makes the rules that read it unchecked, not broken.
    Raises XFormInvalid for a form without an XForm.
    """

    def __init__(self, form: Form, files: Mapping[str, bytes]) -> None:
        rules = form_rules(form.xform)
        self._form = form
        self._root = rules.root
        self._kinds = rules.kinds
        self._instances = {name: list_nodes(root) for name, root in rules.instances.items()}
        for name, file in rules.files.items():
            nodes = nodes_of_file(file, files[file]) if file in files else None
            if nodes is not None:
                self._instances[name] = nodes
        self._fixed: dict[str, frozenset[str]] = {}

    def broken_rules(self, xml: bytes, at: datetime) -> tuple[BrokenRule, ...]:
        """Return the rules a submission breaks, in the form's order. at: when it was finished, in the tablet's zone."""
        return self.recheck(xml, at).broken

    def recheck(self, xml: bytes, at: datetime) -> Rechecked:
        """Return what a submission breaks, how much was checked, and what could not be."""
        try:
            root = parse_xml(xml)
        except XmlRefused as refused:
            return Rechecked((BrokenRule("", (), Rule.FORM, refused.message),), {Rule.FORM: 1}, {})
        document = form_nodes(root, self._kinds)
        tally = Tally(Surroundings(document, self._instances, at))
        checking = _Checking(tally, Answers(tally, self._fixed))
        checking.form(self._form, root.get("id"), root.get("version"))
        (top,) = document.children.values()
        checking.group(self._root, top[0], (), is_relevant=True)
        return Rechecked(tuple(tally.broken), tally.checked, tally.not_checked)


class _Checking:
    """The check of one submission: walks its nodes along the form's."""

    def __init__(self, tally: Tally, answers: Answers) -> None:
        self._tally = tally
        self._answers = answers

    def form(self, form: Form, form_id: str | None, version: str | None) -> None:
        self._tally.checked[Rule.FORM] += 1
        if (form_id, version or "") != (form.form_id, form.version):
            said = f"{form_id} {version or ''}".strip()
            wanted = f"{form.form_id} {form.version}".strip()
            detail = Bilingual(f"{said} instead of {wanted}", f"{said} au lieu de {wanted}")
            self._tally.broken.append(BrokenRule("", (), Rule.FORM, detail))

    def group(self, definition: Definition, node: Node, positions: tuple[int, ...], *, is_relevant: bool) -> None:
        self._unknown(definition, node, positions)
        for name, child in definition.children.items():
            found = node.children.get(name, [])
            if child.is_repeat:
                self._repeat(child, node, found, positions, is_relevant=is_relevant)
                continue
            if len(found) > 1:
                self._tally.breaks(child, positions, Rule.KNOWN_NODE, _times(len(found)))
            # What is not there is looked at as a blank: it may be required.
            self._node(child, found[0] if found else _blank(child, node), positions, is_relevant=is_relevant)

    def _repeat(
        self, definition: Definition, parent: Node, found: list[Node], positions: tuple[int, ...], *, is_relevant: bool
    ) -> None:
        for number, instance in enumerate(found, 1):
            self._node(definition, instance, (*positions, number), is_relevant=is_relevant)
        if definition.count is None or not is_relevant:
            return
        first = found[0] if found else _blank(definition, parent)
        if self._tally.condition(definition, definition.relevant, first, Rule.RELEVANT, unknown=False):
            count = self._tally.value(definition, definition.count, parent, Rule.REPEAT_COUNT)
            if count is not None:
                wanted = to_number(count, self._tally.zone)
                # A count that is blank opens none. The first instance stands in a new form, and Collect asks it even
                # where the count is 0 (getodk/collect#6945).
                expected = int(wanted) if wanted > 0 else 0
                if len(found) != expected and (len(found), expected) != (1, 0):
                    detail = Bilingual(
                        f"{len(found)} instances instead of {wanted:g}", f"{len(found)} instances au lieu de {wanted:g}"
                    )
                    self._tally.breaks(definition, positions, Rule.REPEAT_COUNT, detail)

    def _node(self, definition: Definition, node: Node, positions: tuple[int, ...], *, is_relevant: bool) -> None:
        if is_relevant and definition.relevant is not None:
            is_relevant = self._tally.condition(definition, definition.relevant, node, Rule.RELEVANT, unknown=True)
        if definition.is_group:
            self.group(definition, node, positions, is_relevant=is_relevant)
            return
        if not is_relevant:
            self._tally.checked[Rule.RELEVANT] += 1
            if node.text:
                text = short(node.text)
                detail = Bilingual(f"{text} is answered and was not asked", f"{text} répond à ce qui n'est pas demandé")
                self._tally.breaks(definition, positions, Rule.RELEVANT, detail)
            return
        if definition.calculation is not None:
            self._answers.calculation(definition, node, positions)
        if node.text:
            self._answers.answer(definition, node, positions)
        elif definition.required is not None and self._is_asked(definition, node):
            self._required(definition, definition.required, node, positions)

    def _required(self, definition: Definition, required: Expression, node: Node, positions: tuple[int, ...]) -> None:
        if self._tally.condition(definition, required, node, Rule.REQUIRED, unknown=False):
            self._tally.breaks(
                definition, positions, Rule.REQUIRED, Bilingual("required and blank", "obligatoire et vide")
            )

    def _is_asked(self, definition: Definition, node: Node) -> bool:
        """Whether a person answers it: not what is calculated or only read."""
        if definition.control is None or definition.calculation is not None:
            return False
        read_only = definition.read_only
        return read_only is None or not self._tally.condition(definition, read_only, node, Rule.REQUIRED, unknown=True)

    def _unknown(self, definition: Definition, node: Node, positions: tuple[int, ...]) -> None:
        self._tally.checked[Rule.KNOWN_NODE] += sum(map(len, node.children.values()))
        if node.name == "meta":
            return
        for name in node.children:
            if name not in definition.children and not (definition.path == "" and name in _ADDED_BY_CLIENTS):
                path = f"{definition.path}/{name}" if definition.path else name
                detail = Bilingual("no node of the form", "aucun nœud du formulaire")
                self._tally.broken.append(BrokenRule(path, positions, Rule.KNOWN_NODE, detail))


def _blank(definition: Definition, parent: Node) -> Node:
    """The node that is not there, where it would stand."""
    node = Node(definition.name, parent=parent, kind=definition.data_type)
    node.path = definition.path
    return node


def _times(count: int) -> Bilingual:
    return Bilingual(f"stands {count} times", f"figure {count} fois")
