"""`pulldata()` for JavaRosa: ODK Collect brings this function along, the engine itself does not know it.

`pulldata('areas', 'region', 'name', ${area})` is the cell of column `region` in the first row of areas.csv whose
`name` is the answer; blank where there is none (docs.getodk.org/form-datasets: pulling data from CSV).
"""

import csv
import io
from collections.abc import Mapping
from functools import cache
from typing import Any

from jpype import JException

from forms.javarosa.machine import JAVAROSA, function_handler, java


def pulldata_handler(files: Mapping[str, bytes]) -> Any:
    """Return a function handler for a form's evaluation context. files: by name; only CSV files are looked into."""
    tables = {name.rpartition(".")[0]: content for name, content in files.items() if name.casefold().endswith(".csv")}

    @cache
    def rows(table: str) -> tuple[dict[str, str], ...]:
        text = tables[table].decode("utf-8-sig", errors="replace")
        return tuple(csv.DictReader(io.StringIO(text)))

    @cache
    def index(table: str, key_column: str) -> Mapping[str, Mapping[str, str]]:
        found: dict[str, Mapping[str, str]] = {}
        for row in rows(table):
            found.setdefault((row.get(key_column) or "").strip(), row)
        return found

    def pull(arguments: Any, _context: Any) -> str:
        table, column, key_column, key = (_text(argument) for argument in arguments)
        table = table.removesuffix(".csv")
        if table not in tables:
            return ""
        return str(index(table, key_column).get(key, {}).get(column) or "")

    return function_handler("pulldata", pull)


def _text(argument: Any) -> str:
    functions = java(JAVAROSA + "xpath.expr.XPathFuncExpr")
    try:
        return str(functions.toString(functions.unpack(argument)))
    except JException:
        return ""
