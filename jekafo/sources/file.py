"""`sources.toml` of a project: a table a source, with its secret; readable by its owner only.

Which keys a table may have, and what they mean, is for `jekafo.sources.settings`.
"""

import json
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from forms.errors import JekafoError
from forms.text import Bilingual

FILE_NAME = "sources.toml"

Value = str | int | list[str]
"""What a key may hold."""

_HEADER = re.compile(r"^\s*\[")


class SourceSettingsInvalid(JekafoError):
    """What somebody wrote about a source cannot be used: they mend the file, the variable or the argument."""


@dataclass(frozen=True, slots=True)
class SourceTable:
    """What is said about a source, by key. Its values stand in no repr: one of them is a secret.

    place: the file or variables that say it, for messages. header_line, key_lines: where in the file, counted from 1;
    None and absent where it writes them otherwise than in a `[table]` and a line a key. written_as: how other tools
    call our keys, where this is theirs.
    """

    name: str
    place: str
    values: Mapping[str, Any] = field(repr=False)
    header_line: int | None = None
    key_lines: Mapping[str, int] = field(default_factory=dict)
    written_as: Mapping[str, str] = field(default_factory=dict)

    def line_of(self, key: str) -> int | None:
        """The line of a key, else that of the table."""
        return self.key_lines.get(key, self.header_line)

    def called(self, key: str) -> str:
        """What a key is called where this table stands."""
        return self.written_as.get(key, key)


def read_sources_file(path: Path) -> tuple[SourceTable, ...]:
    """Return the tables in the order of the file; empty where there is no file.

    Raises SourceSettingsInvalid for a file that others may read, and for one that is no TOML or has other tables.
    """
    text = _owners_text(path)
    if text is None:
        return ()
    document = read_toml(text, str(path))
    others = sorted(set(document) - {"sources"})
    tables = document.get("sources", {})
    if others or not isinstance(tables, dict) or not all(isinstance(table, dict) for table in tables.values()):
        stray = others[0] if others else "sources"
        raise SourceSettingsInvalid(
            Bilingual(
                f"{path}: only tables [sources.NAME] belong in it, and {stray!r} is none. Write for instance "
                "[sources.kobo], and below it a line each for kind, address and token.",
                f"{path} : seules des tables [sources.NOM] y ont leur place, et « {stray} » n'en est pas une. Écrivez "
                "par exemple [sources.kobo], puis une ligne chacune pour kind, address et token.",
            )
        )
    return tuple(table_in(text, f"sources.{name}", SourceTable(name, str(path), tables[name])) for name in tables)


def table_in(text: str, header: str, table: SourceTable) -> SourceTable:
    """Return the table with the lines on which it and its keys stand in the text. header: as in `[header]`."""
    lines = text.splitlines()
    start = _header_line(lines, header)
    if start is None:
        return table
    keys = {table.called(key): key for key in table.values}
    key_lines: dict[str, int] = {}
    for at in range(start + 1, len(lines)):
        if _HEADER.match(lines[at]):
            break
        written = lines[at].partition("=")[0].strip().strip("\"'")
        if written in keys:
            key_lines.setdefault(keys[written], at + 1)
    return replace(table, header_line=start + 1, key_lines=key_lines)


def read_toml(text: str, place: str) -> dict[str, Any]:
    """Return the document. Raises SourceSettingsInvalid with the line; its words quote nothing of the text."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line, line_fr = _where(str(error))
    raise SourceSettingsInvalid(
        Bilingual(
            f'{place}{line}: this is no TOML. A line says `key = "text"`, `key = 5` or `key = ["a", "b"]`, and no key '
            "stands twice in a table.",
            f'{place}{line_fr} : ceci n\'est pas du TOML. Une ligne dit `clé = "texte"`, `clé = 5` ou '
            '`clé = ["a", "b"]`, et aucune clé ne figure deux fois dans une table.',
        )
    )


def add_to_sources_file(path: Path, name: str, values: Mapping[str, Value]) -> None:
    """Add a table at the end of the file, which keeps what people wrote there. The name must not be taken."""
    text = _owners_text(path) or ""
    lines = [f"[sources.{name}]", *(f"{key} = {_literal(value)}" for key, value in values.items())]
    between = "" if not text else "\n" if text.endswith("\n") else "\n\n"
    _replace(path, text + between + "\n".join(lines) + "\n")


def remove_from_sources_file(path: Path, name: str) -> None:
    """Take a table out of the file and leave all else. Raises SourceSettingsInvalid where a person must do it."""
    text = _owners_text(path) or ""
    lines = text.splitlines(keepends=True)
    start = _header_line(lines, f"sources.{name}")
    if start is not None:
        end = next((at for at in range(start + 1, len(lines)) if _HEADER.match(lines[at])), len(lines))
        # A comment right above the next table is about that one.
        while end < len(lines) and end - 1 > start and lines[end - 1].lstrip().startswith("#"):
            end -= 1
        shorter = "".join(lines[:start] + lines[end:])
        expected = {key: value for key, value in tomllib.loads(text)["sources"].items() if key != name}
        # A header within a multi-line text, say, would make us cut at the wrong place.
        if _sources_in(shorter) == expected:
            _replace(path, shorter)
            return
    raise SourceSettingsInvalid(
        Bilingual(
            f"{path} writes the source {name} in another way than [sources.{name}] and a line a key. Remove it there "
            "by hand.",
            f"{path} décrit la source {name} autrement que par [sources.{name}] et une ligne par clé. Retirez-la "
            "vous-même de ce fichier.",
        )
    )


def _owners_text(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            raw = file.read()
    except FileNotFoundError:
        return None
    if mode & 0o077:
        raise SourceSettingsInvalid(
            Bilingual(
                f"{path} holds keys to servers, and others on this machine may read it. It is not used until that is "
                f"mended: chmod 600 {path}. If others were here meanwhile, renew the keys on the servers.",
                f"{path} contient des clés de serveurs, et d'autres personnes peuvent le lire sur cette machine. Il "
                f"n'est pas utilisé tant que cela dure : chmod 600 {path}. Si d'autres ont pu le lire, renouvelez les "
                "clés sur les serveurs.",
            )
        )
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
    raise SourceSettingsInvalid(
        Bilingual(
            f"{path}, line {line}: this is not UTF-8. Save the file as UTF-8.",
            f"{path}, ligne {line} : ceci n'est pas de l'UTF-8. Enregistrez le fichier en UTF-8.",
        )
    )


def _header_line(lines: list[str], header: str) -> int | None:
    words = r"\s*\.\s*".join(rf"[\"']?{re.escape(word)}[\"']?" for word in header.split("."))
    pattern = re.compile(rf"^\s*\[\s*{words}\s*\]\s*(#.*)?$")
    found = [at for at, line in enumerate(lines) if pattern.match(line.rstrip("\r\n"))]
    return found[0] if len(found) == 1 else None


def _sources_in(text: str) -> Mapping[str, Any] | None:
    try:
        sources: Mapping[str, Any] = tomllib.loads(text).get("sources", {})
    except tomllib.TOMLDecodeError:
        return None
    return sources


def _where(message: str) -> tuple[str, str]:
    found = re.search(r"at line (\d+), column (\d+)", message)
    if found is None:
        return ", at its end", ", à la fin"
    return f", line {found[1]}, column {found[2]}", f", ligne {found[1]}, colonne {found[2]}"


def _literal(value: Value) -> str:
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return f"[{', '.join(_literal(one) for one in value)}]"
    # JSON's escapes are TOML's, but for DEL, which TOML wants escaped and JSON leaves.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")


def _replace(path: Path, text: str) -> None:
    """Write the file anew, for the owner only; whoever reads meanwhile sees the old or the new one, never a part."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with NamedTemporaryFile(  # 0600
        "w", dir=path.parent, prefix=".sources-", encoding="utf-8", newline="\n", delete=False
    ) as fresh:
        try:
            fresh.write(text)
            fresh.flush()
            os.fsync(fresh.fileno())
            Path(fresh.name).replace(path)
        except BaseException:
            Path(fresh.name).unlink(missing_ok=True)
            raise
