"""All codes that a finding may carry, each with what it finds; docs/findings.md lists the same.

A code never changes its meaning: pre-commit configurations and SARIF suppressions name it.
"""

from collections.abc import Mapping
from functools import cache

from forms import checks
from forms.compile.codes import CODES as COMPILE_CODES
from forms.sheets.codes import CODES as SHEET_CODES
from forms.text import Bilingual

XLSFORM = Bilingual("What keeps a file from being a form", "Ce qui empêche un fichier d'être un formulaire")
OUR_SHEETS = Bilingual("What is wrong in our columns and sheets", "Ce qui est faux dans nos colonnes et feuilles")
SILENT = Bilingual("What ruins a survey in silence", "Ce qui ruine une enquête en silence")


@cache
def finding_codes() -> Mapping[str, Bilingual]:
    """Return every code to one sentence on what it finds."""
    return {code: said for codes in codes_by_origin().values() for code, said in codes.items()}


@cache
def codes_by_origin() -> Mapping[Bilingual, Mapping[str, Bilingual]]:
    """Return the codes in three parts: those of files and XLSForm, those of our sheets, those of the silent slips."""
    parts = {XLSFORM: COMPILE_CODES, OUR_SHEETS: SHEET_CODES, SILENT: checks.codes()}
    return {origin: dict(sorted(codes.items())) for origin, codes in parts.items()}
