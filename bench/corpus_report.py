"""Examine every form of a corpus and report, by dialect and by origin, what came of it: counts and codes only.

    python bench/corpus_report.py SHARED > docs/corpus.md

SHARED holds `corpus/manifest.csv` (columns repo, file, dialect, pyxform_ok, validate_ok) and the forms it names.
"""

import csv
import sys
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from forms.examine import Examination, examine
from forms.finding import Severity


@dataclass(frozen=True)
class Form:
    """One form of the corpus: where it is from, whether other tools accept it, and what we find."""

    repo: str
    dialect: str
    is_accepted: bool
    examination: Examination

    @property
    def is_refused(self) -> bool:
        """Whether we find an error."""
        return self.examination.reaches(Severity.ERROR)

    @property
    def is_placed(self) -> bool:
        """Whether an error names sheet and row."""
        findings = self.examination.findings
        return any(each.severity is Severity.ERROR and each.sheet and each.row for each in findings)


def main() -> None:
    """Print the report."""
    warnings.simplefilter("ignore", UserWarning)
    forms = list(examined(Path(sys.argv[1]) / "corpus"))
    print(INTRODUCTION.format(count=len(forms), pyxform=version("pyxform"), openpyxl=version("openpyxl")))
    print("## By dialect\n")
    table("dialect", by(forms, "dialect"))
    print("\n## By origin\n")
    table("repository", by(forms, "repo"))
    for title, severity in (("Errors", "error"), ("Warnings", "warning"), ("Remarks", "info")):
        print(f"\n## {title} by code\n")
        codes(forms, Severity(severity))


INTRODUCTION = """# Forms of others

Written by `bench/corpus_report.py`: {count} public XLSForms of many organisations, examined as `jekafo form check`
does, beside what pyxform {pyxform} (reading with openpyxl {openpyxl}) and the ODK Validate that it ships say of them.
The forms themselves are not part of this project.

- *accepted*: pyxform and ODK Validate accept it. *false errors*: accepted, and we find an error nevertheless.
- *refused*: one of the two refuses it. *refused here*: we find an error, too. *placed*: with sheet and row.
- *questions*: nodes read, notes and calculations included; each is counted against the binds of the XForm in
  `tests/forms/test_corpus_examination.py`.

One refused form has no place: an .xls under the name .xlsx, whose whole content is what the ending denies. Where a form
has several errors all are told in one run; pyxform and ODK Validate stop at the first.
"""


def examined(corpus: Path) -> Iterable[Form]:
    """Each form of the manifest, in its order."""
    with (corpus / "manifest.csv").open(encoding="utf-8", newline="") as manifest:
        for row in csv.DictReader(manifest):
            path = corpus / row["file"]
            is_accepted = row["pyxform_ok"] == row["validate_ok"] == "True"
            yield Form(row["repo"], row["dialect"], is_accepted, examine(path.read_bytes(), path.name))


def by(forms: Sequence[Form], attribute: str) -> Mapping[str, Sequence[Form]]:
    """Forms by an attribute, in the order of its values."""
    groups: dict[str, list[Form]] = defaultdict(list)
    for form in forms:
        groups[getattr(form, attribute)].append(form)
    return dict(sorted(groups.items(), key=lambda group: group[0].lower()))


def table(name: str, groups: Mapping[str, Sequence[Form]]) -> None:
    """One line a group, and one for all where there are several."""
    print(f"| {name} | forms | accepted | false errors | refused | refused here | placed | questions |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    for group, forms in groups.items():
        print(line(group, forms))
    if len(groups) > 1:
        print(line("all", [form for forms in groups.values() for form in forms]))


def line(name: str, forms: Sequence[Form]) -> str:
    """The counts of a group of forms."""
    accepted = [form for form in forms if form.is_accepted]
    refused = [form for form in forms if not form.is_accepted]
    counts = (
        len(forms),
        len(accepted),
        sum(form.is_refused for form in accepted),
        len(refused),
        sum(form.is_refused for form in refused),
        sum(form.is_placed for form in refused),
        sum(len(form.examination.form.questions) for form in forms if form.examination.form),
    )
    return f"| {name} | " + " | ".join(f"{count:,}" for count in counts) + " |"


def codes(forms: Sequence[Form], severity: Severity) -> None:
    """How often each code is found, and in how many forms, the most frequent first."""
    findings, found_in = Counter[str](), Counter[str]()
    for form in forms:
        told = [finding.code for finding in form.examination.findings if finding.severity is severity]
        findings.update(told)
        found_in.update(set(told))
    print("| code | forms | findings |")
    print("|---|---:|---:|")
    for code in sorted(found_in, key=lambda code: (-found_in[code], code)):
        print(f"| `{code}` | {found_in[code]} | {findings[code]:,} |")


if __name__ == "__main__":
    main()
