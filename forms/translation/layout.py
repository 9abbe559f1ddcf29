"""How the translator's file is laid out: sheets, columns and what the hidden ones hold."""

SHEET = "translation"
ABOUT = "about"
"""The hidden sheet that says which form, language and layout a file is of."""

LAYOUT = "1"

WHERE, NAME, KIND = "Où · Where", "Nom · Name", "Texte · Text"
SOURCE, CONTEXT, PRESENT, FILL = (
    "Source",
    "Contexte · Context",
    "Traduction périmée · Stale translation",
    "À remplir · To fill",
)
KEY_SHEET, KEY_PATH, KEY_KIND = "key_sheet", "key_path", "key_kind"
SOURCE_LANGUAGE, SOURCE_HASH, PRESENT_HASH = "source_language", "source_hash", "present_hash"

VISIBLE = (WHERE, NAME, KIND, CONTEXT, SOURCE, PRESENT, FILL)
HIDDEN = (KEY_SHEET, KEY_PATH, KEY_KIND, SOURCE_LANGUAGE, SOURCE_HASH, PRESENT_HASH)
NEEDED = (FILL, *HIDDEN)
