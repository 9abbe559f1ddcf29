"""The small survey of a new workbook, laid out as sheets in the languages asked for.

What it asks is `forms.starter.questions`; the look is `forms.workbook_style.write`'s.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from forms.starter.questions import ABOUT, ROWS, SETTINGS_TITLE, TITLE
from forms.starter.settings import code_of, in_one_line, version_of
from forms.starter.starter import Starter
from forms.text import Bilingual
from forms.workbook_style.readme import readme
from forms.workbook_style.write import SheetContent, write_workbook

_TRANSLATED = ("label", "hint", "constraint_message")
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "survey": (
        *("type", "name", "label", "hint", "required", "relevant", "appearance", "constraint", "constraint_message"),
        *("calculation", "choice_filter", "sensitivity", "renamed_from", "comparable_since"),
    ),
    "choices": ("list_name", "name", "label", "code_kind", "renamed_from"),
    "derived": ("type", "name", "calculation", "label", "sensitivity"),
    "indicators": (
        "name",
        "label",
        "measure",
        "question",
        "counts",
        "against",
        "base",
        "where",
        "unit",
        "by",
        "mirror",
    ),
}
_DESIGN = (("kind", "purposive"), ("records", "${consent} = 1"), ("by", "sex age_band"))


def small_survey(form_id: str, *, title: str | None, languages: Sequence[str], today: date) -> Starter:
    """Return a small complete survey: consent, a few questions, a derived age band, a figure and a design.

    languages: as `read_languages` returns them. Columns of languages other than French and English are there and
    empty: the form then has no such language until somebody writes it, so no tablet shows gaps.
    """
    title = in_one_line(title)
    spoken = next(language for language in languages if code_of(language) in ("fr", "en"))
    settings = {
        "form_title": title or SETTINGS_TITLE.in_language(code_of(spoken)),
        "form_id": form_id,
        "version": version_of(today),
        "default_language": spoken,
    }
    sheets = (
        _sheet("survey", languages),
        _sheet("choices", languages),
        SheetContent("settings", tuple(settings), (settings,)),
        _sheet("derived", languages),
        _sheet("indicators", languages),
        SheetContent("design", ("key", "value"), tuple({"key": key, "value": value} for key, value in _DESIGN)),
    )
    lines = readme(
        Bilingual(title, title) if title else TITLE, ABOUT, [(sheet.name, sheet.columns) for sheet in sheets]
    )
    return Starter(form_id, write_workbook(sheets, lines, title=form_id), {})


def _sheet(name: str, languages: Sequence[str]) -> SheetContent:
    """A sheet of the small survey: its columns, those of texts once for each language, and the texts that exist."""
    headers = [
        header
        for column in _COLUMNS[name]
        for header in ([f"{column}::{language}" for language in languages] if column in _TRANSLATED else [column])
    ]
    return SheetContent(
        name,
        tuple(headers),
        tuple(
            {
                **row,
                **{
                    f"{column}::{language}": text.in_language(code_of(language))
                    for column, text in texts.items()
                    for language in languages
                    if code_of(language) in ("fr", "en")
                },
            }
            for row, texts in ROWS[name]
        ),
    )
