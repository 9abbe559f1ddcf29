"""Two editions side by side: what goes with what, and how earlier names read today."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from forms.changes.change import Spot, Touched
from forms.changes.edition import Edition, declaration
from forms.changes.pairing import Pairing, pair
from forms.changes.readers import Readers
from forms.changes.versions import is_older
from forms.form import Question
from forms.text import Bilingual


@dataclass(frozen=True)
class Comparison:
    """An older and a newer edition of one instrument."""

    old: Edition
    new: Edition

    @cached_property
    def pairing(self) -> Pairing:
        """Which question and group of the newer edition goes with which of the older."""
        return pair(self.old.form, self.new.form)

    @cached_property
    def readers(self) -> Readers:
        """What reads a question, in either edition."""
        return Readers(self.old.form.interpretation, self.new.form.interpretation)

    @cached_property
    def questions(self) -> tuple[tuple[Question, Question], ...]:
        """Older and newer question of each pair, guesses included, in the newer edition's order."""
        old_of = self.pairing.old_of
        return tuple(
            (self.old.form.by_path[old_of[question.path]], question)
            for question in self.new.form.questions
            if question.path in old_of
        )

    @cached_property
    def renames(self) -> Mapping[str, str]:
        """Older name to newer name of the questions that were renamed."""
        return {old.name: new.name for old, new in self.questions if old.name != new.name}

    @cached_property
    def common_languages(self) -> frozenset[str]:
        """Languages that both editions have."""
        return frozenset(self.old.form.languages) & frozenset(self.new.form.languages)

    def read_by(self, *questions: Question) -> tuple[str, ...]:
        """Who reads these questions."""
        return self.readers.of(*dict.fromkeys(question.name for question in questions))

    def touched(self, old: Question, *choices: str) -> Touched:
        """The answers to a question of the older edition, under all paths it had."""
        return Touched(tuple(dict.fromkeys((old.path, *old.renamed_from))), choices)

    def series(self, old: Question, new: Question, place: Spot | None) -> tuple[Bilingual | None, bool]:
        """What to write in `comparable_since` so that old and new answers stand in one series, and whether it stands.

        A declaration that was there before this change is pointed at: it speaks for this change too.
        """
        since = new.comparable_since
        covers = since is not None and since != "" and is_older(self.old.form.version, since) is not True
        if not covers:
            written = declaration(self.new, place, "comparable_since", self.old.form.version or "…")
            return (
                Bilingual(
                    f"{written.en.removesuffix('.')} if old and new answers still stand in one series; leave it "
                    "blank if not.",
                    f"{written.fr.removesuffix('.')} si les anciennes et les nouvelles réponses restent une même "
                    "série ; sinon, laissez vide.",
                ),
                False,
            )
        if since == old.comparable_since:
            return (
                Bilingual(
                    f"comparable_since says {since} since before this change: check that it holds for this one too.",
                    f"comparable_since indique {since} depuis avant ce changement : vérifiez que cela vaut aussi ici.",
                ),
                True,
            )
        return None, True
