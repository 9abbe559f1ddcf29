"""Findings as programs read them: JSON for scripts, SARIF 2.1.0 for code hosts and editors.

What people read at the terminal is `jekafo.terminal.print_findings`.
"""

import os
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote

from forms.examine import Examination
from forms.finding import Finding, Severity
from forms.finding_codes import finding_codes

SARIF_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"
_SARIF_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def as_json(examinations: Mapping[str, Examination]) -> dict[str, Any]:
    """Return the findings of each file (path as given to examination), messages in both languages."""
    return {
        "files": [
            {
                "file": path,
                "form_id": examination.form.form_id if examination.form else None,
                "version": examination.form.version if examination.form else None,
                "questions": len(examination.form.questions) if examination.form else None,
                "findings": [_json_finding(finding) for finding in examination.findings],
            }
            for path, examination in examinations.items()
        ],
        **{f"{severity.value}s": count_of(examinations.values(), severity) for severity in reversed(Severity)},
    }


def as_sarif(examinations: Mapping[str, Examination], language: str) -> dict[str, Any]:
    """Return one SARIF run: a rule a code, a result a finding; the row stands as line, the cell as logical location."""
    met = sorted({finding.code for examination in examinations.values() for finding in examination.findings})
    known = finding_codes()
    rules = [
        {"id": code, "shortDescription": {"text": known[code].in_language(language)}} if code in known else {"id": code}
        for code in met
    ]
    return {
        "$schema": SARIF_SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "jekafo form check", "version": version("jekafo"), "rules": rules}},
                "results": [
                    _sarif_result(path, finding, met.index(finding.code), language)
                    for path, examination in examinations.items()
                    for finding in examination.findings
                ],
            }
        ],
    }


def count_of(examinations: Iterable[Examination], severity: Severity) -> int:
    """Return how many findings of exactly this severity there are."""
    return sum(finding.severity is severity for examination in examinations for finding in examination.findings)


def _json_finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "sheet": finding.sheet,
        "row": finding.row,
        "column": finding.column,
        "cell": finding.cell,
        "message": {"en": finding.message.en, "fr": finding.message.fr},
    }


def _uri(path: str) -> str:
    """A path as a URI reference: relative to where the command ran, as code hosts want it, or `file:` if absolute."""
    return Path(path).as_uri() if Path(path).is_absolute() else quote(os.fsencode(Path(path).as_posix()))


def _sarif_result(path: str, finding: Finding, rule: int, language: str) -> dict[str, Any]:
    location: dict[str, Any] = {"physicalLocation": {"artifactLocation": {"uri": _uri(path)}}}
    if finding.row is not None:
        location["physicalLocation"]["region"] = {"startLine": finding.row}
    if finding.sheet is not None:
        name = f"{finding.sheet}!{finding.cell or finding.row or ''}".rstrip("!")
        location["logicalLocations"] = [{"fullyQualifiedName": name, "kind": "element"}]
    place = finding.place(language)
    text = finding.message.in_language(language)
    return {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": _SARIF_LEVELS[finding.severity],
        "message": {"text": f"{place}: {text}" if place else text},
        "locations": [location],
    }
