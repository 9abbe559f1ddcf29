"""The workbook a designer begins with: a small survey that works as it stands, or a copy of an instrument.

`settings` reads what the command was given, `survey` lays out what `questions` asks, `instrument` copies. Where the
files go is the command's.
"""

from forms.starter.instrument import copy_of_instrument
from forms.starter.settings import LANGUAGES, StarterRefused, form_id_of, read_languages, version_of
from forms.starter.starter import Starter
from forms.starter.survey import small_survey

__all__ = [
    "LANGUAGES",
    "Starter",
    "StarterRefused",
    "copy_of_instrument",
    "form_id_of",
    "read_languages",
    "small_survey",
    "version_of",
]
