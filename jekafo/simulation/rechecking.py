"""Check simulated submissions a second time, in Python and without JavaRosa, and say what came of it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from forms.form import Form
from forms.recheck import NotChecked, Rechecker, Rule
from forms.text import Bilingual
from jekafo.counts import counted, counted_fr

NAMED = 12
"""How many broken rules and unchecked expressions are named one by one."""

_RULES: Mapping[Rule, Bilingual] = {
    Rule.CALCULATION: Bilingual("calculation", "calcul"),
    Rule.CONSTRAINT: Bilingual("constraint", "contrainte"),
    Rule.RELEVANT: Bilingual("skip condition", "condition de saut"),
    Rule.CHOICE: Bilingual("choice list", "liste de choix"),
    Rule.REQUIRED: Bilingual("requirement", "obligation"),
}


@dataclass
class Recheck:
    """A re-check of one form's submissions. broken: path, rule and detail to how often; the same for not_checked."""

    form: Form
    files: Mapping[str, bytes]
    submissions: int = 0
    broken: Counter[tuple[str, Rule, Bilingual]] = field(default_factory=Counter)
    not_checked: Counter[NotChecked] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._rechecker = Rechecker(self.form, self.files)

    def add(self, xml: bytes, at: datetime) -> None:
        """Check one submission. at: when it was filled in by this machine's clock, which JavaRosa's today() follows."""
        found = self._rechecker.recheck(xml, at)
        self.submissions += 1
        self.broken.update((rule.path, rule.rule, rule.detail) for rule in found.broken)
        self.not_checked.update(found.not_checked)

    def told(self) -> Iterator[Bilingual]:
        """Yield what the re-check says, one sentence a line."""
        broken, unknown = self.broken.total(), len(self.not_checked)
        yield Bilingual(
            f"{self.submissions:,} re-checked without JavaRosa: {counted(broken, 'broken rule', 'broken rules')}, "
            f"{counted(unknown, 'expression', 'expressions')} that Python cannot evaluate.",
            f"{counted_fr(self.submissions, 'revérifié', 'revérifiés')} sans JavaRosa : "
            f"{counted_fr(broken, 'règle enfreinte', 'règles enfreintes')}, "
            f"{counted_fr(unknown, 'expression', 'expressions')} que Python ne peut pas évaluer.",
        )
        for (path, rule, detail), times in self.broken.most_common(NAMED):
            yield Bilingual(
                f"  broken {times:,}x: {path} ({rule}): {detail.en}",
                f"  enfreinte {times} fois : {path} ({rule}) : {detail.fr}",
            )
        for unchecked, times in self.not_checked.most_common(NAMED):
            what = _RULES.get(unchecked.rule, Bilingual(unchecked.rule, unchecked.rule))
            yield Bilingual(
                f"  not checked {times:,}x: {what.en} of {unchecked.path}: {unchecked.reason}",
                f"  non vérifié {times} fois : {what.fr} de {unchecked.path} : {unchecked.reason}",
            )
