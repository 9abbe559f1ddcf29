"""Tell of choices that a cascade never offers: `Mopti` in the column `region`, where the region's choice is `mopti`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from forms.examined import Examined
from forms.finding import Findings, Place
from forms.form import Question
from forms.logic.claims import conjuncts
from forms.logic.expressions import Role
from forms.nearest import did_you_mean, nearest
from forms.text import Bilingual
from forms.xpath.references import resolve
from forms.xpath.tree import Binary, Call, Path, XPath, bare_name

CODES: Mapping[str, Bilingual] = {
    "choice_never_offered": Bilingual(
        "A filter column holds what is no choice of the question it is compared with, so the choice is never offered.",
        "Une colonne de filtre contient ce qui n'est pas un choix de la question comparée : le choix n'est jamais "
        "proposé.",
    ),
}


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a filter asks of a column: one of the choices of the question that was answered before."""

    column: str
    answered: Question
    codes: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Offered:
    """A row of choices. row: as counted in its sheet or file; cells: the columns that a filter may read."""

    row: int
    cells: Mapping[str, str]


def check(examined: Examined, findings: Findings) -> None:
    """Add a finding for each value that keeps its choices from every question of the list."""
    asking: dict[tuple[str, bool], list[tuple[_Wanted, ...]]] = {}
    for question in examined.form.questions:
        source = question.file_name or question.list_name
        if source is not None and question.type != "select_one_external":
            asking.setdefault((source, question.file_name is not None), []).append(_wanted(question, examined))
    for (source, is_file), filters in asking.items():
        # Where one question of the list has no such filter, it offers what the others hide.
        if all(filters):
            _check(source, filters, examined, findings, is_file=is_file)


def _wanted(question: Question, examined: Examined) -> tuple[_Wanted, ...]:
    return tuple(
        _Wanted(column, answered, codes)
        for expression in examined.expressions_of(question.path)
        if expression.role is Role.CHOICE_FILTER
        for part in conjuncts(expression.tree)
        for column, path in _compared(part)
        if (answered := examined.form.by_path.get(resolve(path, question.path) or "")) is not None
        and answered.calculation is None
        and (codes := frozenset(examined.codes(answered)))
    )


def _compared(part: XPath) -> Iterator[tuple[str, Path]]:
    """The column and the answer that a part of a filter compares: `region = ${region}`, `selected(${all}, region)`."""
    sides: list[tuple[XPath, XPath]] = []
    match part:
        case Binary("=", left, right):
            sides = [(left, right), (right, left)]
        case Call("selected", (answers, value)):
            sides = [(value, answers)]
        case _:
            pass
    for column, answer in sides:
        name = bare_name(column)
        if name is not None and isinstance(answer, Path) and bare_name(answer) is None:
            yield name, answer


def _check(
    source: str, filters: Sequence[tuple[_Wanted, ...]], examined: Examined, findings: Findings, *, is_file: bool
) -> None:
    offered = tuple(_rows_of_file(source, examined) if is_file else _rows_of_sheet(source, examined))
    hidden: dict[tuple[str, str], list[_Offered]] = {}
    refusing: dict[tuple[str, str], _Wanted] = {}
    for each in offered:
        refused = [next((wanted for wanted in its if _refuses(wanted, each)), None) for its in filters]
        first = refused[0]
        if first is not None and None not in refused:
            key = (first.column, each.cells[first.column])
            hidden.setdefault(key, []).append(each)
            refusing[key] = first
    if sum(map(len, hidden.values())) == len(offered):
        return  # that the filter leaves nothing at all is told by itself
    for (column, value), rows in hidden.items():
        _tell(source, refusing[column, value], rows, examined, findings, is_file=is_file)


def _refuses(wanted: _Wanted, offered: _Offered) -> bool:
    return wanted.column in offered.cells and offered.cells[wanted.column] not in wanted.codes


def _rows_of_sheet(list_name: str, examined: Examined) -> Iterator[_Offered]:
    sheet = examined.workbook.sheet("choices")
    headers = sheet.headers if sheet is not None else ()
    for each in examined.choice_rows:
        if each.list_name == list_name:
            yield _Offered(each.row.number, {header: each.row.text(header) for header in headers})


def _rows_of_file(file_name: str, examined: Examined) -> Iterator[_Offered]:
    data_file = examined.data_files.get(file_name)
    for number, row in enumerate(data_file.rows if data_file is not None else (), start=2):
        yield _Offered(number, row)


def _tell(
    source: str,
    wanted: _Wanted,
    rows: Sequence[_Offered],
    examined: Examined,
    findings: Findings,
    *,
    is_file: bool,
) -> None:
    value, name = rows[0].cells[wanted.column], wanted.answered.name
    # A file may be renewed without the form.
    tell = findings.warning if is_file else examined.tell_ruin(findings)
    sheet = examined.workbook.sheet("choices")
    english, french = did_you_mean(nearest(value, sorted(wanted.codes)) if value else None)
    more_en, more_fr = (f" ({len(rows)} rows)", f" ({len(rows)} lignes)") if len(rows) > 1 else ("", "")
    what_en = f"{value} is no choice of {name}" if value else f"The column {wanted.column} is blank here"
    what_fr = f"{value} n'est pas un choix de {name}" if value else f"La colonne {wanted.column} est vide ici"
    tell(
        "choice_never_offered",
        Place(sheet.name if sheet is not None and not is_file else source, rows[0].row, wanted.column),
        f"{what_en}, so the filter never offers this choice{more_en}.{english} Write one of the choices of {name}.",
        f"{what_fr} : le filtre ne propose jamais ce choix{more_fr}.{french} Écrivez un des choix de {name}.",
    )
