"""The words that every printed questionnaire bears, beside those of its form."""

from collections.abc import Mapping

from forms.paper.parts import Answer, Questionnaire, Section
from forms.text import Bilingual

ONLY_IF = Bilingual("Only if", "Seulement si")
NEVER_ASKED = Bilingual("Never asked", "Jamais posée")
CALCULATED = Bilingual("Calculated values", "Valeurs calculées")
CODES = Bilingual("Codes", "Codes")
QUESTION = Bilingual("Question", "Question")
VERSION = Bilingual("version", "version")
PAGE = Bilingual("page", "page")
NO_NAMES = Bilingual(
    "Write nobody's name on this sheet.",
    "N'écrivez aucun nom de personne sur cette fiche.",
)
SHEET_NUMBER = Bilingual("Sheet number", "Numéro de la fiche")
INTERVIEWER = Bilingual("Interviewer's code", "Code de l'enquêteur")
DATE = Bilingual("Date", "Date")
STARTED = Bilingual("Started at", "Début")
ENDED = Bilingual("Ended at", "Fin")
ENTRY_NUMBER = Bilingual("Entry number", "Fiche n°")
TICK_ONE = Bilingual("one answer", "une seule réponse")
TICK_SEVERAL = Bilingual("several answers", "plusieurs réponses")
IF_ANSWER = Bilingual("If", "Si")

MARKS: Mapping[Answer, str] = {Answer.ONE: "○", Answer.SEVERAL: "☐", Answer.RANK: "[  ]"}
"""What stands before a choice, to be ticked or written into."""


def only_if(questionnaire: Questionnaire, condition: str) -> str:
    """A condition as an instruction: `Only if Q3 is ‘Yes’`."""
    if condition == Bilingual("never", "jamais").in_language(questionnaire.instructions):
        return NEVER_ASKED.in_language(questionnaire.instructions)
    return f"{ONLY_IF.in_language(questionnaire.instructions)} {condition}"


def heading_line(questionnaire: Questionnaire) -> str:
    """Form, version and language in one line: `community_perceptions · version 3 · Français (fr)`."""
    version = (
        f"{VERSION.in_language(questionnaire.instructions)} {questionnaire.version}" if questionnaire.version else ""
    )
    form_id = questionnaire.form_id if questionnaire.form_id != questionnaire.title else ""
    return " · ".join(part for part in (form_id, version, questionnaire.language) if part)


def numbers_line(numbers: tuple[int, ...]) -> str:
    """Question numbers as one reads them, runs shortened: `Q10–Q12, Q53`."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(
        f"Q{first}" if first == last else f"Q{first}, Q{last}" if last == first + 1 else f"Q{first}–Q{last}"
        for first, last in runs
    )


def about_questions(section: Section, instruction: str) -> str:
    """An instruction for a section without a title: it names the questions it is about (`Q5–Q9: only if ...`)."""
    numbers = numbers_line(tuple(item.number for item in section.items))
    return f"{numbers}\u00a0: {instruction[:1].lower()}{instruction[1:]}" if numbers else instruction


def in_one_line(questionnaire: Questionnaire, *instructions: str | None) -> str:
    """Instructions one after the other, those that are there."""
    between = Bilingual("; ", "\u00a0; ").in_language(questionnaire.instructions)
    return between.join(instruction for instruction in instructions if instruction)
