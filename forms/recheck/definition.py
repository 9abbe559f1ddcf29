"""The rules of a form by the nodes of its instance, each expression compiled once.

Read from the XForm itself, as a tablet reads it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

from forms.errors import XFormInvalid
from forms.text import Bilingual
from forms.xml import XmlRefused, local_name, parse_xml
from forms.xpath import Call, XPath, XPathInvalid, functions_called, parse_xpath
from forms.xpath.context import Compiled
from forms.xpath.evaluate import compile_xpath
from forms.xpath.values import NotEvaluable

_JAVAROSA = "{http://openrosa.org/javarosa}"
_CONTROLS = frozenset(("input", "select1", "select", "rank", "upload", "range", "trigger", "secret"))
_SELECTS = frozenset(("select1", "select", "rank"))
# What a second evaluation cannot repeat.
_FLEETING = frozenset(("now", "today", "random", "uuid", "once", "randomize"))


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression of a bind. compiled: None where it cannot be evaluated, and reason says why."""

    text: str
    compiled: Compiled | None
    reason: str = ""
    is_fleeting: bool = False


@dataclass(frozen=True, slots=True)
class Choices:
    """Where a select's choices come from. names: where it lists them itself; else `nodes` yields items by `value`.

    is_fixed: the same for every submission, and whatever is answered.
    """

    names: frozenset[str] | None
    nodes: Expression | None = None
    value: str = "name"
    is_fixed: bool = False


@dataclass(frozen=True, slots=True)
class Range:
    """The ends and the step of a `range`, as the form writes them."""

    start: str
    end: str
    step: str


@dataclass(frozen=True, slots=True)
class Control:
    """What a person answers a node with. kind: the element's name (`input`, `select1`, `rank` ...)."""

    kind: str
    choices: Choices | None = None
    range: Range | None = None


@dataclass(slots=True)
class Definition:
    """One node of the form with its rules. path: without the root; "" is the root itself."""

    path: str
    name: str
    data_type: str = "string"
    is_repeat: bool = False
    children: dict[str, "Definition"] = field(default_factory=dict)
    relevant: Expression | None = None
    required: Expression | None = None
    constraint: Expression | None = None
    calculation: Expression | None = None
    read_only: Expression | None = None
    count: Expression | None = None
    control: Control | None = None

    @property
    def is_group(self) -> bool:
        """Whether other nodes stand in it."""
        return bool(self.children) or self.is_repeat

    def walk(self) -> Iterator["Definition"]:
        """Itself and all below it, in the form's order."""
        yield self
        for child in self.children.values():
            yield from child.walk()


@dataclass(frozen=True)
class FormRules:
    """A form as its rules. instances: elements of the lists inside the form; files: file name by instance id."""

    root: Definition
    instances: Mapping[str, etree._Element]
    files: Mapping[str, str]

    @property
    def kinds(self) -> Mapping[str, str]:
        """Data type by path."""
        return {definition.path: definition.data_type for definition in self.root.walk()}


def form_rules(xform: bytes) -> FormRules:
    """Return the rules of an XForm. Raises XFormInvalid for what is none."""
    try:
        html = parse_xml(xform)
    except XmlRefused as refused:
        raise XFormInvalid(refused.message) from refused
    model = next((node for node in html.iter("{*}model")), None)
    instances = [] if model is None else list(model.iterchildren("{*}instance"))
    first = next((node for node in instances[0].iterchildren("*")), None) if instances else None
    if model is None or first is None:
        raise XFormInvalid(
            Bilingual(
                "The XForm has no instance: compile the workbook again.",
                "Le XForm n'a pas d'instance : recompilez le classeur.",
            )
        )
    root = _definition(first, "")
    by_path = {definition.path: definition for definition in root.walk()}
    for bind in model.iterchildren("{*}bind"):
        definition = by_path.get(_path(bind.get("nodeset") or "", ""))
        if definition is not None:
            _bind(definition, bind)
    body = next((node for node in html.iterchildren("{*}body")), None)
    if body is not None:
        _read_body(body, "", by_path)
    return FormRules(root, *_secondary(instances[1:]))


def _definition(element: etree._Element, path: str) -> Definition:
    definition = Definition(path, local_name(element))
    for child in element.iterchildren("*"):
        name = local_name(child)
        if name not in definition.children:
            definition.children[name] = _definition(child, f"{path}/{name}" if path else name)
    return definition


def _bind(definition: Definition, bind: etree._Element) -> None:
    definition.data_type = (bind.get("type") or "string").rpartition(":")[2]
    definition.relevant = _expression(bind.get("relevant"))
    definition.required = _expression(bind.get("required"))
    definition.constraint = _expression(bind.get("constraint"))
    definition.calculation = _expression(bind.get("calculate"))
    definition.read_only = _expression(bind.get("readonly"))


def _read_body(element: etree._Element, context: str, by_path: Mapping[str, Definition]) -> None:
    for child in element.iterchildren("*"):
        tag = local_name(child)
        path = _path(child.get("ref") or child.get("nodeset") or "", context)
        definition = by_path.get(path)
        if tag == "repeat" and definition is not None:
            definition.is_repeat = True
            definition.count = _expression(child.get(f"{_JAVAROSA}count"))
        if tag in _CONTROLS and definition is not None:
            definition.control = _control(child, tag)
        elif tag in ("group", "repeat"):
            _read_body(child, path or context, by_path)


def _control(element: etree._Element, tag: str) -> Control:
    if tag == "range":
        ends = (element.get("start") or "", element.get("end") or "", element.get("step") or "1")
        return Control(tag, range=Range(*ends))
    return Control(tag, _choices(element)) if tag in _SELECTS else Control(tag)


def _choices(element: etree._Element) -> Choices:
    itemset = next(element.iterchildren("{*}itemset"), None)
    if "search(" in (element.get("appearance") or ""):
        return Choices(None, Expression("search()", None, "search() finds the choices on the tablet"))
    if itemset is None:
        names = (item.findtext("{*}value") for item in element.iterchildren("{*}item"))
        return Choices(frozenset(name.strip() for name in names if name), is_fixed=True)
    value = next(itemset.iterchildren("{*}value"), None)
    text = itemset.get("nodeset") or ""
    nodes = _expression(text, _unshuffled)
    # A list without a filter offers the same to everyone, unless it lies in the answers themselves.
    is_fixed = "[" not in text and text.lstrip().startswith(("instance(", "randomize(instance("))
    return Choices(None, nodes, "name" if value is None else value.get("ref") or "name", is_fixed)


def _unshuffled(tree: XPath) -> XPath:
    """The choices without the order that `randomize` gives them."""
    return tree.arguments[0] if isinstance(tree, Call) and tree.function == "randomize" and tree.arguments else tree


def _expression(text: str | None, change: Callable[[XPath], XPath] = lambda tree: tree) -> Expression | None:
    if text is None or not text.strip():
        return None
    try:
        tree = change(parse_xpath(text))
        return Expression(text, compile_xpath(tree), is_fleeting=not _FLEETING.isdisjoint(functions_called(tree)))
    except XPathInvalid as invalid:
        return Expression(text, None, invalid.message.en)
    except NotEvaluable as unknown:
        return Expression(text, None, unknown.reason)


def _secondary(elements: list[etree._Element]) -> tuple[dict[str, etree._Element], dict[str, str]]:
    instances: dict[str, etree._Element] = {}
    files: dict[str, str] = {}
    for element in elements:
        name, source = element.get("id"), element.get("src")
        root = next(element.iterchildren("*"), None)
        if name and source:
            files[name] = source.rpartition("/")[2]
        elif name and root is not None:
            instances[name] = root
    return instances, files


def _path(reference: str, context: str) -> str:
    """The path without the root of an absolute reference, or of one that starts at the group around it."""
    reference = reference.strip()
    is_absolute = reference.startswith("/")
    parts = reference.split("/")[2:] if is_absolute else [*context.split("/"), *reference.split("/")]
    return "/".join(part.rpartition(":")[2] for part in parts if part)
