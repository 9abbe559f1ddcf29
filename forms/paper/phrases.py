"""The phrases of conditions in French and English: questions by number, choices by label, comparisons as one says them.

Which phrase a condition needs is for `forms.paper.conditions`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from forms.form import Form
from forms.paper.lists import Lists
from forms.paper.numbering import Numbering
from forms.paper.operands import Measure
from forms.paper.rich_text import plain_text, rich_text
from forms.text import Bilingual

_PATH = re.compile(r"/[^\W\d][\w.-]*(?:/[^\W\d][\w.-]*)+")
_LONGEST_LABEL = 80
_DATES = frozenset({"date", "dateTime"})

OR, AND, NOR = Bilingual("or", "ou"), Bilingual("and", "et"), Bilingual("nor", "ni")


@dataclass(frozen=True)
class Phrases:
    """Words for parts of a form, in the language of the instructions."""

    form: Form
    numbering: Numbering
    lists: Lists

    def say(self, english: str, french: str) -> str:
        """The one of the two that the instructions are in."""
        return Bilingual(english, french).in_language(self.numbering.instructions)

    def joined(self, parts: Sequence[str], conjunction: Bilingual) -> str:
        """`a, b or c`."""
        if len(parts) < 2:
            return "".join(parts)
        return f"{', '.join(parts[:-1])} {conjunction.in_language(self.numbering.instructions)} {parts[-1]}"

    def quoted(self, words: str) -> str:
        """Words in the quotes of the instructions' language."""
        return self.say(f"‘{words}’", f"«\u00a0{words}\u00a0»")

    def subject(self, path: str, here: str) -> str:
        """What a clause is about: `Q3`, or the answer itself within its own constraint."""
        return self.say("the answer", "la réponse") if path == here else self.numbering.reference(path)

    def has_choices(self, path: str) -> bool:
        """Whether the answer is made of choices."""
        question = self.form.by_path.get(path)
        return question is not None and (question.list_name is not None or bool(self.lists.choices(question)))

    def is_several(self, path: str) -> bool:
        """Whether the answer may be made of several choices."""
        question = self.form.by_path.get(path)
        return question is not None and question.is_multiple

    def is_date(self, path: str) -> bool:
        """Whether the answer is a day or a moment."""
        question = self.form.by_path.get(path)
        return question is not None and question.data_type in _DATES

    def choice(self, path: str, code: str) -> str:
        """A choice in quotes, by its label: `‘Yes’`."""
        question = self.form.by_path.get(path)
        label = self.lists.label_of(question, code) if question is not None else code
        words = " ".join(plain_text(rich_text(self.numbering.filled(label))).split()) or code
        return self.quoted(words if len(words) <= _LONGEST_LABEL else f"{words[: _LONGEST_LABEL - 1].rstrip()}…")

    def as_written(self, expression: str) -> str:
        """An expression with question numbers in place of paths."""
        numbered = _PATH.sub(lambda path: self.numbering.reference(path[0].split("/", 2)[-1]), expression)
        return " ".join(numbered.split())

    def chosen(self, path: str, here: str, codes: Sequence[str]) -> str:
        """`Q3 is ‘Yes’`, `Q5 includes ‘Water’ or ‘School’`."""
        subject, answers = self.subject(path, here), self.joined([self.choice(path, code) for code in codes], OR)
        if self.is_several(path):
            return self.say(f"{subject} includes {answers}", f"{subject} comprend {answers}")
        return self.say(f"{subject} is {answers}", f"{subject} est {answers}")

    def not_chosen(self, path: str, here: str, codes: Sequence[str]) -> str:
        """`Q3 is neither ‘Yes’ nor ‘No’`, `Q5 does not include ‘Water’`."""
        subject, choices = self.subject(path, here), [self.choice(path, code) for code in codes]
        english, french = self.joined(choices, NOR), " ni ".join(choices)
        is_one = len(codes) == 1
        if self.is_several(path):
            return self.say(
                f"{subject} does not include {english}" if is_one else f"{subject} includes neither {english}",
                f"{subject} ne comprend {'pas' if is_one else 'ni'} {french}",
            )
        return self.say(
            f"{subject} is {'not' if is_one else 'neither'} {english}",
            f"{subject} n'est {'pas' if is_one else 'ni'} {french}",
        )

    def chosen_of_both(self, path: str, here: str, codes: Sequence[str]) -> str:
        """`Q5 includes ‘Water’ and ‘School’`."""
        subject, answers = self.subject(path, here), self.joined([self.choice(path, code) for code in codes], AND)
        return self.say(f"{subject} includes {answers}", f"{subject} comprend {answers}")

    def answered(self, path: str, here: str, *, is_answered: bool) -> str:
        """`Q3 is answered`, `Q3 is blank`."""
        subject = self.subject(path, here)
        if is_answered:
            return self.say(f"{subject} is answered", f"{subject} a une réponse")
        return self.say(f"{subject} is blank", f"{subject} est sans réponse")

    def between(self, path: str, here: str, low: str, high: str) -> str:
        """`Q7 is from 18 to 59`."""
        subject = self.subject(path, here)
        verb = "va" if self.is_date(path) else "vaut"
        return self.say(f"{subject} is from {low} to {high}", f"{subject} {verb} de {low} à {high}")

    def compared(self, path: str, here: str, operator: str, limit: str) -> str:
        """`Q7 is 18 or more`; of a date `Q7 is before today`."""
        subject = self.subject(path, here)
        if self.is_date(path) and operator not in ("=", "!="):
            return f"{subject} {self.dated(operator, limit)}"
        if self.has_choices(path) and operator not in ("=", "!="):
            subject = self.say(f"the code of {subject}", f"le code de {subject}")
        english, french = {
            "=": (f"is {limit}", f"est {limit}"),
            "!=": (f"is not {limit}", f"n'est pas {limit}"),
            "<": (f"is less than {limit}", f"vaut moins de {limit}"),
            "<=": (f"is {limit} or less", f"vaut {limit} ou moins"),
            ">": (f"is more than {limit}", f"vaut plus de {limit}"),
            ">=": (f"is {limit} or more", f"vaut {limit} ou plus"),
        }[operator]
        return f"{subject} {self.say(english, french)}"

    def dated(self, operator: str, limit: str) -> str:
        """`is before today`, `is not after 2026-03-01`."""
        english, french = {
            "<": (f"is before {limit}", f"est avant {limit}"),
            "<=": (f"is not after {limit}", f"n'est pas après {limit}"),
            ">": (f"is after {limit}", f"est après {limit}"),
            ">=": (f"is not before {limit}", f"n'est pas avant {limit}"),
        }[operator]
        return self.say(english, french)

    def counted(self, measure: Measure, operator: str, limit: str) -> str:
        """`at most 3 answers`, `exactly 8 characters`."""
        one = limit == "1"
        english = {
            Measure.CHOSEN: "answer" if one else "answers",
            Measure.LENGTH: "character" if one else "characters",
            Measure.ENTRIES: "entry" if one else "entries",
            Measure.VALUE: "",
        }[measure]
        french = {
            Measure.CHOSEN: "réponse" if one else "réponses",
            Measure.LENGTH: "caractère" if one else "caractères",
            Measure.ENTRIES: "fiche" if one else "fiches",
            Measure.VALUE: "",
        }[measure]
        quantity = {
            "=": ("exactly", "exactement"),
            "!=": ("not", "pas"),
            "<": ("fewer than", "moins de"),
            "<=": ("at most", "au plus"),
            ">": ("more than", "plus de"),
            ">=": ("at least", "au moins"),
        }[operator]
        return self.say(f"{quantity[0]} {limit} {english}", f"{quantity[1]} {limit} {french}").strip()

    def part_of_text(self, function: str, path: str, here: str, text: str, *, denied: bool) -> str:
        """`the code of Q2 starts with ‘ML07’`."""
        subject = self.subject(path, here)
        if self.has_choices(path):
            subject = self.say(f"the code of {subject}", f"le code de {subject}")
        english, french = {
            "starts-with": (("starts with", "does not start with"), ("commence par", "ne commence pas par")),
            "ends-with": (("ends with", "does not end with"), ("se termine par", "ne se termine pas par")),
            "contains": (("contains", "does not contain"), ("contient", "ne contient pas")),
        }[function]
        return f"{subject} {self.say(english[denied], french[denied])} {self.quoted(text)}"
