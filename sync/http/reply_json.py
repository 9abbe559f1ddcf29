"""The JSON of a reply, once its bytes are here: UTF-8, numbers that are numbers, texts that can be written down again.

What Python would read beyond RFC 8259 (NaN, lone surrogates, other encodings) is refused here: no database, no address
and no terminal takes it later on.
"""

import json
import re
from collections.abc import Iterable
from typing import Any, Final, NoReturn

MAX_DEPTH: Final = 100
"""Of objects and lists in each other: what reads them calls itself once a level. `forms.xml` has the same."""

_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")


class JsonUnsound(ValueError):
    """JSON that is whole, and means nothing that could be kept."""


def read_json(body: bytes, *, numbers_as_text: bool = False) -> Any:
    """Return what the JSON holds. numbers_as_text: each as the text that it was written with.

    Raises JsonUnsound for NaN and infinities, lone surrogates and what nests beyond measure; ValueError for what is no
    JSON, or was cut.
    """
    text = body.decode("utf-8-sig")
    of_number = str if numbers_as_text else None
    try:
        value = json.loads(text, parse_int=of_number, parse_float=of_number, parse_constant=_refuse_constant)
        if _SURROGATE.search(text):
            json.dumps(value, ensure_ascii=False).encode()  # pairs have become one character by now
    except RecursionError:
        raise JsonUnsound("nested beyond measure") from None
    except UnicodeEncodeError:
        raise JsonUnsound("half of a character") from None
    return value


def is_deeper_than(value: Any, depth: int) -> bool:
    """Whether lists and objects stand in each other more than so many times."""
    level: list[Any] = [value]
    for _ in range(depth + 1):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return False
    return True


def _inside(value: Any) -> Iterable[Any]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return (one for one in inner if isinstance(one, dict | list))


def _refuse_constant(name: str) -> NoReturn:
    raise JsonUnsound(name)
