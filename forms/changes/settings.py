"""List how a form changed as a whole: its id, version, languages, title and other settings."""

from collections.abc import Iterator, Mapping

from forms.changes.change import Change, Rank, Spot, Subject
from forms.changes.comparison import Comparison
from forms.changes.edition import Edition, spot
from forms.changes.versions import is_older
from forms.sheets.survey_rows import header_of
from forms.text import Bilingual
from forms.workbook.workbook import plain

_F = Subject.FORM
_TOLD = frozenset({"form_id", "id_string", "version", "form_title", "title", "set_form_title", "set_form_id"})


def form_changes(comparison: Comparison) -> Iterator[Change]:
    """The changes of the form's id, version, languages and settings."""
    yield from _identity(comparison)
    yield from _version(comparison)
    yield from _languages(comparison)
    yield from _settings(comparison)


def _identity(comparison: Comparison) -> Iterator[Change]:
    old, new = comparison.old.form, comparison.new.form
    if old.form_id != new.form_id:
        yield Change(
            "form_id_changed",
            Rank.BREAKING,
            _F,
            new.form_id,
            Bilingual(
                "Another form_id: for tablets and tables this is another form, without the submissions collected.",
                "Autre form_id : pour les tablettes et les tables, c’est un autre formulaire, sans les soumissions "
                "collectées.",
            ),
            spot=setting_spot(comparison.new, "form_id", "id_string"),
            before=old.form_id,
            after=new.form_id,
            advice=Bilingual(
                f"Write {old.form_id} in form_id, unless a new survey is meant.",
                f"Écrivez {old.form_id} dans form_id, à moins de commencer une nouvelle enquête.",
            ),
        )
    if old.title != new.title:
        yield Change(
            "title_changed",
            Rank.COSMETIC,
            _F,
            new.form_id,
            Bilingual("Another title.", "Autre titre."),
            spot=setting_spot(comparison.new, "form_title", "title"),
            before=old.title,
            after=new.title,
        )


def _version(comparison: Comparison) -> Iterator[Change]:
    old, new = comparison.old.form, comparison.new.form
    place = setting_spot(comparison.new, "version")
    if old.version == new.version:
        if old.xform != new.xform and old.form_id == new.form_id:
            yield Change(
                "version_not_raised",
                Rank.BREAKING,
                _F,
                new.form_id,
                Bilingual(
                    "The questionnaire differs, the version does not: tablets that hold it would not fetch this one.",
                    "Le questionnaire diffère et la version non : les tablettes qui la détiennent ne chercheraient pas "
                    "celle-ci.",
                ),
                spot=place,
                before=old.version,
                after=new.version,
                advice=Bilingual(
                    f"Write a higher version in {place or 'settings'} (version).",
                    f"Écrivez une version plus élevée en {place or 'settings'} (version).",
                ),
            )
        return
    is_lower = is_older(new.version, old.version)
    if is_lower:
        yield Change(
            "version_lowered",
            Rank.BREAKING,
            _F,
            new.form_id,
            Bilingual(
                "The version is lower than the one before: this looks like an older file.",
                "La version est plus basse que la précédente : il semble que ce soit un ancien fichier.",
            ),
            spot=place,
            before=old.version,
            after=new.version,
            advice=Bilingual(
                "Look for the newest file. If this is it, write a higher version.",
                "Cherchez le fichier le plus récent. Si c’est celui-ci, écrivez une version plus élevée.",
            ),
        )
    else:
        yield Change(
            "version_raised" if is_lower is False else "version_changed",
            Rank.COSMETIC,
            _F,
            new.form_id,
            Bilingual("New version.", "Nouvelle version."),
            spot=place,
            before=old.version,
            after=new.version,
        )


def _languages(comparison: Comparison) -> Iterator[Change]:
    old, new = comparison.old.form.languages, comparison.new.form.languages
    for language in new:
        if language not in old and language != "default":
            yield Change(
                "language_added",
                Rank.COSMETIC,
                _F,
                language,
                Bilingual(f"Now also in {language}.", f"Maintenant aussi en {language}."),
                spot=Spot("survey"),
            )
    for language in old:
        if language not in new and language != "default":
            yield Change(
                "language_removed",
                Rank.COMPARABLE,
                _F,
                language,
                Bilingual(
                    f"No longer in {language}: interviewers would translate on the spot, each in their own words.",
                    f"N’est plus en {language} : les enquêteurs traduiraient sur place, chacun à sa façon.",
                ),
                spot=Spot("survey"),
                advice=Bilingual(
                    "Keep its columns while interviews are held in it.",
                    "Gardez ses colonnes tant que l’on interroge dans cette langue.",
                ),
            )
    if old[0] != new[0] and old[0] in new:
        yield Change(
            "default_language_changed",
            Rank.COSMETIC,
            _F,
            new[0],
            Bilingual("Another language is shown first.", "Une autre langue s’affiche d’abord."),
            spot=setting_spot(comparison.new, "default_language"),
            before=old[0],
            after=new[0],
        )


def _settings(comparison: Comparison) -> Iterator[Change]:
    before, after = _other_settings(comparison.old), _other_settings(comparison.new)
    for key in dict.fromkeys((*before, *after)):
        was, now = before.get(key), after.get(key)
        if was == now or key == "default_language":
            continue
        if key == "public_key":
            code, rank = "encryption_changed", Rank.BREAKING
            message = Bilingual(
                "Answers are sealed for another key, or for one at all: this project cannot read what it does not hold "
                "the key of.",
                "Les réponses sont chiffrées pour une autre clé, ou le deviennent : ce projet ne lit pas ce dont il "
                "n’a pas la clé.",
            )
        elif key == "submission_url":
            code, rank = "submission_url_changed", Rank.BREAKING
            message = Bilingual(
                "Tablets send their answers to another address.", "Les tablettes envoient leurs réponses ailleurs."
            )
        else:
            code, rank = "setting_changed", Rank.COSMETIC
            message = Bilingual(f"The setting {key} differs.", f"Le réglage {key} diffère.")
        yield Change(
            code,
            rank,
            _F,
            key,
            message,
            spot=setting_spot(comparison.new, key),
            before=was,
            after=now,
        )


def _other_settings(edition: Edition) -> Mapping[str, str]:
    sheet = edition.sheet("settings")
    if sheet is None or not sheet.rows:
        return {}
    cells = {plain(header).replace(" ", "_"): cell.text for header, cell in sheet.rows[0].cells.items()}
    return {key: text for key, text in cells.items() if key not in _TOLD}


def setting_spot(edition: Edition, *names: str) -> Spot | None:
    """Where a setting stands, or would."""
    sheet = edition.sheet("settings")
    if sheet is None or not sheet.rows:
        return None
    return spot(sheet, sheet.rows[0], header_of(sheet, names))
