"""Check an XForm with ODK Validate, the checker that ODK Central runs, inside this process.

What it says is placed in the workbook by `forms.compile.validation`.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from jpype import JException

from forms.compile.expressions import XFormExpressions
from forms.compile.validation import tell
from forms.examined import Examined
from forms.finding import Finding, Place, Severity
from forms.javarosa.machine import load_form, said, validator_messages
from forms.text import Bilingual

MAX_ROUNDS = 30
"""How often a form is validated to hear one error after the other."""


def validate(xform: bytes, files: Mapping[str, bytes]) -> tuple[Bilingual, ...]:
    """Return what ODK Validate and JavaRosa find wrong with an XForm and its external files; empty when clean.

    ODK Validate stubs external files, so the form is then loaded with the real ones. What Java says is English in
    both languages.
    """
    messages = validator_messages(xform)
    if messages:
        return tuple(Bilingual(message, message) for message in messages)
    return tuple(complaint.message for complaint in _loading_complaints(xform, files))


def validation_findings(examined: Examined, already: Collection[Finding] = ()) -> tuple[Finding, ...]:
    """Return what ODK Validate refuses as findings, each with its row; files that nobody knows of are not missing.

    It stops at the first error, so the expression it refuses is taken out of a copy to hear the next.
    already: what was found before; what they cover is not told twice.
    """
    messages = validator_messages(examined.form.xform)
    heard = tuple(_heard(messages, examined)) if messages else ()
    is_refused = any(finding.severity is Severity.ERROR for finding in heard)
    found = dict.fromkeys((*heard, *(() if is_refused else _unloadable(examined))))
    return tuple(finding for finding in found if not any(_covers(earlier, finding) for earlier in already))


def _covers(earlier: Finding, finding: Finding) -> bool:
    """Whether an earlier finding says as much: of the same cell, or the same of the same row."""
    return (
        earlier.severity.rank >= finding.severity.rank
        and (earlier.sheet, earlier.row) == (finding.sheet, finding.row)
        and (earlier.column == finding.column or earlier.code == finding.code)
    )


def _heard(messages: Sequence[str], examined: Examined) -> Iterator[Finding]:
    """What the validator says first, and then of a copy without the expressions that it refused."""
    expressions = XFormExpressions(examined.form.xform)
    shows_all_choices = False
    for _ in range(MAX_ROUNDS):
        told = tell(messages, expressions, examined)
        # Without its filter a question may offer choices that it never did.
        yield from (finding for finding in told.findings if not shows_all_choices or finding.sheet != "choices")
        if not told.guilty:
            return
        shows_all_choices = shows_all_choices or any(each.is_choice_filter for each in told.guilty)
        xform = expressions.without(told.guilty)
        messages = validator_messages(xform)
        if not messages:
            return
        expressions = XFormExpressions(xform)


def _unloadable(examined: Examined) -> Iterator[Finding]:
    """The files that are missing beside the workbook or that JavaRosa cannot read, at the row that names them."""
    if examined.files is None:
        return
    for complaint in _loading_complaints(examined.form.xform, examined.files):
        places = [_place_naming(name, examined) for name in complaint.files]
        # Of several files it does not say which one it cannot read.
        place = places[0] if len(places) == 1 else Place(examined.survey.name)
        yield Finding(complaint.code, Severity.ERROR, complaint.message, place.sheet, place.row, place.column)


@dataclass(frozen=True)
class _LoadingComplaint:
    code: str
    message: Bilingual
    files: tuple[str, ...]


def _loading_complaints(xform: bytes, files: Mapping[str, bytes]) -> list[_LoadingComplaint]:
    try:
        _, missing = load_form(xform, files)
    except JException as error:
        words = said(error)
        message = Bilingual(
            f"JavaRosa cannot read a file of the form: {words}. A CSV needs a first row with the columns that the form "
            "reads, name and label among them.",
            f"JavaRosa ne sait pas lire un fichier du formulaire : {words}. Un CSV a besoin d'une première ligne avec "
            "les colonnes que lit le formulaire, dont name et label.",
        )
        return [_LoadingComplaint("file_unreadable", message, tuple(files))]
    return [
        _LoadingComplaint(
            "file_missing",
            Bilingual(
                f"The form names the file {name}, and it is not there. Put {name} into the workbook's folder.",
                f"Le formulaire nomme le fichier {name}, qui est absent. Mettez {name} dans le dossier du classeur.",
            ),
            (name,),
        )
        for name in dict.fromkeys(missing)
    ]


def _place_naming(name: str, examined: Examined) -> Place:
    """The first cell of the survey that names a file, with its ending or, as in pulldata(), without."""
    stem = name.rpartition(".")[0]
    for wanted in (name, stem):
        for row in examined.survey.rows if wanted else ():
            for header, cell in row.cells.items():
                if wanted in cell.text:
                    return Place(examined.survey.name, row.number, header)
    return Place(examined.survey.name)
