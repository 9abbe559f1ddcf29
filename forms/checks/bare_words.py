"""Tell of words without quotes: `${sex} = f`, `if(${age} > 17, adult, child)`, `oui` under required.

XPath takes them for names of questions inside the question they stand at; there are none, so they are blank.
"""

import re
from collections.abc import Mapping

from forms.examined import Examined
from forms.finding import Findings
from forms.logic.expressions import Expression, Role
from forms.text import Bilingual
from forms.xpath.slips import meant_function
from forms.xpath.tree import Path, bare_names

CODES: Mapping[str, Bilingual] = {
    "word_unquoted": Bilingual(
        "A word in an expression stands without quotes, so it is taken for a question that does not exist.",
        "Un mot d'une expression est sans guillemets : il est pris pour une question qui n'existe pas.",
    ),
}

_MEANT_TO_BE_BLANK = "null"
# XPath reads `non ${sex}` as a path, and finds nothing there.
_WORD_BEFORE_QUESTION = re.compile(r"(?<![\w$./:{-])([^\W\d]\w*)\s+\$\{")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_OPERATORS = frozenset({"and", "or", "div", "mod"})
_YES_OR_NO = (Role.REQUIRED, Role.READ_ONLY)


def check(examined: Examined, findings: Findings) -> None:
    """Add a finding for each such word; in a choice filter a bare word is a column of the list."""
    for expression in examined.expressions:
        if expression.role is Role.CHOICE_FILTER or expression.owner not in examined.rows:
            continue
        for word in dict.fromkeys((*bare_names(expression.tree), *_before_questions(expression, examined))):
            if word != _MEANT_TO_BE_BLANK and not _is_there(f"{expression.owner}/{word}", examined):
                _tell(word, expression, examined, findings)


def _before_questions(expression: Expression, examined: Examined) -> list[str]:
    written = _QUOTED.sub("''", examined.cell(expression.owner, *expression.role.columns))
    return [word for word in _WORD_BEFORE_QUESTION.findall(written) if word not in _OPERATORS]


def _is_there(path: str, examined: Examined) -> bool:
    return path in examined.form.by_path or any(group.path == path for group in examined.form.groups)


def _tell(word: str, expression: Expression, examined: Examined, findings: Findings) -> None:
    is_all = isinstance(expression.tree, Path)
    if (truth := meant_function(word)) in ("true", "false"):
        english = f"Write {truth}(), or '{word}' for the text."
        french = f"Écrivez {truth}(), ou '{word}' pour le texte."
    elif truth is not None:
        english, french = f"Write {truth}(…).", f"Écrivez {truth}(…)."
    elif is_all and expression.role in _YES_OR_NO:
        english, french = "Write yes or no, or a condition.", "Écrivez yes ou no, ou une condition."
    else:
        english = f"Write '{word}' for the text, or ${{{word}}} for a question."
        french = f"Écrivez '{word}' pour le texte, ou ${{{word}}} pour une question."
    examined.tell_ruin(findings)(
        "word_unquoted",
        examined.at(expression.owner, *expression.role.columns),
        f"Without quotes {word} is taken for a question, which does not exist: it is always blank. {english}",
        f"Sans guillemets, {word} est pris pour une question, qui n'existe pas : la valeur est toujours vide. {french}",
    )
