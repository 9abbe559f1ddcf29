"""Say in two languages, with sheet, row and column, what ODK Validate and JavaRosa refuse of an XForm.

Both speak English, name paths of the XForm, and stop at the first error. Running them is `forms.javarosa.validate`.
"""

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from forms.compile.circle import circle_of
from forms.compile.complaints import COMPLAINTS, FUNCTION_MEANT, OWN_RESULT, SYNTAX, Complaint
from forms.compile.expressions import WrittenExpression, XFormExpressions, place_of, relative
from forms.examined import Examined
from forms.finding import Finding, Place, Severity
from forms.sheets.choice_columns import LIST_HEADERS
from forms.sheets.survey_rows import header_of
from forms.text import Bilingual
from forms.xpath.parser import parse_xpath
from forms.xpath.slips import WITHOUT_ARGUMENTS, meant_function
from forms.xpath.tokens import XPathInvalid

UNKNOWN_COMPLAINT = "odk_validate"
"""The code of a message that is not known here: its English is passed on."""

_AROUND = 24
"""Letters of a formula that a message shows before and after the one it stumbles over."""

# What follows from another message, or only repeats that something is wrong.
_ECHO = re.compile(r"^(?:Xform is invalid!|Result: Invalid|The XML is invalid\.)\s*$", re.IGNORECASE)
_KINDS = {
    "Calculate": "calculate",
    "Condition": "relevant",
    "display": "relevant",
    "require": "required",
    "readonly": "readonly",
}


@dataclass(frozen=True)
class Told:
    """What a message comes to: findings, and the expressions without which the next message can be heard."""

    findings: tuple[Finding, ...]
    guilty: tuple[WrittenExpression, ...]


def tell(messages: Sequence[str], expressions: XFormExpressions, examined: Examined) -> Told:
    """Return what ODK Validate's messages about an XForm mean for its workbook."""
    findings: list[Finding] = []
    guilty: list[WrittenExpression] = []
    for message in messages:
        if _ECHO.match(message):
            continue
        told = _told(message, list(expressions), examined)
        findings.extend(told.findings)
        guilty.extend(told.guilty)
    return Told(tuple(findings), tuple(guilty))


def _told(message: str, expressions: list[WrittenExpression], examined: Examined) -> Told:
    for complaint in COMPLAINTS:
        match = complaint.pattern.search(message)
        if match is not None:
            return _known(complaint, match, expressions, examined)
    return Told((_passed_on(message),), ())


def _known(
    complaint: Complaint, match: re.Match[str], expressions: list[WrittenExpression], examined: Examined
) -> Told:
    named = match.groupdict(default="")
    if complaint.code == "cycle":
        return _cycle(complaint, [relative(path) for path in named["paths"].split()], expressions, examined)
    guilty = _guilty(named, expressions)
    what = " ".join(named.get("what", "").split())
    what = relative(what) if what.startswith("/") else what
    if guilty:
        place = place_of(examined, guilty[0].path, guilty[0].attribute)
        why = _why(_typed(place, examined)) or _why(guilty[0].text) or Bilingual("", "")
    else:
        place = _place_of_node(named, examined)
        why = Bilingual("", "")
        if complaint.code == "choice_without_label" and _is_filled(place, examined):
            # A label that shows an answer (`${name}`) is blank only in the empty form that ODK Validate looks at.
            return Told((), ())
    said = complaint.said
    if complaint.code == "function_refused" and (right := meant_function(what)) is not None:
        called = f"{right}()" if right in WITHOUT_ARGUMENTS else f"{right}(…)"
        why, said = Bilingual(called, called), FUNCTION_MEANT
    elif complaint.code == "formula_fails" and why.en:
        said = SYNTAX
    message = Bilingual(
        " ".join(said.en.format(what=what, why=why.en).split()),
        " ".join(said.fr.format(what=what, why=why.fr).split()),
    )
    return Told((_finding(complaint, message, place),), tuple(guilty[:1]))


def _guilty(named: dict[str, str], expressions: list[WrittenExpression]) -> list[WrittenExpression]:
    """The expressions that a message may be about, the likeliest first."""
    wanted = [
        (relative(path), attribute)
        for path, attribute in (
            (named.get("path"), _KINDS.get(named.get("kind", ""), "")),
            (named.get("constrained"), "constraint"),
            (named.get("calculated"), "calculate"),
            (named.get("set"), "value"),
        )
        if path
    ]
    found = [each for each in expressions if (each.path, each.attribute) in wanted]
    if found or wanted:
        return found
    if text := " ".join(named.get("text", "").split()):
        return [each for each in expressions if text in " ".join(each.text.split())]
    if what := named.get("what"):
        called = re.compile(rf"(?<![\w-]){re.escape(what)}['\"]?\s*\(|instance\(\s*['\"]{re.escape(what)}['\"]")
        return [each for each in expressions if called.search(each.text)] or [
            each for each in expressions if "::" in each.text
        ]
    return []


def _cycle(complaint: Complaint, paths: list[str], expressions: list[WrittenExpression], examined: Examined) -> Told:
    """One finding for the whole circle, at its first formula in the sheet; it names the members in reading order."""
    rows = {path: examined.at(path).row for path in paths}
    circle = circle_of(sorted(rows, key=lambda path: rows[path] or sys.maxsize), expressions)
    members = [_member(each.path, rows.get(each.path)) for each in circle]
    if not circle:
        # It reads by a way that cannot be followed here, as through the condition of a group around.
        members = [_member(path, rows[path]) for path in rows]
        circle = [each for each in expressions if each.path in rows and each.attribute in ("relevant", "calculate")]
    said = complaint.said if len(members) > 1 else OWN_RESULT
    ring = members if len(members) == 1 else [*members, members[0]]
    message = Bilingual(
        said.en.format(what=" → ".join(member.en for member in ring)),
        said.fr.format(what=" → ".join(member.fr for member in ring)),
    )
    place = place_of(examined, circle[0].path, circle[0].attribute) if circle else examined.at(paths[0])
    return Told((_finding(complaint, message, place),), tuple(circle))


def _member(path: str, row: int | None) -> Bilingual:
    name = path.rpartition("/")[2]
    return Bilingual(f"{name} (row {row})", f"{name} (ligne {row})") if row is not None else Bilingual(name, name)


def _place_of_node(named: dict[str, str], examined: Examined) -> Place:
    """Where a question, group or choice stands that a message names by its path."""
    path = relative(named.get("path") or named.get("calculated") or named.get("constrained") or named.get("set") or "")
    number, choices = named.get("number"), examined.workbook.sheet("choices")
    question = examined.form.by_path.get(path)
    if number and choices is not None and question is not None:
        header = header_of(choices, LIST_HEADERS) or ""
        rows = [row.number for row in choices.rows if row.text(header) == question.list_name]
        if int(number) <= len(rows):
            labels = next((each for each in choices.headers if each.lower().startswith("label")), None)
            return Place(choices.name, rows[int(number) - 1], labels)
    return examined.at(path, "type") if path else Place(examined.survey.name)


def _is_filled(place: Place, examined: Examined) -> bool:
    return bool(_typed(place, examined))


def _typed(place: Place, examined: Examined) -> str:
    """The text of the cell at a place, as the designer typed it; empty where there is none."""
    sheet = examined.workbook.sheet(place.sheet)
    rows = sheet.rows if sheet is not None else ()
    return next((row.text(place.column or "") for row in rows if row.number == place.row), "")


def _why(text: str) -> Bilingual | None:
    """What our own parser says of an expression, with the piece it stumbles over; None where it reads it."""
    try:
        parse_xpath(text)
    except XPathInvalid as invalid:
        piece = _piece(text, invalid.position)
        return Bilingual(f"{invalid.message.en} Here: {piece}", f"{invalid.message.fr} Ici : {piece}")
    return None


def _piece(text: str, position: int) -> str:
    """The text around a position, with dots where it was cut; words stay whole unless they are long."""
    start = max(text.rfind(" ", 0, max(0, position - _AROUND)) + 1, position - 3 * _AROUND)
    end = text.find(" ", position + _AROUND)
    end = min(len(text) if end < 0 else end, position + 3 * _AROUND)
    piece = " ".join(text[start:end].split())
    return f"{'…' if start else ''}{piece}{'…' if end < len(text) else '.'}"


def _finding(complaint: Complaint, message: Bilingual, place: Place) -> Finding:
    return Finding(complaint.code, complaint.severity, message, sheet=place.sheet, row=place.row, column=place.column)


def _passed_on(message: str) -> Finding:
    words = " ".join(message.split())
    return Finding(
        UNKNOWN_COMPLAINT, Severity.ERROR, Bilingual(f"ODK Validate says: {words}", f"ODK Validate dit : {words}")
    )
