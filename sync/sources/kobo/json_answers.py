"""Read a record from its JSON where its XML cannot be had: all that is lost is what tells empty from not asked.

Keys are full paths, rows of repeats are lists of objects with full paths again, values are texts.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from forms.form import Form
from forms.submission import Answers
from sync.sources.kobo.server_nodes import is_of_instance, without_server_nodes


def answers_in_row(row: Mapping[str, Any], form: Form) -> Answers:
    """Return what a record answers. row: read with numbers as the text they were written with.

    Of `meta`, only what the form asks for; what is null is not there.
    """
    own = {key: value for key, value in row.items() if is_of_instance(key, form)}
    asked = {key: value for key, value in own.items() if not key.startswith("meta/") or key in form.by_path}
    return without_server_nodes(_answers(asked), form)


def raw_of_row(row: Mapping[str, Any], form: Form | None) -> bytes:
    """Return the record's own keys as canonical JSON (sorted, UTF-8): equal whenever it is fetched."""
    own = {key: value for key, value in row.items() if is_of_instance(key, form)}
    return json.dumps(own, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def media_names(answers: Answers, form: Form) -> tuple[str, ...]:
    """Return the files that the answers name, each once, in their order."""
    binary = frozenset(question.path for question in form.questions if question.has_media)
    return tuple(dict.fromkeys(_texts_at(answers, binary))) if binary else ()


def _answers(row: Mapping[str, Any]) -> Answers:
    return {key: _value(value) for key, value in row.items() if value is not None}


def _value(value: Any) -> Any:
    if isinstance(value, list) and all(isinstance(inner, dict) for inner in value):
        return [_answers(inner) for inner in value]
    if isinstance(value, list):
        return [_text(inner) for inner in value if inner is not None]
    return _text(value)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False)


def _texts_at(answers: Answers, paths: frozenset[str]) -> Iterator[str]:
    for path, value in answers.items():
        for part in (value,) if isinstance(value, str) else value:
            if not isinstance(part, str):
                yield from _texts_at(part, paths)
            elif path in paths and part.strip():
                yield part
