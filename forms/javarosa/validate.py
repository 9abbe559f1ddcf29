"""Check an XForm with ODK Validate, the checker that ODK Central runs, inside this process.

What it says is placed in the workbook by `forms.compile.validation`.
"""

from collections.abc import Mapping

from jpype import JException

from forms.examined import Examined
from forms.finding import Finding, Severity
from forms.javarosa.machine import load_form, said, validator_messages
from forms.text import Bilingual


def validate(xform: bytes, files: Mapping[str, bytes]) -> tuple[Bilingual, ...]:
    """Return what ODK Validate and JavaRosa find wrong with an XForm and its external files; empty when clean.

    ODK Validate stubs external files, so the form is then loaded with the real ones. What Java says is English in
    both languages.
    """
    messages = validator_messages(xform)
    if messages:
        return tuple(Bilingual(message, message) for message in messages)
    try:
        _, missing = load_form(xform, files)
    except JException as error:
        return (Bilingual(said(error), said(error)),)
    return tuple(
        Bilingual(
            f"The form names the file {name}, and it is not there. Put {name} into the workbook's folder.",
            f"Le formulaire nomme le fichier {name}, qui est absent. Mettez {name} dans le dossier du classeur.",
        )
        for name in dict.fromkeys(missing)
    )


def validation_findings(examined: Examined) -> tuple[Finding, ...]:
    """Return what ODK Validate refuses as findings. Files that nobody knows of are not called missing."""
    files = examined.files or {}
    return tuple(Finding("odk_validate", Severity.ERROR, message) for message in validate(examined.form.xform, files))
