"""Which choices exclude all others: none, does not know, refused."""

import re

from forms.form import Choice, CodeKind

_NAME = re.compile(
    r"none|none_of_(?:these|them|the_above)|aucune?|aucun_de_ceux_ci|rien|nothing|nsp|dk|dnk|dont_?know|do_not_know|"
    r"ne_?sai[st]_?pas|refus|refuse[ds]?|refused_to_answer|no_answer|prefer_not(?:_to_(?:say|answer))?",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"none|none of (?:these|them|the above|the above options)|no answer|nothing|rien|aucune?|"
    r"aucune? (?:de (?:ces|ceux|celles)|des (?:r[ée]ponses|options|propositions))\b.*|"
    r"(?:je )?ne sai[st] pas|nsp|(?:i )?do(?:es)?(?: not|n.t) know|"
    r"refus(?:e|é|ée|ed)?(?: (?:de|à) r[ée]pondre| to (?:answer|respond))?|"
    r"pr[ée]f[èe]re ne pas (?:r[ée]pondre|le dire)|prefers? not to (?:say|answer)",
    re.IGNORECASE,
)


def stands_alone(choice: Choice) -> bool:
    """Whether a choice makes no sense beside another: by its `code_kind`, else by its name or a label.

    A bare 98 or 99 does not say so: many forms use it for "other".
    """
    if choice.kind is not CodeKind.VALID:
        return True
    return _NAME.fullmatch(choice.name) is not None or any(
        _LABEL.fullmatch(label.strip(" .()!*_")) is not None for label in choice.labels.values()
    )
