"""Tell of questions whose answers say who a person is, and whose `sensitivity` does not.

They are known by type (a place, a picture, a telephone number), by name and by label, in French and English.
"""

import re
from collections.abc import Mapping

from forms.examined import Examined
from forms.finding import Findings
from forms.form import Question, Sensitivity
from forms.nearest import listed
from forms.sheets.survey_rows import header_of
from forms.text import Bilingual

CODES: Mapping[str, Bilingual] = {
    "identifier_unclassed": Bilingual(
        "A question that identifies a person has a milder class than `identifier`.",
        "Une question qui identifie une personne a une classe plus faible que `identifier`.",
    ),
    "identifier_blank": Bilingual(
        "Questions that identify a person have no class; they count as `identifier`.",
        "Des questions qui identifient une personne n'ont pas de classe ; elles comptent comme `identifier`.",
    ),
}

_BY_TYPE = frozenset(
    {"geopoint", "geotrace", "geoshape", "start-geopoint", "image", "audio", "background-audio", "video", "barcode"}
    | {"deviceid", "phonenumber", "username", "email", "subscriberid", "simserial", "audit"}
)
_TYPED_BY_HAND = frozenset({"text", "integer", "decimal", "barcode", "calculate", "hidden"})
_NAME = re.compile(
    r"(?:^|_)(?:nom|noms|prenoms?|surname|firstname|lastname|fullname|phone|phones|telephone|tel|mobile|whatsapp|gps|"
    r"adresse|address|email|mail|courriel|cin|nina|nni|passeport|passport|signature|photo)(?:_?\d+)?(?:_|$)|"
    r"(?:^|_)(?:first|last|full|family|respondent|resp|head|hh|hoh|child|person|interviewee|enq|chef|repondant)_?name"
    r"(?:_|$)|^name$|(?:^|_)(?:national|carte|card|passport|voter)_?(?:id|number|no|num)(?:_|$)",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"\b(?:votre|son|leur) (?:nom|prénom|adresse|numéro de téléphone)\b|"
    r"\b(?:nom|prénoms?) (?:et prénoms?|complet|de famille)\b|"
    r"\b(?:nom|prénoms?) (?:du|de la|de l['’]) ?"
    r"(?:répondant|enquêté|participant|interviewé|chef|personne|enfant|mère|père)e?\b|"
    r"\bcomment (?:vous )?(?:appelez-vous|s['’]appelle)\b|\bcoordonnées (?:gps|téléphoniques)\b|"
    r"\bnuméros? (?:de )?(?:téléphone|portable|whatsapp|d['’]identi\w+|de (?:la )?carte)\b|"
    r"\bcarte (?:d['’]identité|nina)\b|\b(?:your|his|her|their|full|first|last|family) name\b|"
    r"\bname of (?:the )?(?:respondent|participant|interviewee|(?:household )?head|child|mother|father|person)\b|"
    r"\b(?:phone|telephone|mobile|whatsapp) number\b|\bwhat is your (?:address|email|phone)\b|"
    r"\bnational id\b|\bpassport number\b|\be-?mail address\b",
    re.IGNORECASE,
)


def check(examined: Examined, findings: Findings) -> None:
    """Add findings for workbooks that classify their questions; a plain XLSForm is not asked to."""
    header = header_of(examined.survey, ("sensitivity",))
    if not examined.is_ours or header is None:
        return
    blank: list[Question] = []
    for question in examined.form.questions:
        if question.path not in examined.rows or not identifies(question):
            continue
        if not examined.cell(question.path, "sensitivity"):
            blank.append(question)
        elif question.sensitivity is not Sensitivity.IDENTIFIER:
            findings.warning(
                "identifier_unclassed",
                examined.at(question.path, "sensitivity"),
                f"The answers to {question.name} seem to identify a person, but are marked {question.sensitivity}. "
                "Write identifier.",
                f"Les réponses à {question.name} semblent identifier une personne, mais sont marquées "
                f"{question.sensitivity}. Écrivez identifier.",
            )
    if blank:
        names = listed(question.name for question in blank)
        findings.info(
            "identifier_blank",
            examined.at(blank[0].path, "sensitivity"),
            f"These seem to identify a person and have no class: {names}. Write identifier.",
            f"Ces questions semblent identifier une personne et n'ont pas de classe : {names}. Écrivez identifier.",
        )


def identifies(question: Question) -> bool:
    """Whether the answers to a question say who a person is, as far as its type, name and labels tell."""
    if question.type in _BY_TYPE:
        return True
    if question.type not in _TYPED_BY_HAND:
        return False
    return _NAME.search(question.name) is not None or any(_LABEL.search(label) for label in question.labels.values())
