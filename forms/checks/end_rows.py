"""Tell of conditions written on the row that ends a group: they do nothing there."""

from collections.abc import Mapping

from forms.examined import Examined
from forms.finding import Findings, Place
from forms.logic.expressions import Role
from forms.sheets.survey_rows import TYPE_HEADERS, ends_a_group, header_of
from forms.text import Bilingual

CODES: Mapping[str, Bilingual] = {
    "end_row_ignored": Bilingual(
        "A condition or count stands on the row that ends a group or repeat, where nothing reads it.",
        "Une condition ou un nombre figure sur la ligne qui termine un groupe ou une répétition : rien ne le lit.",
    ),
}

_READ_AT_THE_BEGINNING = (Role.RELEVANT.columns, ("repeat_count", "jr:count"))


def check(examined: Examined, findings: Findings) -> None:
    """Add a finding for each such cell."""
    type_header = header_of(examined.survey, TYPE_HEADERS) or ""
    headers = [header for columns in _READ_AT_THE_BEGINNING if (header := header_of(examined.survey, columns))]
    for row in examined.survey.rows:
        for header in headers if ends_a_group(row.text(type_header)) else ():
            if row.text(header):
                findings.warning(
                    "end_row_ignored",
                    Place(examined.survey.name, row.number, header),
                    f"On the row that ends a group {header} does nothing. Move it to the row that begins the group.",
                    f"Sur la ligne qui termine un groupe, {header} reste sans effet. Déplacez-le sur la ligne qui le "
                    "commence.",
                )
