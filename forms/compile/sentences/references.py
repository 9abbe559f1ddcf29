"""What pyxform refuses of references: `${name}` in formulas, labels and triggers."""

import re

from forms.compile.known import KnownSentence
from forms.text import Bilingual

REFERENCES = (
    KnownSentence(
        "reference_unknown",
        re.compile(r"(?:Could not find the name|There is no survey element named) '(?P<what>.*?)'"),
        Bilingual(
            "There is no question {what}.{near} Correct the name between ${{ and }}.",
            "Il n'y a pas de question « {what} ».{near} Corrigez le nom entre ${{ et }}.",
        ),
    ),
    KnownSentence(
        "reference_ambiguous",
        re.compile(
            r"(?:The name '(?P<what>.*?)' appears more than once|multiple survey elements named '(?P<also>.*?)')"
        ),
        Bilingual(
            "Several questions are called {what}{rows}, so nobody knows which is meant. Rename one.",
            "Plusieurs questions s'appellent « {what} »{rows} : la référence est ambiguë. Renommez-en une.",
        ),
    ),
    KnownSentence(
        "reference_malformed",
        re.compile(r"Reference variables must start with"),
        Bilingual(
            "A reference is written ${{name}}. Correct the one in this cell.",
            "Une référence s'écrit ${{nom}}. Corrigez celle de cette cellule.",
        ),
    ),
    KnownSentence(
        "references_unseparated",
        re.compile(r"Reference variable lists must have a comma between each variable"),
        Bilingual(
            "Several references stand in this cell without a comma between them. Write ${{a}}, ${{b}}.",
            "Plusieurs références figurent dans cette cellule sans virgule entre elles. Écrivez ${{a}}, ${{b}}.",
        ),
        column="trigger",
    ),
)
