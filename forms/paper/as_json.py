"""The questionnaire as JSON, for programs that lay it out themselves."""

import json
from typing import Any

from forms.paper.parts import Grid, Item, Note, Part, PrintedChoice, Questionnaire, Section
from forms.paper.rich_text import plain_text


def questionnaire_json(questionnaire: Questionnaire) -> str:
    """Return the questionnaire as indented JSON; texts are plain, what is not there is null."""
    return json.dumps(_questionnaire(questionnaire), ensure_ascii=False, indent=2) + "\n"


def _questionnaire(questionnaire: Questionnaire) -> dict[str, Any]:
    return {
        "form_id": questionnaire.form_id,
        "title": questionnaire.title,
        "version": questionnaire.version,
        "language": questionnaire.language,
        "instructions": questionnaire.instructions,
        "required": {note.mark: note.words for note in questionnaire.required_notes},
        "calculated": {value.name: value.words for value in questionnaire.calculated},
        "list_files": list(questionnaire.list_files),
        "parts": [_part(part) for part in questionnaire.parts],
        "lists": [
            {
                "name": code_list.name,
                "used_by": list(code_list.used_by),
                "choices": [_choice(choice) for choice in code_list.choices],
            }
            for code_list in questionnaire.lists
        ],
    }


def _part(part: Part) -> dict[str, Any]:
    match part:
        case Section():
            return {
                "kind": "section",
                "number": part.number,
                "title": plain_text(part.title),
                "only_if": part.condition,
                "roster": part.roster,
                "parts": [_part(inside) for inside in part.parts],
            }
        case Grid(items, choices):
            return {
                "kind": "grid",
                "choices": [_choice(choice) for choice in choices],
                "questions": [_item(item) for item in items],
            }
        case Note(text, hint, condition):
            return {"kind": "note", "text": plain_text(text), "hint": plain_text(hint), "only_if": condition}
        case Item():
            return {**_item(part), "choices": [_choice(choice) for choice in part.choices]}


def _item(item: Item) -> dict[str, Any]:
    return {
        "kind": "question",
        "number": item.number,
        "path": item.path,
        "text": plain_text(item.text),
        "hint": plain_text(item.hint),
        "answer": item.answer.value,
        "how": item.how,
        "required": item.required,
        "limits": item.limits,
        "only_those": item.only_those,
        "see_list": item.see_list,
        "only_if": item.condition,
    }


def _choice(choice: PrintedChoice) -> dict[str, Any]:
    return {
        "code": choice.code,
        "label": plain_text(choice.label),
        **({"go_to": choice.go_to} if choice.go_to else {}),
        **({"under": choice.under} if choice.under else {}),
    }
