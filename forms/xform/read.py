"""Read an XForm into a `Form`: the one parser for what pyxform compiles and for what servers send.

Its parts: words in `forms.xform.text`, choices in `forms.xform.lists`, the body in `forms.xform.body`, types in
`forms.xform.types`. What a workbook adds (sensitivity, code kinds, sheets) is `forms.read`'s.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from lxml import etree

from forms.data_file import ITEMSETS
from forms.errors import XFormInvalid
from forms.form import Choice, Form, Group, Question
from forms.text import Bilingual
from forms.xform.body import Body, read_body, relative_path
from forms.xform.lists import Instances, instance_choices, listed_choices, read_instances, read_itemset
from forms.xform.text import Words, read_words, written_text
from forms.xform.types import JAVAROSA, bare_type, question_type
from forms.xml import XmlRefused, local_name, parse_xml

_SEARCHED = re.compile(r"\bsearch\(\s*['\"](?P<name>[^'\"]+)['\"]")
_MEDIUM = re.compile(r"^jr://(?:images|audio|video|file|file-csv)/(?P<name>.+)$")
_XFORMS = "http://www.w3.org/2002/xforms"
_ROOT_META = "meta"


def read_xform(xml: bytes) -> Form:
    """Return the form that an XForm describes.

    A form without version has version `""`. Every question's sensitivity is the strictest, as nothing else is said.
    Raises XFormInvalid for what is no XForm.
    """
    try:
        root = parse_xml(xml)
    except XmlRefused as error:
        raise XFormInvalid(error.message) from error
    return _Reading(root, xml).form()


@dataclass(frozen=True)
class _Node:
    """A node of the primary instance: its path, whether it holds nodes itself, and its default text."""

    path: str
    is_leaf: bool
    text: str


class _Reading:
    """One XForm on its way to a Form: the document's parts, each found once."""

    def __init__(self, root: etree._Element, xml: bytes) -> None:
        self._xml = xml
        self._title = next((element for element in root.iter("{*}title")), None)
        self._model = _required(root, "model")
        body = next((element for element in root.iterchildren("*") if local_name(element) == "body"), None)
        instance = _required(self._model, "instance")
        primary = next(instance.iterchildren("*"), None)
        if primary is None:
            raise _not_an_xform("instance")
        self._primary = primary
        self._binds: dict[str, etree._Element] = {}
        ids: dict[str, str] = {}
        for bind in (child for child in self._model.iterchildren("*") if local_name(child) == "bind"):
            path = relative_path(bind.get("nodeset") or bind.get("ref") or "")
            self._binds.setdefault(path, bind)
            if bind.get("id"):
                ids[bind.get("id") or ""] = path
        self._words: Words = read_words(self._model)
        self._instances: Instances = read_instances(self._model)
        in_model = read_body(self._model, self._binds, ids)
        self._body = read_body(body, self._binds, ids) if body is not None else Body()
        self._calculated = {**in_model.calculated, **self._body.calculated}
        self._actions = {**in_model.actions, **self._body.actions}
        self._lists: dict[str, tuple[Choice, ...]] = {
            name: instance_choices(items, self._words) for name, items in self._instances.items.items()
        }

    def form(self) -> Form:
        """The form, questions in the order of the primary instance."""
        form_id = self._primary.get("id") or _own_namespace(self._primary)
        if not form_id:
            raise XFormInvalid(
                Bilingual(
                    "The XForm has no form id (attribute id of the instance's root element). Set it and send it again.",
                    "Le XForm n'a pas d'identifiant (attribut id de l'élément racine de l'instance). Ajoutez-le et "
                    "renvoyez-le.",
                )
            )
        version = next(
            (value for name, value in self._primary.attrib.items() if etree.QName(name).localname == "version"), ""
        )
        title = written_text(self._title) if self._title is not None else ""
        questions = tuple(self._question(node) for node in self._nodes if self._is_question(node))
        groups = tuple(self._group(node.path) for node in self._nodes if not self._is_question(node))
        return Form(
            form_id=str(form_id),
            version=str(version),
            title=title or str(form_id),
            languages=self._words.languages,
            questions=questions,
            groups=groups,
            lists={name: choices for name, choices in self._lists.items() if choices},
            files=self._files(questions),
            xform=self._xml,
        )

    @cached_property
    def _nodes(self) -> tuple[_Node, ...]:
        """All nodes below the root in document order, each path once: a repeat's template and its first row are one."""
        found: dict[str, _Node] = {}
        for node in _walk(self._primary, ""):
            known = found.get(node.path)
            if known is None or (known.is_leaf and not node.is_leaf):
                found[node.path] = node
        return tuple(found.values())

    def _is_question(self, node: _Node) -> bool:
        return node.is_leaf and node.path not in self._body.groups

    def _repeat_around(self, path: str) -> str | None:
        steps = path.split("/")
        outer = ("/".join(steps[:count]) for count in range(len(steps) - 1, 0, -1))
        return next((candidate for candidate in outer if candidate in self._body.repeats), None)

    def _group(self, path: str) -> Group:
        element = self._body.groups.get(path)
        labels = self._words.of_child(element, "label") if element is not None else {}
        return Group(
            path=path,
            labels=labels,
            is_repeat=path in self._body.repeats,
            repeat=self._repeat_around(path),
            relevant=self._bound(path, "relevant"),
        )

    def _question(self, node: _Node) -> Question:
        path = node.path
        control = self._body.controls.get(path)
        bind = self._binds.get(path)
        attributes: Mapping[str, str] = (
            {str(key): str(value) for key, value in bind.attrib.items()} if bind is not None else {}
        )
        calculation = self._bound(path, "calculate") or self._calculated.get(path) or None
        kind = question_type(
            path,
            attributes,
            control,
            is_calculated=calculation is not None or (control is not None and bool(node.text)),
            action=self._actions.get(path),
        )
        list_name, file_name, choice_filter = self._choices(path, control)
        required = self._bound(path, "required")
        message = attributes.get(f"{JAVAROSA}constraintMsg")
        return Question(
            path=path,
            name=path.rsplit("/", 1)[-1],
            type=kind,
            data_type=bare_type(attributes.get("type") or "string"),
            labels=self._words.of_child(control, "label") if control is not None else {},
            hints=self._words.of_child(control, "hint") if control is not None else {},
            list_name=list_name,
            file_name=file_name,
            repeat=self._repeat_around(path),
            relevant=self._bound(path, "relevant"),
            constraint=self._bound(path, "constraint"),
            constraint_messages=self._words.of_reference(message) if message else {},
            required=None if required == "false()" else required,
            calculation=calculation,
            choice_filter=choice_filter,
            appearance=(control.get("appearance") or None) if control is not None else None,
            read_only=(self._bound(path, "readonly") or "false()") != "false()",
        )

    def _bound(self, path: str, attribute: str) -> str | None:
        bind = self._binds.get(path)
        text = (bind.get(attribute) or "").strip() if bind is not None else ""
        return text or None

    def _choices(self, path: str, control: etree._Element | None) -> tuple[str | None, str | None, str | None]:
        """The name of the question's list, the file it comes from, and its choice filter."""
        if control is None or local_name(control) not in ("select", "select1", "rank", "input"):
            return None, None, None
        itemset = read_itemset(control)
        if itemset is None:
            return self._listed(path, control)
        if itemset.instance_id is None:
            return None, None, itemset.predicate
        if local_name(control) == "input":
            # The instance of a select_one_external is no element of the form: Collect looks into itemsets.csv.
            return itemset.instance_id, ITEMSETS, itemset.predicate
        file_name = self._instances.files.get(itemset.instance_id)
        if file_name is not None:
            return file_name.rsplit(".", 1)[0], file_name, itemset.predicate
        items = self._instances.items.get(itemset.instance_id)
        if items is not None and not itemset.has_usual_names:
            self._lists[itemset.instance_id] = instance_choices(items, self._words, itemset)
        return itemset.instance_id, None, itemset.predicate

    def _listed(self, path: str, control: etree._Element) -> tuple[str | None, str | None, str | None]:
        """Choices that the control lists itself; their list is named by the question's path."""
        if local_name(control) == "input":
            return None, None, None
        searched = _SEARCHED.search(control.get("appearance") or "")
        if searched:
            # The one item names the CSV's columns, not a choice.
            name = searched.group("name")
            file_name = name if name.endswith(".csv") else f"{name}.csv"
            return file_name.rsplit(".", 1)[0], file_name, None
        choices = listed_choices(control, self._words)
        if not choices:
            return None, None, None
        self._lists[path] = choices
        return path, None, None

    def _files(self, questions: tuple[Question, ...]) -> tuple[str, ...]:
        """Every file that must go out beside the form, each once."""
        names = [*self._instances.files.values(), *self._words.media]
        names.extend(question.file_name for question in questions if question.file_name)
        defaults = (_MEDIUM.match(node.text) for node in self._nodes if node.is_leaf)
        names.extend(found.group("name") for found in defaults if found)
        return tuple(dict.fromkeys(names))


def _own_namespace(primary: etree._Element) -> str | None:
    """The namespace of the instance, which names a form without id (OpenRosa); XForms' own is none of it."""
    namespace = etree.QName(primary).namespace
    return namespace if namespace != _XFORMS else None


def _walk(parent: etree._Element, prefix: str) -> Iterator[_Node]:
    """The nodes below an element; of a `meta` block only the audit log is one."""
    for child in parent.iterchildren("*"):
        name = local_name(child)
        path = f"{prefix}{name}"
        children = list(child.iterchildren("*"))
        if name == _ROOT_META and (prefix == "" or any(local_name(each) == "entity" for each in children)):
            yield from (
                _Node(f"{path}/audit", is_leaf=True, text="") for each in children if local_name(each) == "audit"
            )
            continue
        yield _Node(path, is_leaf=not children, text=(child.text or "").strip() if not children else "")
        yield from _walk(child, f"{path}/")


def _required(root: etree._Element, name: str) -> etree._Element:
    found = next((element for element in root.iter("*") if local_name(element) == name), None)
    if found is None:
        raise _not_an_xform(name)
    return found


def _not_an_xform(missing: str) -> XFormInvalid:
    return XFormInvalid(
        Bilingual(
            f"This XML is no XForm: it has no element {missing}. Send the form's definition, not a submission.",
            f"Ce XML n'est pas un XForm : il n'a pas d'élément {missing}. Envoyez la définition du formulaire, pas une "
            "soumission.",
        )
    )
