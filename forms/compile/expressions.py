"""Find the expressions of an XForm and the cells of the workbook that they were written in."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from lxml import etree

from forms.examined import Examined
from forms.finding import Place
from forms.sheets.survey_rows import header_of
from forms.xml import parse_xml

# Attribute of an XForm's element to the columns of `survey` that it comes from.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "relevant": ("relevant", "relevance", "bind::relevant"),
    "constraint": ("constraint", "bind::constraint"),
    "calculate": ("calculation", "calculate", "bind::calculate"),
    "required": ("required", "bind::required"),
    "readonly": ("read_only", "readonly", "bind::readonly"),
    "nodeset": ("choice_filter",),
    "query": ("choice_filter",),
    "value": ("default", "calculation", "calculate"),
}


@dataclass(frozen=True)
class WrittenExpression:
    """One expression of an XForm. path: of the question it belongs to, without the root; attribute: where it stands."""

    element: etree._Element
    attribute: str
    path: str

    @property
    def text(self) -> str:
        """The expression as it stands in the XForm."""
        return self.element.get(self.attribute) or ""

    @property
    def is_choice_filter(self) -> bool:
        """Whether it says which choices are offered."""
        return self.attribute in ("nodeset", "query")


class XFormExpressions:
    """All expressions of an XForm, from which some can be taken out."""

    def __init__(self, xform: bytes) -> None:
        self._root = parse_xml(xform)

    def __iter__(self) -> Iterator[WrittenExpression]:
        for element in self._root.iter(etree.Element):
            match etree.QName(element).localname:
                case "bind":
                    path = relative(element.get("nodeset", ""))
                    for name in ("relevant", "constraint", "calculate", "required", "readonly"):
                        if element.get(name):
                            yield WrittenExpression(element, name, path)
                case "itemset":
                    asked = next(element.iterancestors(), element)
                    yield WrittenExpression(element, "nodeset", relative(asked.get("ref", "")))
                case "input" if element.get("query"):
                    yield WrittenExpression(element, "query", relative(element.get("ref", "")))
                case "setvalue" if element.get("value"):
                    yield WrittenExpression(element, "value", relative(element.get("ref", "")))

    def without(self, expressions: Iterable[WrittenExpression]) -> bytes:
        """The XForm after these expressions were taken out; of a choice filter only the filter."""
        for expression in expressions:
            if expression.is_choice_filter:
                expression.element.set(expression.attribute, expression.text.partition("[")[0])
            else:
                del expression.element.attrib[expression.attribute]
        return etree.tostring(self._root)


def relative(path: str) -> str:
    """A path of the XForm as the form's questions have it: without root and positions."""
    steps = [step.partition("[")[0].rpartition(":")[2] for step in path.strip().split("/") if step]
    return "/".join(steps[1:])


def place_of(examined: Examined, path: str, attribute: str) -> Place:
    """Where in the workbook the expression of a question was written; what pyxform makes is traced to its source."""
    if path == "meta/instanceName":
        settings = examined.workbook.sheet("settings")
        first = settings.rows[0].number if settings is not None and settings.rows else None
        header = header_of(settings, ("instance_name",)) if settings is not None else None
        return Place(settings.name if settings is not None else "settings", first, header)
    if path not in examined.rows and path.endswith("_count") and path.removesuffix("_count") in examined.rows:
        # pyxform makes a node of a repeat_count that is a formula.
        return examined.at(path.removesuffix("_count"), "repeat_count")
    place = examined.at(path, *COLUMNS.get(attribute, ()))
    row = examined.rows.get(path)
    if row is None or attribute != "value":
        return place
    headers = [header_of(examined.survey, (name,)) for name in COLUMNS["value"]]
    filled = next((header for header in headers if header and row.row.text(header)), place.column)
    return replace(place, column=filled)
