"""What paper needs of an XForm's body and a `Form` does not carry: scales, counts of repeats, columns of list files."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lxml import etree

from forms.form import Form
from forms.xform.body import relative_path
from forms.xform.lists import read_itemset
from forms.xml import local_name, parse_xml

_COUNT = "{http://openrosa.org/javarosa}count"


@dataclass(frozen=True, slots=True)
class Scale:
    """The steps of a `range`, as written: from `start` to `end` by `step`."""

    start: str
    end: str
    step: str


@dataclass(frozen=True, slots=True)
class ListColumns:
    """The columns of a list file that hold a choice's name and its label, and the nodes a list is drawn from."""

    name: str
    label: str
    nodeset: str


@dataclass(frozen=True)
class Controls:
    """By path. counts: how often a repeat is filled in, as XPath; absent where the interviewer decides."""

    scales: Mapping[str, Scale] = field(default_factory=dict)
    counts: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, ListColumns] = field(default_factory=dict)


def read_controls(form: Form) -> Controls:
    """Return what the body of the form's XForm says beyond its questions and groups."""
    scales: dict[str, Scale] = {}
    counts: dict[str, str] = {}
    columns: dict[str, ListColumns] = {}
    for element in parse_xml(form.xform).iter("{*}range", "{*}repeat", "{*}select", "{*}select1", "{*}rank"):
        path = relative_path(element.get("ref") or element.get("nodeset") or "")
        match local_name(element):
            case "range":
                scales[path] = _scale(element)
            case "repeat":
                count = (element.get(_COUNT) or "").strip()
                if count:
                    counts[path] = count
            case _:
                found = _list_columns(element)
                if found is not None:
                    columns[path] = found
    return Controls(scales, counts, columns)


def _scale(element: etree._Element) -> Scale:
    return Scale(element.get("start") or "", element.get("end") or "", element.get("step") or "")


def _list_columns(control: etree._Element) -> ListColumns | None:
    itemset = read_itemset(control)
    if itemset is None:
        return None
    element = next((child for child in control.iterchildren("*") if local_name(child) == "itemset"), None)
    nodeset = (element.get("nodeset") if element is not None else None) or ""
    return ListColumns(itemset.value, itemset.label, nodeset)
