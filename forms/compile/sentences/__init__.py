"""The sentences of pyxform 4.5 that are known here, and what is said in their place: what is wrong, and what to do.

One module a subject. They come from `pyxform.errors.ErrorCode` and from the f-strings of its other modules; matching
them and finding the place is `forms.compile.findings`.
"""

from forms.compile.known import KnownSentence
from forms.compile.sentences.choices import CHOICES
from forms.compile.sentences.doubtful import DOUBTFUL
from forms.compile.sentences.entities import ENTITIES
from forms.compile.sentences.names import NAMES
from forms.compile.sentences.parameters import PARAMETERS
from forms.compile.sentences.references import REFERENCES
from forms.compile.sentences.survey import SURVEY
from forms.compile.sentences.workbook import WORKBOOK

KNOWN_SENTENCES: tuple[KnownSentence, ...] = (
    *SURVEY,
    *NAMES,
    *REFERENCES,
    *CHOICES,
    *PARAMETERS,
    *ENTITIES,
    *WORKBOOK,
    *DOUBTFUL,
)
"""In the order in which they are tried."""
