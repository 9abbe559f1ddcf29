"""What compiling and checking a workbook costs beside pyxform's own `convert` of the same file, in one run.

    python bench/compile_cost.py [ROUNDS]

Prints a Markdown table: for each form the median seconds of `convert(path)` and the medians of ours as ratios to it.
Ours takes the file's bytes each time: nothing is remembered between rounds.
"""

import io
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import openpyxl
from machine import described
from pyxform.xls2xform import convert

from forms.checks import check_all
from forms.compile.compiler import compile_anew
from forms.examined import Examined
from forms.finding import Findings
from forms.javarosa.validate import validation_findings
from forms.read import attempt_to_read
from forms.workbook.file import open_workbook

Rows = Sequence[Sequence[object]]
LANGUAGES = ("label::English (en)", "label::Français (fr)")


def main() -> None:
    """Time each form and print the table."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    warnings.simplefilter("ignore", UserWarning)
    print(described("pyxform", "openpyxl", "lxml"))
    print()
    print("| form | pyxform, s | open and compile | and read and check | and ODK Validate |")
    print("|---|---|---|---|---|")
    for name, sheets in forms().items():
        print(row(name, saved(sheets), rounds), flush=True)


def forms() -> Mapping[str, Mapping[str, Rows]]:
    """The forms that are timed: long lists, and long questionnaires whose rows refer to one another."""
    return {
        "10,000 choices in 20 lists": with_choices(20, 500),
        "10,000 choices in one list": with_choices(1, 10_000),
        "600 questions": with_questions(600),
        "1,200 questions": with_questions(1_200),
        "5,000 questions": with_questions(5_000),
    }


def with_choices(lists: int, each: int) -> Mapping[str, Rows]:
    """Questions that select from long lists in two languages, with a column for choice filters."""
    survey = [["type", "name", *LANGUAGES]]
    survey += [[f"select_one list_{n}", f"q_{n}", f"Question {n}", f"Question {n} ?"] for n in range(lists)]
    choices = [["list_name", "name", *LANGUAGES, "region"]]
    choices += [
        [f"list_{n}", f"c_{k}", f"Choice {k} of {n}", f"Choix {k} de {n}", f"r_{k % 20}"]
        for n in range(lists)
        for k in range(each)
    ]
    return {"survey": survey, "choices": choices, "settings": [["form_id", "version"], ["bench", "1"]]}


def with_questions(count: int) -> Mapping[str, Rows]:
    """Groups of twenty questions; every third depends on the one before, every tenth has a constraint."""
    survey: list[list[object]] = [["type", "name", *LANGUAGES, "relevant", "constraint", "calculation"]]
    for n in range(count):
        if n % 20 == 0:
            survey.append(["begin_group", f"g_{n}", f"Group {n}", f"Groupe {n}", "", "", ""])
        relevant = f"${{q_{n - 1}}} != ''" if n % 3 == 1 else ""
        constraint = ". >= 0 and . < 120" if n % 10 == 0 else ""
        kind = "integer" if n % 10 == 0 else "select_one yes_no" if n % 3 == 0 else "text"
        survey.append([kind, f"q_{n}", f"Question {n}", f"Question {n} ?", relevant, constraint, ""])
        if n % 20 == 19 or n == count - 1:
            survey.append(["end_group", "", "", "", "", "", ""])
    choices = [["list_name", "name", *LANGUAGES], ["yes_no", "1", "Yes", "Oui"], ["yes_no", "0", "No", "Non"]]
    return {"survey": survey, "choices": choices, "settings": [["form_id", "version"], ["bench", "1"]]}


def saved(sheets: Mapping[str, Rows]) -> bytes:
    """The workbook as a spreadsheet program saves it."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for cells in rows:
            sheet.append([cell if cell != "" else None for cell in cells])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def checked(workbook: bytes, file_name: str) -> Examined:
    """Open, compile, read and check, as `forms.examine` does, with nothing remembered."""
    opened = open_workbook(workbook, file_name)
    form = attempt_to_read(opened).form
    if form is None:
        raise SystemExit("the form of the benchmark does not compile")
    examined = Examined(opened, form)
    check_all(examined, Findings())
    return examined


def row(name: str, workbook: bytes, rounds: int) -> str:
    """One line of the table; the four are timed by turns, so that a busy machine slows all alike."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "bench.xlsx")
        path.write_bytes(workbook)
        deeds: Mapping[str, Callable[[], object]] = {
            "pyxform": lambda: convert(str(path), validate=False),
            "compile": lambda: compile_anew(open_workbook(workbook, path.name)),
            "check": lambda: checked(workbook, path.name),
            "validate": lambda: validation_findings(checked(workbook, path.name)),
        }
        seconds: dict[str, list[float]] = {deed: [] for deed in deeds}
        for _ in range(rounds):
            for deed, work in deeds.items():
                started = time.perf_counter()
                work()
                seconds[deed].append(time.perf_counter() - started)
    median = {deed: statistics.median(times) for deed, times in seconds.items()}
    ratios = " | ".join(f"{median[deed] / median['pyxform']:.2f}x" for deed in ("compile", "check", "validate"))
    return f"| {name} | {median['pyxform']:.2f} | {ratios} |"


if __name__ == "__main__":
    main()
