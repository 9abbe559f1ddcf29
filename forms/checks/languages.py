"""Tell of languages that a form names badly: unknown as default, without a name, spelt in two ways.

Cells that lack a translation are told by `forms.sheets.translations`, missing columns and codes by pyxform.
"""

import re
from collections.abc import Collection, Iterator, Mapping

from forms.examined import Examined
from forms.finding import Findings, Place
from forms.language import DEFAULT_LANGUAGE
from forms.nearest import did_you_mean, nearest
from forms.sheets.survey_rows import header_of
from forms.text import Bilingual
from forms.workbook.references import REFERENCE
from forms.workbook.text_columns import TextColumn, text_columns
from forms.workbook.workbook import Row, Sheet, plain

CODES: Mapping[str, Bilingual] = {
    "default_language_unknown": Bilingual(
        "The default language of the settings is no language of the form.",
        "La langue par défaut de settings n'est pas une langue du formulaire.",
    ),
    "language_unnamed": Bilingual(
        "A column without a language stands beside columns with one, and makes a language called `default`.",
        "Une colonne sans langue côtoie des colonnes avec langue et crée une langue appelée « default ».",
    ),
    "language_spelt_twice": Bilingual(
        "One language is spelt in two ways and becomes two languages on the tablet.",
        "Une langue est écrite de deux façons et devient deux langues sur la tablette.",
    ),
    "label_reference_differs": Bilingual(
        "A text shows another question's answer in one language and not in the other.",
        "Un texte montre la réponse d'une autre question dans une langue et pas dans l'autre.",
    ),
}

_SHEETS = ("survey", "choices")
_TEXTS = ("label", "hint", "guidance_hint", "constraint_message", "required_message")
_TRANSLATED = re.compile(rf"^(?P<what>{'|'.join(_TEXTS)})\s*::?\s*(?P<language>\S.*)$", re.IGNORECASE)
_CODE = re.compile(r"\(\s*([\w-]+)\s*\)\s*$")
# Names of languages that mean one, by the code that an ODK form gives them.
_NAMES = {
    "fr": ("french", "français", "francais", "fr", "fra"),
    "en": ("english", "anglais", "en", "eng"),
    "es": ("spanish", "español", "espanol", "espagnol", "es"),
    "ar": ("arabic", "arabe", "ar", "العربية"),
    "pt": ("portuguese", "português", "portugues", "portugais", "pt"),
    "bm": ("bambara", "bamanankan", "bm"),
    "ff": ("fulfulde", "peul", "fulah", "ff", "ffm"),
    "sw": ("swahili", "kiswahili", "sw"),
}
_BY_NAME = {name: code for code, names in _NAMES.items() for name in names}


def check(examined: Examined, findings: Findings) -> None:
    """Add findings about the languages that headers and settings name."""
    languages = dict.fromkeys(_languages(examined))
    _check_default(examined, list(languages), findings)
    _check_spellings(examined, list(languages), findings)
    _check_unnamed(examined, list(languages), findings)
    _check_references(examined, findings)


def _languages(examined: Examined) -> Iterator[str]:
    for sheet in _sheets(examined):
        for header in sheet.headers:
            match = _TRANSLATED.match(header.strip())
            if match:
                yield match["language"].strip()


def _sheets(examined: Examined) -> Iterator[Sheet]:
    choices = examined.workbook.sheet("choices")
    yield examined.survey
    if choices is not None:
        yield choices


def _check_default(examined: Examined, languages: list[str], findings: Findings) -> None:
    settings = examined.workbook.sheet("settings")
    header = header_of(settings, ("default_language",)) if settings is not None else None
    row = settings.rows[0] if settings is not None and settings.rows else None
    default = row.text(header).strip() if row is not None and header is not None else ""
    if settings is None or row is None or not default or not languages or default in languages:
        return
    if plain(default) == "default" and _has_unnamed(examined):
        return
    english, french = did_you_mean(nearest(default, languages) or _same_language(default, languages))
    findings.warning(
        "default_language_unknown",
        Place(settings.name, row.number, header),
        f"`{default}` is no language of this form, so tablets open it in another one.{english} Write it as the headers "
        f"do: {', '.join(languages)}.",
        f"« {default} » n'est pas une langue de ce formulaire : les tablettes l'ouvrent dans une autre.{french} "
        f"Écrivez-la comme les en-têtes : {', '.join(languages)}.",
    )


def _has_unnamed(examined: Examined) -> bool:
    return any(header_of(sheet, _TEXTS) is not None for sheet in _sheets(examined))


def _same_language(written: str, languages: list[str]) -> str | None:
    return next((each for each in languages if _identity(each) == _identity(written)), None)


def _identity(language: str) -> str:
    """What two spellings of one language have in common: the code in brackets, else that of its name."""
    code, name = _CODE.search(language), plain(_CODE.sub("", language))
    return plain(code[1]) if code else _BY_NAME.get(name, name)


def _check_spellings(examined: Examined, languages: list[str], findings: Findings) -> None:
    first: dict[str, str] = {}
    for language in languages:
        other = first.setdefault(_identity(language), language)
        if other == language:
            continue
        sheet, header = next(
            (sheet, header)
            for sheet in _sheets(examined)
            for header in sheet.headers
            if header.strip().endswith(language)
        )
        examined.tell_ruin(findings)(
            "language_spelt_twice",
            Place(sheet.name, 1, header),
            f"`{language}` and `{other}` are two languages on the tablet, each with half of the texts. Write one of "
            "them everywhere.",
            f"« {language} » et « {other} » font deux langues sur la tablette, chacune avec une partie des textes. "
            "Écrivez partout la même.",
        )


def _check_unnamed(examined: Examined, languages: list[str], findings: Findings) -> None:
    for sheet in _sheets(examined) if languages else ():
        columns = [column for column in text_columns(sheet) if column.kind in _TEXTS]
        for column in columns:
            if column.language == DEFAULT_LANGUAGE and any(row.text(column.header) for row in sheet.rows):
                beside = {each.language for each in columns if each.kind == column.kind} - {DEFAULT_LANGUAGE}
                _tell_unnamed(
                    sheet, column, [each for each in languages if each not in beside], beside, examined, findings
                )


def _tell_unnamed(
    sheet: Sheet,
    column: TextColumn,
    missing: list[str],
    beside: Collection[str],
    examined: Examined,
    findings: Findings,
) -> None:
    """missing: the languages that have no column of this kind. beside: those that have one."""
    header, place = column.header, Place(sheet.name, 1, column.header)
    english, french = "Write its language into the header.", "Écrivez sa langue dans l'en-tête."
    if missing:
        right, others = f"{column.kind}::{missing[0]}", ", ".join(f"{column.kind}::{each}" for each in missing[1:])
        english = f"Rename it {right}" + (f", and add {others}." if others else ".")
        french = f"Renommez-la {right}" + (f" et ajoutez {others}." if others else ".")
    if beside:
        examined.tell_ruin(findings)(
            "language_unnamed",
            place,
            f"The column {header} names no language: beside {column.kind}::… it makes one called default, blank where "
            f"this column is. {english}",
            f"La colonne {header} ne nomme aucune langue : à côté de {column.kind}::…, elle crée une langue "
            f"« default », vide là où cette colonne est vide. {french}",
        )
    else:
        findings.warning(
            "language_unnamed",
            place,
            f"The column {header} names no language, and other columns do: everyone sees this one text, whatever "
            f"their language. {english}",
            f"La colonne {header} ne nomme aucune langue, alors que d'autres en nomment une : tous voient ce seul "
            f"texte, quelle que soit leur langue. {french}",
        )


def _check_references(examined: Examined, findings: Findings) -> None:
    for sheet in _sheets(examined):
        columns: dict[str, list[str]] = {}
        for header in dict.fromkeys(sheet.headers):
            match = _TRANSLATED.match(header.strip())
            if match:
                columns.setdefault(match["what"].lower(), []).append(header)
        for headers in columns.values():
            for row in sheet.rows if len(headers) > 1 else ():
                _check_row(sheet, row, headers, findings)


def _check_row(sheet: Sheet, row: Row, headers: list[str], findings: Findings) -> None:
    shown = {header: set(REFERENCE.findall(row.text(header))) for header in headers if row.text(header)}
    everywhere = set().union(*shown.values())
    for header, names in shown.items():
        missing = sorted(everywhere - names)
        if missing:
            written = " ".join(f"${{{name}}}" for name in missing)
            findings.warning(
                "label_reference_differs",
                Place(sheet.name, row.number, header),
                f"This text lacks {written}, which another language shows. Add it to the translation.",
                f"Il manque à ce texte {written}, qu'une autre langue montre. Ajoutez-le à la traduction.",
            )
