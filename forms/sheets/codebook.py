"""Read the sheet `codebook`: the codes that passages of text are sorted by, a tree of them."""

from collections.abc import Mapping, Sequence

from forms.finding import Findings
from forms.interpretation import CodebookRow
from forms.sheets.cells import Columns, OurRow
from forms.sheets.circles import circles
from forms.sheets.names import is_name

COLUMNS = Columns(
    names=("name", "parent", "definition", "include", "exclude", "example", "renamed_from"),
    required=("name",),
    lists=frozenset({"renamed_from"}),
    has_labels=True,
)


def read_codebook(rows: list[OurRow], findings: Findings) -> tuple[CodebookRow, ...]:
    """Return the codes in the sheet's order; children may stand above their parents."""
    read: dict[str, tuple[CodebookRow, OurRow]] = {}
    for row in rows:
        code = _row(row, findings)
        if code is None:
            continue
        if code.name in read:
            findings.error(
                "codebook_code_twice",
                row.at("name"),
                f"The code {code.name} stands twice. Keep one row, or rename one.",
                f"Le code {code.name} figure deux fois. Gardez une seule ligne, ou renommez-en une.",
            )
            continue
        read[code.name] = (code, row)
    unread = {row.text("name") for row in rows} - read.keys()
    for code, row in read.values():
        _check_parent(code, row, read.keys() | unread, findings)
        _check_renamed(code, row, read, findings)
    _check_circles(read, findings)
    _tell_splits(tuple(read.values()), findings)
    return tuple(code for code, _ in read.values())


def _row(row: OurRow, findings: Findings) -> CodebookRow | None:
    name = row.text("name")
    if not is_name(name):
        if "name" not in row.broken:
            findings.error(
                "name_invalid",
                row.at("name"),
                f"{name!r} is no name: letters, digits and `_`, beginning with a letter.",
                f"{name!r} n'est pas un nom : des lettres, des chiffres et `_`, en commençant par une lettre.",
            )
        return None
    return CodebookRow(
        name=name,
        labels=row.labels,
        parent=row.text("parent") or None,
        definition=row.text("definition"),
        include=row.text("include"),
        exclude=row.text("exclude"),
        example=row.text("example"),
        renamed_from=row.words("renamed_from"),
    )


def _check_parent(code: CodebookRow, row: OurRow, names: set[str], findings: Findings) -> None:
    if code.parent is not None and code.parent not in names:
        findings.error(
            "codebook_parent_unknown",
            row.at("parent"),
            f"There is no code {code.parent} in this sheet. Add a row for it, or correct the name.",
            f"Il n'y a pas de code {code.parent} dans cette feuille. Ajoutez sa ligne, ou corrigez le nom.",
        )


def _check_renamed(code: CodebookRow, row: OurRow, read: Mapping[str, object], findings: Findings) -> None:
    still = " ".join(name for name in code.renamed_from if name in read)
    if still:
        findings.error(
            "renamed_from_in_use",
            row.at("renamed_from"),
            f"{still} is still a code of this sheet, so it is no earlier name. Take it out.",
            f"{still} est encore un code de cette feuille : ce n'est pas un ancien nom. Retirez-le.",
        )


def _check_circles(read: Mapping[str, tuple[CodebookRow, OurRow]], findings: Findings) -> None:
    parents = {name: [code.parent] for name, (code, _) in read.items() if code.parent in read}
    for circle in circles({name: [each for each in above if each is not None] for name, above in parents.items()}):
        chain = " -> ".join((*circle, circle[0]))
        findings.error(
            "codebook_circle",
            read[circle[0]][1].at("parent"),
            f"The code is its own parent: {chain}. Leave the parent of the topmost one blank.",
            f"Le code est son propre parent : {chain}. Videz la cellule parent du plus haut.",
        )


def _tell_splits(read: Sequence[tuple[CodebookRow, OurRow]], findings: Findings) -> None:
    """A code that became two: nobody can say which of them its passages belong to."""
    heirs: dict[str, list[tuple[CodebookRow, OurRow]]] = {}
    for code, row in read:
        for earlier in code.renamed_from:
            heirs.setdefault(earlier, []).append((code, row))
    for earlier, those in heirs.items():
        if len(those) > 1:
            names = " ".join(code.name for code, _ in those)
            findings.info(
                "codebook_code_split",
                those[1][1].at("renamed_from"),
                f"{earlier} was split into {names}: read its passages again and give each its new code.",
                f"{earlier} a été scindé en {names} : relisez ses passages et donnez à chacun son nouveau code.",
            )
