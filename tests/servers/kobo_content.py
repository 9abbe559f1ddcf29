"""A form as KoboToolbox keeps it: `content` (recordings 12, 13b) made of XLSForm rows or of a workbook, and what it
says of it in a summary."""

import hashlib
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from openpyxl import load_workbook

Content = dict[str, Any]
Row = Mapping[str, Any]

TRANSLATED = ("label", "hint", "constraint_message", "required_message", "guidance_hint", "image", "audio", "video")
METADATA = frozenset({"start", "end", "today", "deviceid", "phonenumber", "simserial", "subscriberid", "audit"})
GEO = frozenset({"geopoint", "geotrace", "geoshape"})
_SELECT = re.compile(r"(select_one|select_multiple|rank)\s+(\S+)(\s+or_other)?$")
_KNOWN = ("survey", "choices", "settings")


def content_of(
    survey: Iterable[Row],
    choices: Iterable[Row] = (),
    settings: Row | None = None,
    sheets: Iterable[str] = (),
    translations: list[str | None] | None = None,
) -> Content:
    """Return `content` of XLSForm rows. Columns of one language may be written `label`, others `label::French (fr)`.

    sheets: further sheets of the workbook; KoboToolbox keeps their names and empties them. translations: the languages
    of columns that are lists already.
    """
    rows, chosen = [dict(row) for row in survey], [dict(row) for row in choices]
    languages = translations or _languages([*rows, *chosen])
    kept: Content = {
        "schema": "1",
        "survey": _survey_rows(rows, languages),
        "choices": [_choice_row(row, languages) for row in chosen],
        "settings": _settings(settings or {}),
        "translated": sorted({name for row in (*rows, *chosen) for name in _translated_in(row)}),
        "translations": languages,
    }
    return kept | {name: [] for name in sheets if name not in _KNOWN}


def content_of_workbook(workbook: bytes) -> Content:
    """Return `content` of an XLSForm. Raises zipfile.BadZipFile, InvalidFileException, KeyError for what is none."""
    return _titled(workbook)[1]


def title_of_workbook(workbook: bytes) -> str | None:
    """What the XLSForm's settings call the form; an import takes it as the project's name (07)."""
    return _titled(workbook)[0]


def _titled(workbook: bytes) -> tuple[str | None, Content]:
    book = load_workbook(io.BytesIO(workbook), read_only=True, data_only=True)
    rows = {sheet.title: _rows(sheet.iter_rows(values_only=True)) for sheet in book.worksheets}
    settings = rows.get("settings") or [{}]
    content = content_of(rows["survey"], rows.get("choices", []), settings[0], book.sheetnames)
    return settings[0].get("form_title"), content


def _rows(cells: Iterable[Sequence[Any]]) -> list[dict[str, Any]]:
    lines = iter(cells)
    header = [str(name).strip() if name is not None else "" for name in next(lines, ())]
    rows = [
        {name: _text(value) for name, value in zip(header, line, strict=False) if name and value not in {None, ""}}
        for line in lines
    ]
    return [row for row in rows if row]


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value if isinstance(value, str) else str(value)


def _languages(rows: Iterable[Row]) -> list[str | None]:
    columns = [column for row in rows for column in row if _base(column) in TRANSLATED]
    named = [column.split("::", 1)[1].strip() for column in columns if "::" in column]
    plain = any("::" not in column for column in columns)
    return [*([None] if plain or not named else []), *dict.fromkeys(named)]


def _base(column: str) -> str:
    return column.split("::", 1)[0].removeprefix("media")


def _translated_in(row: Row) -> set[str]:
    return {_base(column) for column in row if _base(column) in TRANSLATED}


def _gathered(row: Row, languages: Sequence[str | None]) -> dict[str, Any]:
    """The row with its translated columns as lists parallel to the languages."""
    gathered: dict[str, Any] = {}
    for column, value in row.items():
        base = _base(column)
        if base not in TRANSLATED:
            gathered[column] = value
        elif isinstance(value, list):
            gathered[base] = value
        else:
            language = column.split("::", 1)[1].strip() if "::" in column else None
            gathered.setdefault(base, [None] * len(languages))[languages.index(language)] = value
    return gathered


def _survey_rows(rows: list[dict[str, Any]], languages: Sequence[str | None]) -> list[dict[str, Any]]:
    within: list[str] = []
    kept = []
    for number, row in enumerate(rows):
        made = _gathered(row, languages)
        kind = str(made["type"]).strip().replace("begin group", "begin_group").replace("begin repeat", "begin_repeat")
        kind = kind.replace("end group", "end_group").replace("end repeat", "end_repeat")
        if chosen := _SELECT.match(kind):
            kind, made["select_from_list_name"] = chosen[1], chosen[2]
        made["type"] = kind
        made.setdefault("$kuid", _kuid("survey", number, made.get("name"), kind))
        if kind.startswith("end_"):
            within.pop()
            kept.append({"type": kind, "$kuid": made["$kuid"]})
            continue
        name = str(made["name"])
        made["$xpath"] = "/".join([*within, name])
        made["$autoname"] = name
        if kind.startswith("begin_"):
            within.append(name)
        if "relevance" in made:
            made["relevant"] = made.pop("relevance")
        if "required" in made:
            made["required"] = str(made["required"]).lower() in {"true", "yes", "true()", "1"}
        kept.append(made)
    return kept


def _choice_row(row: dict[str, Any], languages: Sequence[str | None]) -> dict[str, Any]:
    made = _gathered(row, languages)
    if "list name" in made:
        made["list_name"] = made.pop("list name")
    made["name"] = str(made["name"])
    made.setdefault("$kuid", _kuid("choices", 0, made["list_name"], made["name"]))
    made["$autovalue"] = made["name"]
    return made


def _settings(settings: Row) -> dict[str, Any]:
    kept = {name: value for name, value in settings.items() if name not in {"form_id", "form_title"}}
    if "form_id" in settings:
        kept["id_string"] = settings["form_id"]
    return kept


def _kuid(*parts: object) -> str:
    """Nine letters and digits that stay the same from one run to the next."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:9]


def content_hash(content: Content) -> str:
    return hashlib.sha1(json.dumps(content, sort_keys=True).encode(), usedforsecurity=False).hexdigest()


def repeats_of(content: Content) -> set[str]:
    return {row["$xpath"] for row in content["survey"] if row["type"] == "begin_repeat"}


def geo_paths_of(content: Content) -> tuple[str, ...]:
    return tuple(row["$xpath"] for row in content["survey"] if row["type"] == "geopoint")


def questions_of(content: Content) -> list[dict[str, Any]]:
    """Rows that ask or compute something; KoboToolbox counts `username` among them (recording 12 counts 16)."""
    return [
        row
        for row in content["survey"]
        if not row["type"].startswith(("begin_", "end_")) and row["type"] not in METADATA
    ]


def summary_of(content: Content) -> dict[str, Any]:
    questions = questions_of(content)
    columns = dict.fromkeys(name for row in content["survey"] for name in row if not name.startswith("$"))
    labels = [row["label"][0] for row in questions if row.get("label")]
    return {
        "geo": any(row["type"] in GEO for row in questions),
        "labels": labels[:5],
        "columns": list(columns),
        "lock_all": False,
        "lock_any": False,
        "languages": [language for language in content["translations"] if language is not None],
        "row_count": len(questions),
        "name_quality": {"ok": 0, "bad": 0, "good": len(questions), "total": len(questions), "firsts": {}},
        "default_translation": content["translations"][0],
    }


def report_styles_of(content: Content) -> dict[str, Any]:
    names = {row.get("name", row["$kuid"]): row["$kuid"] for row in content["survey"]}
    return {"default": {}, "specified": {name: {} for name in names}, "kuid_names": names}
