"""Tell of appearance words that no client knows, which are passed over without a word."""

import re
from collections.abc import Mapping

from forms.examined import Examined
from forms.finding import Findings
from forms.nearest import did_you_mean, nearest
from forms.text import Bilingual

CODES: Mapping[str, Bilingual] = {
    "appearance_misspelt": Bilingual(
        "A word of `appearance` is nearly one that clients know, and is passed over.",
        "Un mot de la colonne appearance ressemble à un mot connu, mais reste sans effet.",
    ),
}

# The words of the XLSForm template and of ODK's and Enketo's documentation.
_KNOWN = frozenset(
    (
        *("multiline", "numbers", "url", "thousands-sep", "bearing", "masked", "hide-input", "counter", "comment"),
        *("vertical", "no-ticks", "picker", "rating", "analog-scale", "distress", "hidden-answer", "printer", "intent"),
        *("new", "new-front", "front", "selfie", "camera", "draw", "annotate", "signature", "my-location"),
        *("no-calendar", "month-year", "year", "ethiopian", "coptic", "islamic", "bikram-sambat", "myanmar", "persian"),
        *("buddhist", "hebrew", "placement-map", "maps", "hide", "tree", "textarea", "show_formatted", "no-collapse"),
        *("minimal", "autocomplete", "autocomplete_chars", "search", "quick", "quickcompact", "compact", "randomized"),
        *("columns", "columns-pack", "columns-flex", "no-buttons", "image-map", "likert", "map", "horizontal"),
        *("horizontal-compact", "label", "list-nolabel", "list", "table-list", "field-list"),
    )
)
_FREE = re.compile(
    r"(?:w\d{1,2}|columns-\d+|compact-\d+|quickcompact-\d+|h\d+|[\w-]+:.*|.*[(){}'\",$=/.].*)", re.DOTALL
)


def check(examined: Examined, findings: Findings) -> None:
    """Add a finding for each word that is a slip of one that is known; others may be another client's."""
    for path in examined.rows:
        written = examined.cell(path, "appearance", "control::appearance", "body::appearance")
        if not written or _FREE.fullmatch(written):
            continue
        # Collect compares appearances without case.
        for word in written.casefold().split():
            if word in _KNOWN or _FREE.fullmatch(word):
                continue
            meant = nearest(word, _KNOWN)
            if meant is not None:
                english, french = did_you_mean(meant)
                findings.warning(
                    "appearance_misspelt",
                    examined.at(path, "appearance", "control::appearance", "body::appearance"),
                    f"No client knows the appearance {word}, so it does nothing.{english}",
                    f"Aucun client ne connaît l'apparence {word} : elle reste sans effet.{french}",
                )
