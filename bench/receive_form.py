"""The form of `receive.py`, 31 questions in four groups, and the uploads that a tablet would send for it."""

from collections.abc import Sequence
from uuid import uuid4

FORM_ID = "bench_receive"
VERSION = "2026010101"
BOUNDARY = "jekafo-bench-7f3c"

TYPES = ["select_one five"] * 18 + ["integer"] * 6 + ["text"] * 3 + ["select_multiple five"] * 2 + ["date", "decimal"]
ANSWERS = {
    "select_one five": "4",
    "integer": "37",
    "text": "Le marché du lundi, près du dispensaire",
    "select_multiple five": "1 3 5",
    "date": "2026-01-05",
    "decimal": "12.50",
}
GROUPS = ("household", "security", "services", "trust")


def sheets() -> dict[str, Sequence[Sequence[str]]]:
    """The sheets of the XLSForm."""
    survey: list[tuple[str, str, str]] = [("type", "name", "label")]
    for group in GROUPS:
        survey.append(("begin_group", group, group))
        survey += [(kind, f"q{n}", f"Question {n}") for n, kind in _questions(group)]
        survey.append(("end_group", "", ""))
    choices = [("list_name", "name", "label"), *(("five", str(code), str(code)) for code in range(1, 6))]
    settings = [("form_title", "form_id", "version"), ("Bench", FORM_ID, VERSION)]
    return {"survey": survey, "choices": choices, "settings": settings}


def upload() -> bytes:
    """The body of one upload, of an interview of its own."""
    groups = "".join(
        f"<{group}>" + "".join(f"<q{n}>{ANSWERS[kind]}</q{n}>" for n, kind in _questions(group)) + f"</{group}>"
        for group in GROUPS
    )
    xml = (
        f'<?xml version=\'1.0\' ?><data xmlns:jr="http://openrosa.org/javarosa" id="{FORM_ID}" '
        f'version="{VERSION}">{groups}<meta><instanceID>uuid:{uuid4()}</instanceID></meta></data>'
    )
    return (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="xml_submission_file"; filename="interview.xml"\r\n'
        f"Content-Type: text/xml\r\n\r\n{xml}\r\n--{BOUNDARY}--\r\n"
    ).encode()


def _questions(group: str) -> list[tuple[int, str]]:
    place = GROUPS.index(group)
    return [(n, kind) for n, kind in enumerate(TYPES) if n % len(GROUPS) == place]
