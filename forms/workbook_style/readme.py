"""The lines of the sheet README: what the workbook is, how to change it without breaking it, its sheets and columns.

Everything stands in French and English side by side. The writing is `forms.workbook_style.write`'s.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from forms.text import Bilingual
from forms.workbook_style.explanations import COLUMN_NOTES, SHEET_NOTES


class Kind(Enum):
    """How a line looks. BLUE and AMBER show the colours of the headers; FILL_IN waits for its reader's words."""

    TITLE = auto()
    HEADING = auto()
    TEXT = auto()
    BLUE = auto()
    AMBER = auto()
    FILL_IN = auto()


@dataclass(frozen=True, slots=True)
class ReadmeLine:
    """One line in both languages."""

    text: Bilingual
    kind: Kind = Kind.TEXT


def readme(
    title: Bilingual, about: Sequence[Bilingual], sheets: Sequence[tuple[str, Sequence[str]]]
) -> list[ReadmeLine]:
    """Return the lines for a workbook.

    title, about: what this workbook is, for whom, and what is particular to it. sheets: names of its sheets, each with
    its columns; those without an explanation are passed over.
    """
    return [
        ReadmeLine(title, Kind.TITLE),
        *(ReadmeLine(text) for text in about),
        ReadmeLine(_CONTACT_HEADING, Kind.HEADING),
        ReadmeLine(_CONTACT, Kind.FILL_IN),
        ReadmeLine(_EDIT_HEADING, Kind.HEADING),
        *(ReadmeLine(text) for text in _EDIT),
        ReadmeLine(_SHEETS_HEADING, Kind.HEADING),
        ReadmeLine(_BLUE, Kind.BLUE),
        ReadmeLine(_AMBER, Kind.AMBER),
        *(ReadmeLine(_named(name, SHEET_NOTES[name])) for name, _ in sheets if name in SHEET_NOTES),
        ReadmeLine(_COLUMNS_HEADING, Kind.HEADING),
        *_columns(sheets),
    ]


def _columns(sheets: Sequence[tuple[str, Sequence[str]]]) -> list[ReadmeLine]:
    lines = []
    for sheet, headers in sheets:
        for column in dict.fromkeys(header.split("::")[0] for header in headers):
            note = COLUMN_NOTES.get((sheet, column))
            if note is not None:
                lines.append(ReadmeLine(_named(f"{sheet}.{column}", note)))
    return lines


def _named(name: str, note: Bilingual) -> Bilingual:
    return Bilingual(f"{name}: {note.en}", f"{name} : {note.fr}")


_CONTACT_HEADING = Bilingual("Contact", "Contact")
_CONTACT = Bilingual(
    "Whom to ask about this form (name, address): to be filled in.",
    "À qui s'adresser pour ce formulaire (nom, adresse) : à remplir.",
)
_EDIT_HEADING = Bilingual("Changing this workbook without breaking it", "Modifier ce classeur sans le casser")
_EDIT = (
    Bilingual(
        "1. Change, save, then run: jekafo form check FILE.xlsx. It names the cell of everything that is wrong.",
        "1. Modifiez, enregistrez, puis lancez : jekafo form check FICHIER.xlsx. Chaque erreur est donnée avec sa "
        "cellule.",
    ),
    Bilingual(
        "2. Once answers exist, survey and choices of a version never change: type a new number in settings.version "
        "(for instance the day: 2026112201). Our amber columns and sheets may change at any time; they then apply to "
        "all rounds.",
        "2. Dès que des réponses existent, survey et choices d'une version ne changent plus : tapez un nouveau numéro "
        "dans settings.version (par exemple la date : 2026112201). Nos colonnes et feuilles ambre peuvent changer à "
        "tout moment ; elles valent alors pour toutes les vagues.",
    ),
    Bilingual(
        "3. Rename a question only with its old path in renamed_from. Never use a code again for another meaning.",
        "3. Ne renommez une question qu'en notant son ancien chemin dans renamed_from. Ne réutilisez jamais un code "
        "avec un autre sens.",
    ),
    Bilingual(
        "4. Lists in our sheets are separated by spaces: 4 5, never 4,5. A decimal is written 0.5. The cells are in "
        "Text format, so that Excel leaves them alone: keep it.",
        "4. Dans nos feuilles, les listes sont séparées par des espaces : 4 5, jamais 4,5. Une décimale s'écrit 0.5. "
        "Les cellules sont au format Texte, pour qu'Excel n'y touche pas : gardez-le.",
    ),
    Bilingual(
        "5. Keywords, names and codes stay in English, lower case, without accents; only labels, hints and messages "
        "are translated.",
        "5. Mots-clés, noms et codes restent en anglais, en minuscules, sans accents ; seuls les libellés, consignes "
        "et messages se traduisent.",
    ),
    Bilingual(
        "6. A group opens with begin_group and closes with end_group: move or delete both. The rows of a group have "
        "one colour.",
        "6. Un groupe s'ouvre par begin_group et se ferme par end_group : déplacez ou supprimez les deux. Les lignes "
        "d'un groupe ont une même couleur.",
    ),
)
_SHEETS_HEADING = Bilingual("The sheets", "Les feuilles")
_BLUE = Bilingual(
    "Blue headers: XLSForm's columns. KoboToolbox, ODK Central and pyxform take them as they are.",
    "En-têtes bleus : colonnes XLSForm. KoboToolbox, ODK Central et pyxform les acceptent telles quelles.",
)
_AMBER = Bilingual(
    "Amber headers: Jekafo's columns and sheets; other tools leave them aside.",
    "En-têtes ambre : colonnes et feuilles de Jekafo ; les autres outils les laissent de côté.",
)
_COLUMNS_HEADING = Bilingual(
    "The columns (also in the note on each header)", "Les colonnes (aussi dans la note de chaque en-tête)"
)
