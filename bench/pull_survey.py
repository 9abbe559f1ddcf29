"""The form of `pull.py`, 58 questions and a repeat, and interviews of it as KoboToolbox and ODK Central hold them.

KoboToolbox-like kinds of questions, as in `tables.py`; every tenth interview names a photo.
"""

import hashlib
import io
import random
import uuid
from collections.abc import Callable, Iterator

import openpyxl

FORM_ID, VERSION = "bench_pull", "1"
PHOTO = "photo.jpg"
KINDS = (
    ["select_one five"] * 30
    + ["integer"] * 12
    + ["decimal"] * 4
    + ["text"] * 4
    + ["date"] * 3
    + ["select_multiple five"] * 4
    + ["image"]
)
GROUPS = tuple(f"perceptions_{n}" for n in range(6))


def workbook() -> bytes:
    """The XLSForm."""
    survey: list[tuple[str, str, str]] = [("type", "name", "label")]
    for group in GROUPS:
        survey.append(("begin_group", group, group))
        survey += [(kind, f"question_{n}", f"Question {n}") for n, kind in _questions(group)]
        survey.append(("end_group", "", ""))
    survey += [
        ("begin_repeat", "member", "Member"),
        ("integer", "age", "Age"),
        ("text", "sex", "Sex"),
        ("end_repeat", "", ""),
    ]
    choices = [("list_name", "name", "label"), *(("five", str(code), str(code)) for code in range(1, 6))]
    settings = [("form_title", "form_id", "version"), ("Bench", FORM_ID, VERSION)]
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in {"survey": survey, "choices": choices, "settings": settings}.items():
        sheet = book.create_sheet(title)
        for cells in rows:
            sheet.append(cells)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def interviews(number: int) -> Iterator[tuple[str, str, bool]]:
    """The instanceID of each interview, the nodes below its root, and whether it names a photo; the same every time."""
    dice = random.Random(7)
    for n in range(number):
        photo = PHOTO if n % 10 == 0 else ""
        groups = "".join(f"<{group}>{_answered(group, dice, photo)}</{group}>" for group in GROUPS)
        members = "".join(
            f"<member><age>{dice.randrange(90)}</age><sex>f</sex></member>" for _ in range(dice.randrange(4))
        )
        digest = hashlib.md5(f"interview {n}".encode(), usedforsecurity=False).digest()
        yield f"uuid:{uuid.UUID(bytes=digest, version=4)}", groups + members, bool(photo)


def _questions(group: str) -> list[tuple[int, str]]:
    place = GROUPS.index(group)
    return [(n, kind) for n, kind in enumerate(KINDS) if n % len(GROUPS) == place]


def _answered(group: str, dice: random.Random, photo: str) -> str:
    answers = ((f"question_{n}", _answer(kind, dice, photo)) for n, kind in _questions(group))
    return "".join(f"<{name}>{answer}</{name}>" for name, answer in answers)


def _answer(kind: str, dice: random.Random, photo: str) -> str:
    answers: dict[str, Callable[[], str]] = {
        "select_one five": lambda: dice.choice("12345"),
        "select_multiple five": lambda: " ".join(dice.sample("12345", 2)),
        "integer": lambda: str(dice.randrange(100)),
        "decimal": lambda: f"{dice.random() * 100:.2f}",
        "date": lambda: "2026-01-05",
        "image": lambda: photo,
        "text": lambda: "Le marché du lundi, près du dispensaire",
    }
    return answers[kind]()
