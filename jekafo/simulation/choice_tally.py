"""What a run of interviews shows about choices: those that end an interview, and those that nobody lasts with."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from forms.form import Form
from forms.xpath import XPathInvalid, parse_xpath
from forms.xpath.references import filter_references

FEWEST = 3
"""How often a choice must have ended interviews to be held to account where no choice filter links the two."""

OFFERS_A_CHOICE = 30
"""How often a choice must have been offered, for each choice beside it, before it is odd that nobody took it."""

Choice = tuple[str, str]
"""Path of the question and name of the choice."""


@dataclass(frozen=True, slots=True)
class Ending:
    """A choice that no finished interview holds. times: interviews that took it, all ended. at: where, most often."""

    question: str
    choice: str
    times: int
    at: str
    is_without_choice: bool


@dataclass
class ChoiceTally:
    """Counts of interviews by choice. without_choice: by path of the required question that offered none."""

    offered: Counter[Choice] = field(default_factory=Counter)
    lasted: Counter[Choice] = field(default_factory=Counter)
    without_choice: Counter[str] = field(default_factory=Counter)
    _ended: dict[Choice, Counter[str]] = field(default_factory=dict)
    _most_offered: dict[str, int] = field(default_factory=dict)

    def add_ended(self, at: str, chosen: Collection[Choice], *, is_without_choice: bool) -> None:
        """Count a sitting that ended at a question."""
        if is_without_choice:
            self.without_choice[at] += 1
        for choice in chosen:
            self._ended.setdefault(choice, Counter())[at] += 1

    def add_finished(self, offered: Mapping[str, Collection[str]], chosen: Collection[Choice]) -> None:
        """Count a finished interview."""
        self.lasted.update(chosen)
        for path, choices in offered.items():
            self.offered.update((path, choice) for choice in choices)
            self._most_offered[path] = max(len(choices), self._most_offered.get(path, 0))

    def endings(self, form: Form) -> tuple[Ending, ...]:
        """Return the choices that were taken and never lasted, most often taken first.

        One is held to account where the question at which it ended filters its choices by it, or after FEWEST times
        while other choices of its question lasted: else any other answer of that interview may be as much to blame.
        """
        survived = {path for path, _ in self.lasted}
        found = []
        for (path, choice), places in self._ended.items():
            at, times = places.most_common(1)[0][0], places.total()
            if path == at or self.lasted[(path, choice)]:
                continue
            if (times >= FEWEST and path in survived) or path in _filtered_by(form, at):
                found.append(Ending(path, choice, times, at, bool(self.without_choice[at])))
        blamed = {(each.at, each.question) for each in found if each.question in _filtered_by(form, each.at)}
        linked = {at for at, _ in blamed}
        # Where a filter says what ended the interview, other answers given on the way there are chance.
        kept = [each for each in found if each.at not in linked or (each.at, each.question) in blamed]
        return tuple(sorted(kept, key=lambda each: (-each.times, each.question, each.choice)))

    def never_lasting(self, form: Form) -> tuple[Choice, ...]:
        """Return the choices that were offered often enough, and stand in no finished interview."""
        told = {(each.question, each.choice) for each in self.endings(form)}
        return tuple(
            (path, choice)
            for (path, choice), times in sorted(self.offered.items())
            if not self.lasted[(path, choice)]
            and (path, choice) not in told
            and times >= OFFERS_A_CHOICE * self._most_offered[path]
        )


def _filtered_by(form: Form, path: str) -> tuple[str, ...]:
    """Paths of the answers that a question's choice filter reads."""
    question = form.by_path.get(path)
    if question is None or question.choice_filter is None:
        return ()
    try:
        return filter_references(parse_xpath(question.choice_filter), path)
    except XPathInvalid:
        return ()
