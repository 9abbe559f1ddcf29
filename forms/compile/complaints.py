"""The messages of ODK Validate and JavaRosa that are known here, and what is said in their place.

Placing them in the workbook is `forms.compile.validation`.
"""

import re
from dataclasses import dataclass

from forms.finding import Severity
from forms.text import Bilingual


@dataclass(frozen=True)
class Complaint:
    """A message that is known: its code, and what is said for it; {what} is what it names, {why} what is wrong."""

    code: str
    pattern: re.Pattern[str]
    said: Bilingual
    severity: Severity = Severity.ERROR


SYNTAX = Bilingual("This formula cannot be read. {why} Correct it.", "Cette formule est illisible. {why} Corrigez-la.")
_FUNCTION = Bilingual(
    "ODK has no function {what} that could be called so. Correct its name or its arguments.",
    "ODK n'a pas de fonction {what} qui s'emploie ainsi. Corrigez son nom ou ses arguments.",
)
FUNCTION_MEANT = Bilingual(
    "ODK has no function {what}: write {why}.", "ODK n'a pas de fonction {what} : écrivez {why}."
)
OWN_RESULT = Bilingual(
    "This formula reads its own result: {what}. No tablet can compute it. Take that name out of the formula.",
    "Cette formule lit son propre résultat : {what}. Aucune tablette ne peut la calculer. Retirez ce nom de la "
    "formule.",
)

# JavaRosa as ODK Validate 1.20 ships it: XFormParser, FormDef, XPathEvalExpr and the validator's own words.
COMPLAINTS = (
    Complaint(
        "cycle",
        re.compile(
            r"Cycle detected in form's relevant and calculation logic!.*?in the loop:\s*(?P<paths>.*)", re.DOTALL
        ),
        Bilingual(
            "These formulas go round in a circle, so no tablet can compute them: {what}. Change one of them so that "
            "it no longer reads the next.",
            "Ces formules tournent en rond, aucune tablette ne peut les calculer : {what}. Changez l'une d'elles pour "
            "qu'elle ne lise plus la suivante.",
        ),
    ),
    Complaint(
        "function_refused",
        re.compile(
            r"(?:located in (?P<kind>\w+) expression for (?P<path>\S+).*?)?cannot handle function '(?P<what>[^' ]+)",
            re.DOTALL,
        ),
        _FUNCTION,
    ),
    Complaint(
        "repeat_reference_ambiguous",
        re.compile(
            r"located in (?P<kind>\w+) expression for (?P<path>\S+).*This field is repeated:\s*(?P<what>[^\s;]+)",
            re.DOTALL,
        ),
        Bilingual(
            "{what} is asked several times, and this formula takes it for one answer. Use indexed-repeat(), or sum(), "
            "count() and the like over the repeat.",
            "{what} est demandé plusieurs fois, et cette formule le prend pour une seule réponse. Utilisez "
            "indexed-repeat(), ou sum(), count(), etc. sur la répétition.",
        ),
    ),
    Complaint(
        "instance_unknown",
        re.compile(
            r"(?:located in (?P<kind>\w+) expression for (?P<path>\S+).*?)?"
            r"Instance referenced by instance\((?P<what>[^)]*)\)\S* does not exist",
            re.DOTALL,
        ),
        Bilingual(
            "There is no list and no file {what} to read with instance(). Correct its name.",
            "Il n'y a ni liste ni fichier {what} à lire avec instance(). Corrigez son nom.",
        ),
    ),
    Complaint(
        "xpath_unsupported",
        re.compile(r"unsupported construct \[Unsupported nodeset expression: (?P<text>.*)\]", re.DOTALL),
        SYNTAX,
    ),
    Complaint(
        "xpath_unsupported",
        re.compile(r"unsupported construct \[(?P<what>.*)\]", re.DOTALL),
        Bilingual(
            "ODK cannot evaluate this kind of path ({what}). Use ${{name}}, `.` or `..`.",
            "ODK ne sait pas évaluer ce genre de chemin ({what}). Utilisez ${{nom}}, `.` ou `..`.",
        ),
    ),
    Complaint(
        "xpath_syntax",
        re.compile(
            r"Encountered a problem with (?P<kind>display|require|readonly) condition for node \[(?P<path>[^\]]+)\]|"
            r"bind for (?P<constrained>\S+) contains invalid constraint expression|"
            r"Invalid calculate for the bind attached to \"(?P<calculated>[^\"]+)\"|"
            r"Invalid XPath in value set action declaration.*?<setvalue ref=\"(?P<set>[^\"]+)\"",
            re.DOTALL,
        ),
        SYNTAX,
    ),
    Complaint(
        "choice_without_label",
        re.compile(
            r"Selection choice label text and image uri are both missing for: (?P<path>\S+) choice: (?P<number>\d+)"
        ),
        Bilingual(
            "A choice of this question has neither label nor image: tablets would show nothing. Fill in its label.",
            "Un choix de cette question n'a ni libellé ni image : la tablette n'afficherait rien. Remplissez son "
            "libellé.",
        ),
        # ODK Validate tells it and lets the form pass.
        Severity.WARNING,
    ),
    Complaint(
        "group_empty",
        re.compile(r"Group has no children! Group: (?P<path>/[^\s.]+)"),
        Bilingual(
            "This group holds no question. Add one, or delete the group.",
            "Ce groupe ne contient aucune question. Ajoutez-en une ou supprimez le groupe.",
        ),
    ),
    Complaint(
        "formula_fails",
        re.compile(r"located in (?P<kind>\w+) expression for (?P<path>\S+)\s*(?P<what>.*)", re.DOTALL),
        Bilingual(
            "JavaRosa cannot evaluate this formula: {what}. Correct it.",
            "JavaRosa ne sait pas évaluer cette formule : {what}. Corrigez-la.",
        ),
    ),
)
