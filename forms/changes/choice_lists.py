"""One choice list in two editions, or two lists that a question changed between: what goes with what, who reads it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from forms.changes.change import Spot, Touched
from forms.changes.comparison import Comparison
from forms.changes.guesses import MAX_FUZZY_PAIRS
from forms.changes.readers import readers_of_list
from forms.changes.wording import label_likeness
from forms.form import Choice, Question
from forms.text import Bilingual

_ALIKE = 0.85


@dataclass(frozen=True)
class ChoiceLists:
    """A list of the older and one of the newer edition, by their names."""

    comparison: Comparison
    old_name: str
    new_name: str

    @cached_property
    def choices(self) -> tuple[Mapping[str, Choice], Sequence[Choice]]:
        """The older list by name, the newer in order; of several choices of one name the first."""
        old: dict[str, Choice] = {}
        for choice in self.comparison.old.form.lists[self.old_name]:
            old.setdefault(choice.name, choice)
        new: dict[str, Choice] = {}
        for choice in self.comparison.new.form.lists[self.new_name]:
            new.setdefault(choice.name, choice)
        return old, tuple(new.values())

    @cached_property
    def paired(self) -> Mapping[str, str]:
        """Newer name to older name, as written or as declared."""
        old, new = self.choices
        pairs = {choice.name: choice.name for choice in new if choice.name in old}
        taken = set(pairs)
        for choice in new:
            before = next((name for name in choice.renamed_from if name in old and name not in taken), None)
            if choice.name not in pairs and before is not None:
                pairs[choice.name] = before
                taken.add(before)
        return pairs

    @cached_property
    def guessed(self) -> Mapping[str, Choice]:
        """Older name to the newer choice that bears its label, or nearly."""
        old, new = self.choices
        known = {name for choice in new for name in choice.renamed_from} | set(self.paired.values())
        left = [choice for choice in old.values() if choice.name not in known]
        free = {choice.name: choice for choice in new if choice.name not in self.paired}
        guessed: dict[str, Choice] = {}
        for choice in left if len(left) * len(free) <= MAX_FUZZY_PAIRS else ():
            scores = {after.name: label_likeness(choice.labels, after.labels) for after in free.values()}
            best = max(scores, key=lambda each: scores[each], default=None)
            if best is not None and scores[best] >= _ALIKE:
                guessed[choice.name] = free.pop(best)
        return guessed

    @cached_property
    def questions(self) -> tuple[tuple[Question, Question], ...]:
        """Older and newer question of each pair that takes these lists."""
        return tuple(
            (old, new)
            for old, new in self.comparison.questions
            if (old.list_name, new.list_name) == (self.old_name, self.new_name)
        )

    @cached_property
    def readers(self) -> tuple[str, ...]:
        """Who reads the questions and derived variables that take these lists."""
        if self.old_name != self.new_name:
            return self.comparison.read_by(*(question for pair in self.questions for question in pair))
        both = (
            *readers_of_list(self.comparison.old.form, self.comparison.readers, self.old_name),
            *readers_of_list(self.comparison.new.form, self.comparison.readers, self.new_name),
        )
        return tuple(dict.fromkeys(both))

    def touched(self, choice: Choice) -> Touched | None:
        """The answers that took a choice of the older list, under all names it had."""
        paths = [path for old, _ in self.questions for path in (old.path, *old.renamed_from)]
        return Touched(tuple(dict.fromkeys(paths)), (choice.name, *choice.renamed_from)) if paths else None

    def spot(self, name: str, *columns: str) -> Spot | None:
        """Where a choice of the newer list stands."""
        return self.comparison.new.at_choice(self.new_name, name, *columns)

    def series(self) -> tuple[Bilingual | None, bool]:
        """`comparable_since` of the questions that take this list, as far as it does not stand yet."""
        said = [
            (new, *self.comparison.series(old, new, self.comparison.new.at(new.path))) for old, new in self.questions
        ]
        open_ones = [new.name for new, _, declared in said if not declared]
        if not said:
            return None, False
        if not open_ones:
            return next((advice for _, advice, _ in said if advice is not None), None), True
        if len(said) == 1:
            return said[0][1], False
        version = self.comparison.old.form.version
        names = ", ".join(open_ones[:8]) + (", …" if len(open_ones) > 8 else "")
        return (
            Bilingual(
                f"Write {version} in comparable_since of {names} if old and new answers still stand in one series; "
                "leave it blank if not.",
                f"Écrivez {version} dans comparable_since de {names} si les anciennes et les nouvelles réponses "
                "restent une même série ; sinon, laissez vide.",
            ),
            False,
        )

    def path(self, name: str) -> str:
        """How a choice of the newer list is named: `trust4/98`."""
        return f"{self.new_name}/{name}"
