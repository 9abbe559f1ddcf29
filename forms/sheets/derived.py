"""Read the sheet `derived`: variables computed after collection."""

from collections.abc import Mapping

from forms.finding import Findings
from forms.form import Form, Sensitivity
from forms.interpretation import Derived
from forms.sheets.cells import Columns, OurRow
from forms.sheets.circles import circles
from forms.sheets.expressions import check_expression, check_result_type, check_results, read_expression
from forms.sheets.names import is_name, meant
from forms.sheets.scope import Scope
from forms.workbook.workbook import plain

COLUMNS = Columns(
    names=("type", "name", "calculation", "sensitivity"), required=("type", "name", "calculation"), has_labels=True
)
TYPES = ("integer", "decimal", "date", "text", "select_one", "select_multiple")


def read_derived(rows: list[OurRow], form: Form, findings: Findings) -> Scope:
    """Return the scope of the form and its derived variables, in the sheet's order.

    Order carries no meaning: derived variables may read one another.
    """
    read: dict[str, tuple[Derived, OurRow]] = {}
    taken = {
        name.casefold()
        for name in (*(q.name for q in form.questions), *(g.path.rsplit("/", 1)[-1] for g in form.groups))
    }
    for row in rows:
        variable = _variable(row, form, findings)
        if variable is None:
            continue
        if variable.name.casefold() in taken:
            findings.error(
                "derived_name_taken",
                row.at("name"),
                f"{variable.name} is taken already, by the survey or by a row above. Choose another name.",
                f"{variable.name} est déjà pris, dans survey ou plus haut. Choisissez un autre nom.",
            )
            continue
        taken.add(variable.name.casefold())
        read[variable.name] = (variable, row)
    derived = tuple(variable for variable, _ in read.values())
    scope = Scope(form, derived, broken={row.text("name") for row in rows} - read.keys())
    _check(read, scope, findings)
    return scope


def _variable(row: OurRow, form: Form, findings: Findings) -> Derived | None:
    name, (written, *rest) = row.text("name"), row.words("type") or ("",)
    kind = written.casefold()
    list_name = rest[0] if len(rest) == 1 else None
    complete = True
    for column in ("name", "type", "calculation"):
        if row.text(column):
            continue
        complete = False
        if column not in row.broken:
            findings.error(
                "cell_missing",
                row.at(column),
                f"The column {column} is blank. Fill it in.",
                f"La colonne {column} est vide. Remplissez-la.",
            )
    if name and not is_name(name):
        complete = False
        findings.error(
            "name_invalid",
            row.at("name"),
            f"{name!r} is no name: letters, digits and `_`, beginning with a letter.",
            f"{name!r} n'est pas un nom : des lettres, des chiffres et `_`, en commençant par une lettre.",
        )
    if kind:
        complete = _type_is_known(kind, rest, row, form, findings) and complete
    calculation = (
        read_expression(row.text("calculation"), row.at("calculation"), findings) if row.text("calculation") else None
    )
    sensitivity = _sensitivity(row, findings)
    if not complete or calculation is None:
        return None
    return Derived(name, kind, list_name, calculation, row.labels, sensitivity)


def _type_is_known(kind: str, rest: list[str], row: OurRow, form: Form, findings: Findings) -> bool:
    is_select = kind in ("select_one", "select_multiple")
    if kind not in TYPES or (rest and not is_select) or (is_select and len(rest) != 1):
        findings.error(
            "derived_type_unknown",
            row.at("type"),
            f"{row.text('type')!r} is no type here: integer, decimal, date, text, `select_one list` or "
            "`select_multiple list`.",
            f"{row.text('type')!r} n'est pas un type ici : integer, decimal, date, text, `select_one liste` ou "
            "`select_multiple liste`.",
        )
        return False
    if is_select and rest[0] not in form.lists:
        findings.error(
            "list_unknown",
            row.at("type"),
            f"The list {rest[0]} is not in the sheet choices. Add it there.",
            f"La liste {rest[0]} n'est pas dans la feuille choices. Ajoutez-la.",
        )
        return False
    return True


def _sensitivity(row: OurRow, findings: Findings) -> str | None:
    written = plain(row.text("sensitivity"))
    if not written:
        return None
    if written not in list(Sensitivity):
        right = meant(written, Sensitivity)
        findings.error(
            "sensitivity_unknown",
            row.at("sensitivity"),
            f"{written!r} is no class: " + (f"did you mean {right}?" if right else f"{' '.join(Sensitivity)}."),
            f"{written!r} n'est pas une classe : "
            + (f"vouliez-vous dire {right} ?" if right else f"{' '.join(Sensitivity)}."),
        )
        return None
    return written


def _check(read: Mapping[str, tuple[Derived, OurRow]], scope: Scope, findings: Findings) -> None:
    for variable, row in read.values():
        place = row.at("calculation")
        check_expression(variable.calculation, scope, place, findings)
        check_result_type(variable.calculation, variable.type, place, findings)
        if variable.list_name is not None:
            codes = tuple(choice.name for choice in scope.form.lists[variable.list_name])
            several = variable.type == "select_multiple"
            check_results(variable.calculation, codes, scope, place, findings, several=several)
    for cycle in circles(
        {name: [name_read for name_read in scope.subjects[name].inputs if name_read in read] for name in read}
    ):
        findings.error(
            "derived_cycle",
            read[cycle[0]][1].at("calculation"),
            f"The variable reads itself: {' -> '.join((*cycle, cycle[0]))}.",
            f"La variable se lit elle-même : {' -> '.join((*cycle, cycle[0]))}.",
        )
