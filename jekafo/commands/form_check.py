"""`jekafo form check`: is this workbook fit for the field?"""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from forms.checks.client_features import CLIENTS
from forms.examine import Examination, examine, examine_together
from forms.finding import Severity
from forms.paper.numbering import is_asked
from forms.text import Bilingual
from jekafo.finding_reports import as_json, as_sarif, count_of
from jekafo.settings import terminal_language
from jekafo.streams import print_for_programs
from jekafo.terminal import FINDINGS, fail, print_findings, reported, say, words
from jekafo.workbook_files import folder_of


class Format(StrEnum):
    """How the findings are written."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"


class FailOn(StrEnum):
    """From which severity on the command ends with exit code 1."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    NEVER = "never"


@reported
def check(
    files: Annotated[list[Path], typer.Argument(help="Workbooks: .xlsx, .xls, .md or .csv.")],
    form_as: Annotated[Format, typer.Option("--as", help="How findings are written.")] = Format.TEXT,
    fail_on: Annotated[FailOn, typer.Option(help="End with exit code 1 from this severity on.")] = FailOn.ERROR,
    client: Annotated[
        list[str] | None, typer.Option(help=f"What will fill in the form: {', '.join(CLIENTS)}; may be repeated.")
    ] = None,
    language: Annotated[str | None, typer.Option(help="fr or en; else the terminal's language.")] = None,
) -> None:
    """Compile each workbook, read our sheets, look for what ruins a survey in silence, and run ODK Validate."""
    spoken = language or terminal_language()
    clients = _known_clients(client or [])
    examined = examine_together([_examined(file, clients) for file in files])
    examinations = {str(file): examination for file, examination in zip(files, examined, strict=True)}
    match form_as:
        case Format.JSON:
            print_for_programs(json.dumps(as_json(examinations), ensure_ascii=False, indent=2))
        case Format.SARIF:
            print_for_programs(json.dumps(as_sarif(examinations, spoken), ensure_ascii=False, indent=2))
        case Format.TEXT:
            for path, examination in examinations.items():
                print_findings(path, examination.findings, spoken)
                say(*_summary(path, examination), language=spoken)
    if fail_on is not FailOn.NEVER and any(e.reaches(Severity(fail_on)) for e in examinations.values()):
        raise typer.Exit(FINDINGS)


def _known_clients(names: list[str]) -> frozenset[str]:
    unknown = [name for name in names if name not in CLIENTS]
    if unknown:
        raise typer.BadParameter(
            words(
                f"There is no client {unknown[0]}: there are {', '.join(CLIENTS)}.",
                f"Le client {unknown[0]} n'existe pas : il y a {', '.join(CLIENTS)}.",
            )
        )
    return frozenset(names)


def _examined(file: Path, clients: frozenset[str]) -> Examination:
    if not file.is_file():
        fail(words(f"There is no file {file}.", f"Le fichier {file} n'existe pas."))
    return examine(file.read_bytes(), file.name, folder_of(file), clients)


def _summary(path: str, examination: Examination) -> tuple[str, str]:
    english = ", ".join(_counted(examination, "en")) or "nothing to mend"
    french = ", ".join(_counted(examination, "fr")) or "rien à corriger"
    form = examination.form
    if form is None:
        return f"{path}: {english}", f"{path} : {french}"
    # What people are asked, as the paper questionnaire numbers it: not what the tablet notes or calculates.
    questions, indicators = sum(map(is_asked, form.questions)), len(form.interpretation.indicators)
    version = f"{form.form_id} version {form.version}"
    many, several = "" if questions == 1 else "s", "" if indicators == 1 else "s"
    plural, plurals = "s" if questions > 1 else "", "s" if indicators > 1 else ""
    return (
        f"{path}: {version}, {questions} question{many} asked, {indicators} indicator{several}: {english}",
        f"{path} : {version}, {questions} question{plural} posée{plural}, {indicators} indicateur{plurals} : {french}",
    )


_NAMES = {
    Severity.ERROR: (Bilingual("error", "erreur"), Bilingual("errors", "erreurs")),
    Severity.WARNING: (Bilingual("warning", "avertissement"), Bilingual("warnings", "avertissements")),
    Severity.INFO: (Bilingual("remark", "remarque"), Bilingual("remarks", "remarques")),
}


def _counted(examination: Examination, language: str) -> list[str]:
    counts = {severity: count_of([examination], severity) for severity in _NAMES}
    return [
        f"{count} {_NAMES[severity][count > 1].in_language(language)}" for severity, count in counts.items() if count
    ]
