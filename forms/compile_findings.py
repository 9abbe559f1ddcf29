"""Say in two languages, with sheet and row, what pyxform refuses or warns of.

pyxform speaks English only and names rows inside its sentences; sentences known here are also told in French,
of the others the English is passed on.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from forms.finding import Finding, Severity
from forms.text import Bilingual
from forms.workbook import Workbook

RowNumbers = Mapping[str, tuple[int, ...]]
"""Sheet to the row number that stands behind each row given to pyxform."""

_ROW = re.compile(r"\[row\s*:\s*(\d+)\]\s*|\brow:? (\d+)\b", re.IGNORECASE)
_SHEET = re.compile(
    r"\bthe '(survey|choices|settings|external_choices|entities|osm)' sheet|sheet: '(\w+)'", re.IGNORECASE
)
_QUOTED = re.compile(r"'([^']+)'")
_COLUMN = re.compile(r"the '([\w:]+)' value")


@dataclass(frozen=True)
class _Known:
    """A sentence of pyxform: its code here, the sheet it is about, and what it says in French."""

    code: str
    pattern: re.Pattern[str]
    french: str
    sheet: str | None = "survey"


# pyxform 4.5 `errors.ErrorCode` and the f-strings of `xls2json`, in the order in which designers meet them.
_KNOWN = (
    _Known(
        "unknown_question_type",
        re.compile(r"Unknown question type '(?P<what>.*?)'", re.DOTALL),
        "Le type de question « {what} » n'existe pas dans XLSForm. Choisissez-en un de la documentation XLSForm.",
    ),
    _Known(
        "duplicate_choice",
        re.compile(r"Choice names must be unique"),
        "Deux choix d'une même liste portent le même nom. Renommez-en un, ou réglez `allow_choice_duplicates`.",
        "choices",
    ),
    _Known(
        "list_unknown",
        re.compile(r"(?:List name not in choices sheet|list name).{0,40}?: ?(?P<what>\S+)", re.IGNORECASE),
        "La liste « {what} » n'est pas dans la feuille choices. Ajoutez-la ou corrigez le type de la question.",
    ),
    _Known(
        "reference_unknown",
        re.compile(r"Could not find the name '(?P<what>.*?)'"),
        "Il n'y a pas de question « {what} ». Corrigez le nom entre ${{ et }}.",
    ),
    _Known(
        "reference_ambiguous",
        re.compile(r"The name '(?P<what>.*?)' appears more than once"),
        "Plusieurs questions s'appellent « {what} » : la référence est ambiguë. Renommez-en une.",
    ),
    _Known(
        "reference_malformed",
        re.compile(r"Reference variables must start with"),
        "Une référence s'écrit ${{nom}}. Corrigez celle de cette cellule.",
    ),
    _Known(
        "name_missing",
        re.compile(r"(?:Question or group with no name|with no name)"),
        "Cette question ou ce groupe n'a pas de nom. Remplissez la colonne name.",
    ),
    _Known(
        "choice_name_missing",
        re.compile(r"Choices must have a name"),
        "Ce choix n'a pas de nom. Remplissez la colonne name.",
        "choices",
    ),
    _Known(
        "label_missing",
        re.compile(r"(?:has no label|Choices should have a label)"),
        "Il manque un libellé. Remplissez la colonne label.",
    ),
    _Known(
        "duplicate_name",
        re.compile(r"(?:must be unique within their nearest|Repeat names must unique)"),
        "Ce nom est déjà pris dans le même groupe. Renommez l'une des questions.",
    ),
    _Known(
        "name_invalid",
        re.compile(r"Names must begin with a letter or underscore"),
        "Un nom commence par une lettre ou un souligné, puis a des lettres, chiffres, soulignés, tirets ou points.",
    ),
    _Known(
        "name_reserved",
        re.compile(r"name 'meta' is reserved"),
        "Le nom meta est réservé. Renommez ce groupe.",
    ),
    _Known(
        "group_not_opened",
        re.compile(r"Unmatched 'end_(?P<what>\w+)'"),
        "Cette fin (end_{what}) n'a pas de début. Ajoutez begin_{what} ou retirez cette ligne.",
    ),
    _Known(
        "group_not_closed",
        re.compile(r"Unmatched 'begin_(?P<what>\w+)'"),
        "Ce début (begin_{what}) n'a pas de fin. Ajoutez end_{what}.",
    ),
    _Known(
        "calculation_missing",
        re.compile(r"Missing calculation"),
        "Ce calculate n'a pas de formule. Remplissez la colonne calculation.",
    ),
    _Known(
        "header_missing",
        re.compile(r"One or more required column headers were not found: (?P<what>[^.]*)"),
        "Il manque des colonnes : {what}. Ajoutez-les.",
        None,
    ),
    _Known(
        "header_twice",
        re.compile(r"Headers that are different names for the same column were found: (?P<what>[^.]*)"),
        "Deux en-têtes désignent la même colonne : {what}. Renommez ou supprimez-en une.",
        None,
    ),
    _Known(
        "sheet_missing",
        re.compile(r"must have a sheet named|sheet named '?survey'?", re.IGNORECASE),
        "Il manque la feuille survey. Ajoutez-la ou corrigez son nom.",
        None,
    ),
    _Known(
        "choices_missing",
        re.compile(r"There should be a choices sheet"),
        "Il manque la feuille choices. Ajoutez-la ou corrigez son nom.",
        None,
    ),
    _Known(
        "include_unsupported",
        re.compile(r"This section has not been included"),
        "Le type include n'est plus pris en charge. Copiez les questions ici.",
    ),
    _Known(
        "parameters_malformed",
        re.compile(r"Parameters must be in the form"),
        "Les paramètres s'écrivent clé=valeur, séparés par des espaces.",
    ),
    _Known(
        "repeat_named_as_form",
        re.compile(r"Repeat names must not be the same as the survey root"),
        "Une répétition ne peut s'appeler data, comme la racine du formulaire. Renommez-la.",
    ),
    _Known(
        "sheet_name_near",
        re.compile(r"When looking for a sheet named '(?P<what>\w+)'"),
        "Il n'y a pas de feuille {what}, mais une feuille de nom semblable. Corrigez ce nom.",
        None,
    ),
    _Known(
        "translation_missing",
        re.compile(r"Language '.+?' is missing"),
        "Des traductions manquent (langue, feuille et colonne dans le texte anglais). Complétez les colonnes.",
        None,
    ),
    _Known(
        "language_without_code",
        re.compile(r"do not contain valid machine-readable codes:(?P<what>.*?)(?:\. |$)", re.DOTALL),
        "Ces langues n'ont pas de code entre parenthèses, comme « Français (fr) » :{what}.",
        None,
    ),
    _Known(
        "other_untranslated",
        re.compile(r"or_other and translations"),
        "or_other avec des traductions donne un « other » non traduit. Ajoutez plutôt un choix et une question.",
        None,
    ),
    _Known(
        "image_size",
        re.compile(r"max-pixels parameter"),
        "Sans le paramètre max-pixels, les photos partent en taille réelle : envois lents et disques pleins.",
    ),
    _Known(
        "metadata_unsupported",
        re.compile(r"no longer supported on most devices"),
        "Les tablettes récentes ne donnent plus cette donnée. Retirez la ligne.",
    ),
)


def refusal_finding(text: str, rows: RowNumbers) -> Finding:
    """The finding for a PyXFormError's message."""
    return _finding(text, rows, Severity.ERROR, "xlsform_invalid")


def warning_finding(text: str, rows: RowNumbers) -> Finding:
    """The finding for a line of pyxform's warnings."""
    return _finding(text, rows, Severity.WARNING, "xlsform_doubtful")


def placed(finding: Finding, workbook: Workbook) -> Finding:
    """The finding with its row and column, where pyxform gave none and the word it quotes stands in one cell only."""
    sheet = workbook.sheet(finding.sheet or "")
    if sheet is None or finding.row is not None:
        return finding
    for word in _QUOTED.findall(finding.message.en):
        places = [
            (row.number, header)
            for row in sheet.rows
            for header, cell in row.cells.items()
            if word == cell.text or word in cell.text.split()
        ]
        if len(places) == 1:
            return replace(finding, row=places[0][0], column=places[0][1])
    return finding


def crash_finding(error: Exception) -> Finding:
    """The finding for a form on which pyxform breaks instead of answering."""
    reason = f"{type(error).__name__}: {error}"
    return Finding(
        "xlsform_compiler_failed",
        Severity.ERROR,
        Bilingual(
            f"The XLSForm compiler (pyxform) breaks on this form ({reason}). Take the newest rows out, half by half, "
            "until it compiles: the last half taken out holds the cause.",
            f"Le compilateur XLSForm (pyxform) échoue sur ce formulaire ({reason}). Retirez les lignes récentes, "
            "moitié par moitié, jusqu'à ce qu'il compile : la dernière moitié retirée contient la cause.",
        ),
    )


def _finding(text: str, rows: RowNumbers, severity: Severity, default_code: str) -> Finding:
    sentence = (
        " ".join(_ROW.sub("", text, count=1).split()) if text.lstrip().startswith("[row") else " ".join(text.split())
    )
    code, french, sheet = default_code, f"Le compilateur XLSForm (pyxform) dit : {sentence}", None
    for known in _KNOWN:
        found = known.pattern.search(text)
        if found:
            code, french = known.code, known.french.format(**found.groupdict(default=""))
            sheet = known.sheet
            break
    row_match, sheet_match, column_match = _ROW.search(text), _SHEET.search(text), _COLUMN.search(text)
    if sheet_match:
        sheet = (sheet_match.group(1) or sheet_match.group(2)).lower()
    elif sheet is None and row_match:
        sheet = "survey"
    row = _row(int(row_match.group(1) or row_match.group(2)), rows.get(sheet or "", ())) if row_match else None
    return Finding(
        code,
        severity,
        Bilingual(sentence, french),
        sheet=sheet,
        row=row,
        column=column_match.group(1) if column_match else None,
    )


def _row(given: int, numbers: tuple[int, ...]) -> int:
    """The row as Excel counts: pyxform counts the rows it was given, the header being 1."""
    return numbers[given - 2] if 0 <= given - 2 < len(numbers) else given
