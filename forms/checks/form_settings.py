"""Tell of settings that a form lacks: without them it goes by the file's name, and nobody can tell two versions."""

from collections.abc import Mapping

from forms.examined import Examined
from forms.finding import Findings, Place
from forms.sheets.survey_rows import header_of
from forms.text import Bilingual

CODES: Mapping[str, Bilingual] = {
    "form_id_missing": Bilingual(
        "The settings have no form_id, so the file's name is the form's identity.",
        "La feuille settings n'a pas de form_id : le nom du fichier identifie le formulaire.",
    ),
    "version_missing": Bilingual(
        "The settings have no version, so tablets cannot tell a new form from the old one.",
        "La feuille settings n'a pas de version : les tablettes ne distinguent pas le nouveau formulaire de l'ancien.",
    ),
    "form_title_missing": Bilingual(
        "The settings have no form_title, so enumerators see the form's id.",
        "La feuille settings n'a pas de form_title : les enquêteurs voient l'identifiant du formulaire.",
    ),
}

_COLUMNS = {
    "form_id": ("form_id", "set_form_id", "id_string"),
    "version": ("version",),
    "form_title": ("form_title", "set_form_title", "title"),
}


def check(examined: Examined, findings: Findings) -> None:
    """Add a finding for each missing setting: a warning where figures are made of the answers, else an info."""
    settings = examined.workbook.sheet("settings")
    tell = findings.warning if examined.is_ours else findings.info
    for setting, headers in _COLUMNS.items():
        header = header_of(settings, headers) if settings is not None else None
        row = settings.rows[0] if settings is not None and settings.rows else None
        if header is not None and row is not None and row.text(header):
            continue
        place = Place(settings.name if settings is not None else "settings", row.number if row else None, header)
        match setting:
            case "form_id":
                tell(
                    "form_id_missing",
                    place,
                    f"The form is called {examined.form.form_id} after its file: renamed, it becomes another form. "
                    "Fill in form_id in settings.",
                    f"Le formulaire s'appelle {examined.form.form_id} d'après son fichier : renommé, il devient un "
                    "autre formulaire. Remplissez form_id dans settings.",
                )
            case "version":
                tell(
                    "version_missing",
                    place,
                    "Without a version a tablet does not see that the form changed. Fill in version in settings, "
                    "for example 2026010101.",
                    "Sans version, une tablette ne voit pas que le formulaire a changé. Remplissez version dans "
                    "settings, par exemple 2026010101.",
                )
            case _:
                tell(
                    "form_title_missing",
                    place,
                    f"Enumerators see {examined.form.title} as the title. Fill in form_title in settings.",
                    f"Les enquêteurs voient le titre {examined.form.title}. Remplissez form_title dans settings.",
                )
