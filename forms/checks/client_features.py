"""Tell of what the client that will fill in the form cannot do; nothing is said where no client is named.

A registry: one row a feature, with the clients that lack it and where that is known from. A feature that nobody tried
or documented is not listed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from forms.examined import Examined
from forms.finding import Findings, Place
from forms.form import Question
from forms.sheets.survey_rows import header_of
from forms.text import Bilingual

CODES: Mapping[str, Bilingual] = {
    "feature_unsupported": Bilingual(
        "The form uses something that the named client cannot do.",
        "Le formulaire utilise une fonction que le client choisi n'a pas.",
    ),
}

CLIENTS: Mapping[str, str] = {
    "collect": "ODK Collect",
    "kobocollect": "KoboCollect",
    "web-forms": "ODK Web Forms 0.24",
    "enketo": "Enketo",
}
"""The clients that can be named, and what people call them."""


@dataclass(frozen=True, slots=True)
class Feature:
    """Something a question may need. lacking: clients without it. uses: whether a question of a form uses it."""

    said: Bilingual
    lacking: frozenset[str]
    uses: Callable[[Question, Examined], bool]


def _of_type(*types: str) -> Callable[[Question, Examined], bool]:
    return lambda question, _examined: question.type in types


def _looks_like(*words: str) -> Callable[[Question, Examined], bool]:
    return lambda question, _examined: bool(set((question.appearance or "").split()) & set(words))


def _opens_app(question: Question, _examined: Examined) -> bool:
    return any(word.startswith(("ex:", "printer:")) for word in (question.appearance or "").split())


def _uses_last_saved(question: Question, examined: Examined) -> bool:
    return "${last-saved#" in examined.cell(question.path, "default")


def _has_guidance(question: Question, examined: Examined) -> bool:
    survey_row = examined.rows.get(question.path)
    return survey_row is not None and any(
        header.lower().startswith("guidance_hint") and survey_row.row.text(header) for header in survey_row.row.cells
    )


_WEB_FORMS = frozenset({"web-forms"})
_BROWSERS = frozenset({"web-forms", "enketo"})

# Web Forms: its README's matrix for 0.24, and a form of forty questions tried in that version.
# Enketo: enketo/enketo#188 and #200 (audit), open in 2026.
FEATURES = (
    Feature(
        Bilingual(
            "scans no barcode; it shows a text field", "ne lit pas les codes-barres et affiche un champ de texte"
        ),
        _WEB_FORMS,
        _of_type("barcode"),
    ),
    Feature(
        Bilingual("records no sound in the background", "n'enregistre pas de son en arrière-plan"),
        _WEB_FORMS,
        _of_type("background-audio"),
    ),
    Feature(Bilingual("keeps no audit log", "ne tient pas de journal d'audit"), _BROWSERS, _of_type("audit")),
    Feature(
        Bilingual(
            "has no field to draw or sign in; it takes an image file",
            "n'a pas de champ pour dessiner ou signer et demande un fichier image",
        ),
        _WEB_FORMS,
        _looks_like("draw", "signature", "annotate"),
    ),
    Feature(Bilingual("cannot open another app", "ne peut pas ouvrir une autre application"), _BROWSERS, _opens_app),
    Feature(
        Bilingual("does not know the answers of the last form", "ne connaît pas les réponses du dernier formulaire"),
        _WEB_FORMS,
        _uses_last_saved,
    ),
    Feature(Bilingual("does not show guidance_hint", "n'affiche pas guidance_hint"), _WEB_FORMS, _has_guidance),
)


def check(examined: Examined, findings: Findings) -> None:
    """Add an info for each question, and for encryption, that a named client cannot serve."""
    for client in sorted(examined.clients):
        for feature in (feature for feature in FEATURES if client in feature.lacking):
            for question in examined.form.questions:
                if feature.uses(question, examined):
                    place = examined.at(question.path, "type")
                    _tell(CLIENTS[client], question.name, feature.said, place, findings)
        if client == "web-forms":
            _check_encryption(examined, findings)


def _check_encryption(examined: Examined, findings: Findings) -> None:
    settings = examined.workbook.sheet("settings")
    header = header_of(settings, ("public_key",)) if settings is not None else None
    if settings is not None and header is not None and settings.rows and settings.rows[0].text(header):
        _tell(
            CLIENTS["web-forms"],
            "public_key",
            Bilingual("does not encrypt answers", "ne chiffre pas les réponses"),
            Place(settings.name, settings.rows[0].number, header),
            findings,
        )


def _tell(client: str, name: str, said: Bilingual, place: Place, findings: Findings) -> None:
    findings.info(
        "feature_unsupported",
        place,
        f"{name}: {client} {said.en}. Use another client, or do without.",
        f"{name} : {client} {said.fr}. Utilisez un autre client ou faites sans.",
    )
