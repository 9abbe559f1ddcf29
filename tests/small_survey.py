"""A small survey for tests: five areas, two rounds; area c has too few villages to be shown to a lead."""

from collections.abc import Iterator
from io import BytesIO

from openpyxl import Workbook

SURVEY_SHEETS = {
    "survey": [
        ["type", "name", "label::English (en)", "label::Français (fr)", "sensitivity"],
        ["select_one round", "round_id", "Round", "Vague", "open"],
        ["select_one_from_file areas.csv", "area_id", "Area", "Zone", "quasi"],
        ["select_one sex", "sex", "Sex", "Sexe", "quasi"],
        ["text", "village", "Village", "Village", "quasi"],
        ["decimal", "weight", "Weight", "Poids", "open"],
        ["select_one yn", "consent", "Do you agree to answer?", "Acceptez-vous de répondre ?", "open"],
        ["integer", "age", "Age", "Âge", "quasi"],
        ["select_one trust", "trust", "Do you trust the gendarmerie?", "Faites-vous confiance ?", "open"],
        ["select_one change", "change", "Have services changed?", "Les services ont-ils changé ?", "open"],
        ["select_multiple service", "services", "Which services work?", "Quels services marchent ?", "open"],
        ["rank service", "wish", "Which services come first?", "Quels services d'abord ?", "open"],
        ["text", "name", "Your name", "Votre nom", "identifier"],
        ["select_one yn", "leader", "Are you the village chief?", "Êtes-vous chef de village ?", "identifier"],
    ],
    "choices": [
        ["list_name", "name", "label::English (en)", "label::Français (fr)", "code_kind"],
        ["round", "r1", "January 2026", "Janvier 2026", ""],
        ["round", "r2", "June 2026", "Juin 2026", ""],
        ["sex", "f", "Women", "Femmes", ""],
        ["sex", "m", "Men", "Hommes", ""],
        ["yn", "1", "Yes", "Oui", ""],
        ["yn", "0", "No", "Non", ""],
        ["trust", "1", "Not at all", "Pas du tout", ""],
        ["trust", "2", "A little", "Un peu", ""],
        ["trust", "3", "Some", "Assez", ""],
        ["trust", "4", "Full", "Tout à fait", ""],
        ["trust", "98", "Does not know", "Ne sait pas", "dont_know"],
        ["change", "1", "Worse", "Moins bien", ""],
        ["change", "2", "Same", "Pareil", ""],
        ["change", "3", "Better", "Mieux", ""],
        ["service", "school", "School <b>& canteen</b>", "École <b>& cantine</b>", ""],
        ["service", "health", "Health centre", "Centre de santé", ""],
        ["service", "water", "Water point", "Point d'eau", ""],
    ],
    "settings": [
        ["form_title", "form_id", "version", "default_language"],
        ["Voices & places", "voices", "2026010101", "English (en)"],
    ],
    "indicators": [
        ["name", "label::English (en)", "label::Français (fr)", "measure", "question", "counts", "against", "by",
         "where"],
        ["trusting", "Trust the gendarmerie", "Font confiance à la gendarmerie", "share", "trust", "3 4", "",
         "area_id sex area_id*sex"],
        ["trust_levels", "How far people trust", "Degré de confiance", "distribution", "trust", "", "", "area_id"],
        ["service_reach", "Services that work", "Services qui marchent", "multiple", "services", "", "", "area_id"],
        ["service_change", "", "", "net", "change", "3", "1", "area_id sex"],
        ["mean_age", "Mean age", "Âge moyen", "mean", "age", "", "", "area_id"],
        ["wishes", "What people wish first", "Ce que les gens souhaitent d'abord", "rank", "wish", "", "", "area_id"],
        ["leaders", "Village chiefs", "Chefs de village", "share", "leader", "1", "", "total"],
        ["oldest_trust", "Trust, people over 150", "Confiance, plus de 150 ans", "share", "trust", "3 4", "", "total",
         "${age} > 150"],
        ["only_total", "Trust, everybody", "Confiance, ensemble", "share", "trust", "3 4", "", "total"],
    ],
    "design": [
        ["key", "value"],
        ["kind", "probability"],
        ["records", "${consent} = 1"],
        ["round", "round_id"],
        ["stratum", "area_id"],
        ["psu", "village"],
        ["weight", "weight"],
        ["geography", "area_id"],
    ],
}  # fmt: skip
AREAS = "name,label\na,Djenné\nb,Mopti\nc,Koro\nd,Macina\ne,Ténenkou\n"
ROUNDS, VILLAGES = ("r1", "r2"), {"a": 4, "b": 4, "c": 2, "d": 5, "e": 4}


def survey_workbook() -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in SURVEY_SHEETS.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def interviews() -> Iterator[dict[str, str]]:
    """Answers by a plain pattern: trust goes 1 2 3 4 3 2 4 1 ..., women and men alternate."""
    for round_id in ROUNDS:
        for area, villages in VILLAGES.items():
            for village in range(villages):
                for person in range(12 if area != "c" else 4):
                    turn = person + village + (1 if round_id == "r2" else 0)
                    yield {
                        "round_id": round_id,
                        "area_id": area,
                        "sex": "fm"[person % 2],
                        "village": f"{area}{village}",
                        "weight": str(10 + village),
                        "consent": "1",
                        "age": str(20 + 3 * turn),
                        "trust": "12343241"[turn % 8] if turn % 11 else "98",
                        "change": "1233"[turn % 4],
                        "services": ("school", "school health", "water", "health water")[turn % 4],
                        "wish": "school health water",
                        "name": "Aminata",
                        "leader": "0",
                    }
    # Someone who did not agree, with an age that is no number: no record, but a value that does not fit.
    yield {"round_id": "r2", "area_id": "a", "consent": "0", "age": "about forty"}
