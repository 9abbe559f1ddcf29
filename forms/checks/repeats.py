"""Tell of a repeat that is asked once although its count is 0.

pyxform writes a first instance of every repeat, and JavaRosa asks it whatever the count says (getodk/collect#6945,
tried): "no children" then gets one child.
"""

import re
from collections.abc import Mapping

from forms.examined import Examined
from forms.finding import Findings
from forms.logic.possible import Condition
from forms.text import Bilingual
from forms.xpath.parser import parse_xpath

CODES: Mapping[str, Bilingual] = {
    "repeat_asked_at_zero": Bilingual(
        "A repeat whose count may be 0 has no condition, so it is asked once all the same.",
        "Une répétition dont le nombre peut être 0 n'a pas de condition : elle est posée une fois quand même.",
    ),
}

_ONE_ANSWER = re.compile(r"\s*\$\{\s*(?P<name>[^}\s]+)\s*\}\s*")
_MAY_BE_NONE = ("integer", "range", "select_one", "calculate")


def check(examined: Examined, findings: Findings) -> None:
    """Add a finding for each repeat that is counted by one answer which may be 0 where the repeat is asked."""
    for repeat in examined.form.repeats:
        counting = _ONE_ANSWER.fullmatch(examined.cell(repeat, "repeat_count", "jr:count"))
        question = examined.form.by_name.get(counting["name"]) if counting is not None else None
        if question is None or question.type not in _MAY_BE_NONE:
            continue
        none = Condition(repeat, parse_xpath(f"/data/{question.path} = 0"))
        if examined.possibilities.can_all_hold((*examined.relevant_for(repeat), none)):
            findings.warning(
                "repeat_asked_at_zero",
                examined.at(repeat, "repeat_count", "jr:count"),
                f"{question.name} may be 0, and ODK Collect asks the repeat once even then. Write ${{{question.name}}} "
                "> 0 under relevant.",
                f"{question.name} peut valoir 0, et ODK Collect pose quand même la répétition une fois. Écrivez "
                f"${{{question.name}}} > 0 sous relevant.",
            )
