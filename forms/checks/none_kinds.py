"""Tell of the choice "none" of a select_multiple that does not say `none` under `code_kind`."""

import re
from collections.abc import Mapping

from forms.examined import Examined
from forms.finding import Findings, Place
from forms.form import Choice
from forms.text import Bilingual

CODES: Mapping[str, Bilingual] = {
    "none_kind_blank": Bilingual(
        "A choice of a select_multiple means that none of the others applies, and its code_kind is blank.",
        "Un choix d'un select_multiple veut dire qu'aucun autre ne convient, et son code_kind est vide.",
    ),
}

_NAME = re.compile(r"none|none_of_(?:these|them|the_above)|aucune?|aucun_de_ceux_ci|rien|nothing", re.IGNORECASE)
_LABEL = re.compile(
    r"none|none of (?:these|them|the above)|nothing|rien|"
    r"aucune?(?: (?:de (?:ces|ceux|celles)|des (?:r[ée]ponses|options|propositions))\b.*)?",
    re.IGNORECASE,
)


def check(examined: Examined, findings: Findings) -> None:
    """Add a finding for each such choice of a workbook that figures are made of."""
    if not examined.is_ours:
        return
    asked = dict.fromkeys(each.list_name for each in examined.form.questions if each.type == "select_multiple")
    kinds = {(row.list_name, row.name): row.row.text(_header(examined)) for row in examined.choice_rows}
    for list_name in asked:
        for choice in examined.form.lists.get(list_name or "", ()):
            if list_name is not None and _means_none(choice) and kinds.get((list_name, choice.name)) == "":
                at = examined.at_choice(list_name, choice.name, "code_kind")
                findings.warning(
                    "none_kind_blank",
                    Place(at.sheet, at.row, at.column or "code_kind"),
                    f"{choice.name} seems to say that none of the others applies. Type none under code_kind, or valid "
                    "if it is an answer like the others.",
                    f"{choice.name} semble dire qu'aucun autre choix ne convient. Tapez none sous code_kind, ou valid "
                    "si c'est une réponse comme les autres.",
                )


def _header(examined: Examined) -> str:
    sheet = examined.workbook.sheet("choices")
    headers = sheet.headers if sheet is not None else ()
    return next((header for header in headers if header.strip().casefold() == "code_kind"), "code_kind")


def _means_none(choice: Choice) -> bool:
    return _NAME.fullmatch(choice.name) is not None or any(
        _LABEL.fullmatch(label.strip(" .()!*_")) is not None for label in choice.labels.values()
    )
