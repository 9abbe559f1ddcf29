"""The codes of findings about files, about XLSForm, and of ODK Validate, each with one sentence on what it finds."""

from collections.abc import Mapping

from forms.compile.codes.names import NAME_CODES
from forms.compile.codes.survey import SURVEY_CODES
from forms.compile.codes.validation import VALIDATION_CODES
from forms.compile.codes.workbook import WORKBOOK_CODES
from forms.text import Bilingual

CODES: Mapping[str, Bilingual] = {**WORKBOOK_CODES, **SURVEY_CODES, **NAME_CODES, **VALIDATION_CODES}
