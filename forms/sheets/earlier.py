"""Check what a survey says of earlier versions: the paths that questions had, and since when answers compare.

Only this one workbook is at hand here; whether a version it names was ever collected is `check_known_versions`, for
who knows the versions.
"""

from collections.abc import Collection, Mapping

from forms.finding import Findings
from forms.form import Form
from forms.sheets.added_column import AddedColumn
from forms.sheets.cells import words_of
from forms.sheets.survey_rows import SurveyRow, survey_rows, survey_sheet
from forms.workbook.workbook import Workbook


def check_renamed_paths(rows: Mapping[str, SurveyRow], form: Form, renamed: AddedColumn) -> None:
    """Add a finding for each earlier path that is still in use, claimed twice, or no path. rows: by path."""
    in_use = {*form.by_path, *(group.path for group in form.groups)}
    heirs: dict[str, str] = {}
    for each in rows.values():
        # Commas are told where the column is read.
        paths = words_of(each.row.text(renamed.header)) if renamed.header is not None else ()
        for path in paths:
            if path.startswith("/") or "${" in path:
                right = path.strip("/").removeprefix("data/").replace("${", "").replace("}", "")
                renamed.findings.error(
                    "renamed_from_malformed",
                    renamed.place(each.row),
                    f"{path} is no path: names from the outermost group in, without the form's root: `{right}`.",
                    f"{path} n'est pas un chemin : les noms depuis le groupe extérieur, sans la racine : `{right}`.",
                )
            elif path in in_use:
                renamed.findings.error(
                    "renamed_from_in_use",
                    renamed.place(each.row),
                    f"{path} is still a question or group of this form, so it is no earlier path. Take it out.",
                    f"{path} est encore une question ou un groupe de ce formulaire : ce n'est pas un ancien chemin. "
                    "Retirez-le.",
                )
            elif heirs.setdefault(path, each.path) != each.path:
                renamed.findings.error(
                    "renamed_from_twice",
                    renamed.place(each.row),
                    f"{heirs[path]} was renamed from {path} as well: its answers can go to one question only.",
                    f"{heirs[path]} vient aussi de {path} : ses réponses ne peuvent aller qu'à une seule question.",
                )


def check_comparable_since(rows: Mapping[str, SurveyRow], form: Form, comparable: AddedColumn) -> None:
    """Add a finding for each version that comes after the form's own, where both are numbers and so have an order."""
    for each in rows.values():
        since = each.row.text(comparable.header) if comparable.header is not None else ""
        if is_number(since) and is_number(form.version) and int(since) > int(form.version):
            comparable.findings.error(
                "comparable_since_later",
                comparable.place(each.row),
                f"The version {since} comes after this one ({form.version}): name the oldest that compares.",
                f"La version {since} vient après celle-ci ({form.version}) : nommez la plus ancienne comparable.",
            )


def check_known_versions(workbook: Workbook, form: Form, versions: Collection[str], findings: Findings) -> None:
    """Add a finding for each `comparable_since` that names no version of the form. versions: all that were kept."""
    sheet = survey_sheet(workbook)
    if sheet is None:
        return
    comparable = AddedColumn.named(sheet, "comparable_since", Findings())
    for each in survey_rows(sheet):
        since = comparable.text(each.row)
        if since and since not in versions and since != form.version:
            findings.error(
                "comparable_since_unknown",
                comparable.place(each.row),
                f"There is no version {since} of {form.form_id}: versions are {' '.join(versions) or '(none yet)'}.",
                f"Il n'y a pas de version {since} de {form.form_id} : les versions sont "
                f"{' '.join(versions) or '(aucune encore)'}.",
            )


def is_number(version: str) -> bool:
    """Whether a version is a plain number, as 2026112201, so that one can tell which of two is later."""
    return version.isascii() and version.isdecimal()
