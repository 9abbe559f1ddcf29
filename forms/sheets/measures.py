"""Check that a measure suits what it reads, and that the codes it counts are choices of the list."""

from dataclasses import dataclass

from forms.finding import Findings
from forms.sheets.cells import OurRow
from forms.sheets.expressions import unknown_name
from forms.sheets.scope import Scope, Subject, is_around

MEASURES = ("share", "mean", "net", "index", "distribution", "multiple", "rank", "ratio", "count", "total", "duration")

_SELECTS = ("select_one", "select_multiple")
_COUNTING = ("share", "net", "count")
_FITTING_TYPES = {
    "share": _SELECTS,
    "net": ("select_one",),
    "distribution": ("select_one",),
    "multiple": ("select_multiple",),
    "rank": ("rank",),
}
_NUMBERS = ("mean", "index", "total", "ratio")


def check_measure(
    row: OurRow, measure: str, base: tuple[str, ...], scope: Scope, findings: Findings, *, repeat: str | None
) -> tuple[str, ...] | None:
    """Return the names that a measure reads, or None with findings where the cell `question` cannot be read.

    repeat: the path of the repeat whose rows the indicator is about, or None.
    """
    return _Check(row, measure, base, scope, findings, repeat).questions()


@dataclass(frozen=True)
class _Check:
    row: OurRow
    measure: str
    base: tuple[str, ...]
    scope: Scope
    findings: Findings
    repeat: str | None

    def questions(self) -> tuple[str, ...] | None:
        names = self._names()
        if names is None:
            return None
        subjects = [self._subject(name) for name in names]
        for subject in subjects:
            if subject is not None:
                self._fits(subject)
        first = subjects[0] if subjects else None
        if first is None and not names and self.row.words("counts"):
            self._error(
                "question_count",
                "question",
                "The codes in counts are those of a question: name it here.",
                "Les codes de counts sont ceux d'une question : nommez-la ici.",
            )
        counted = self._codes("counts", first)
        subtracted = self._codes("against", first)
        both = [code for code in counted if code in subtracted]
        if both:
            self._error(
                "codes_overlap",
                "against",
                f"{' '.join(both)} stands in counts and in against. A code counts on one side.",
                f"{' '.join(both)} figure dans counts et dans against. Un code compte d'un seul côté.",
            )
        return names if None not in subjects else None

    def _names(self) -> tuple[str, ...] | None:
        """The names in `question`; `a / b` for a ratio, `a to b` for a duration."""
        if "question" in self.row.broken:
            return None
        words = self.row.words("question")
        text = " ".join(self.row.text("question").replace("/", " / ").split())
        match self.measure:
            case "ratio":
                parts = text.split(" / ")
            case "duration":
                parts = text.split(" to ")
            case _:
                parts = list(words)
        wanted = {"ratio": 2, "duration": 2}.get(self.measure, 1)
        is_right = len(parts) >= 2 if self.measure == "index" else len(parts) == wanted and all(parts)
        if is_right and not any(" " in part for part in parts):
            return tuple(parts)
        if self.measure == "count" and not parts:
            return ()
        example = {
            "ratio": "`girls_now / pupils_now`",
            "duration": "`start_d to delivered`",
            "index": "`safe_day safe_night` (2+)",
        }
        self._error(
            "question_count",
            "question",
            f"The measure {self.measure} reads {example.get(self.measure, 'one question')}.",
            f"La mesure {self.measure} lit {example.get(self.measure, 'une question')}.",
        )
        return None

    def _subject(self, name: str) -> Subject | None:
        subject = self.scope.find(name)
        if subject is None:
            unknown_name(name, self.scope, self.row.at("question"), self.findings)
        elif not is_around(subject.repeat, self.repeat):
            self._error(
                "repeat_not_the_unit",
                "question",
                f"{name} has one answer a row of the repeat {subject.repeat}: name the repeat in unit, or derive one "
                "value a record (sum, count, join).",
                f"{name} a une réponse par ligne de la répétition {subject.repeat} : nommez-la dans unit, ou dérivez "
                "une valeur par fiche (sum, count, join).",
            )
        return subject

    def _fits(self, subject: Subject) -> None:
        fitting = _FITTING_TYPES.get(self.measure)
        if fitting is not None and subject.type not in fitting:
            self._unfit(subject, " / ".join(fitting))
        elif self.measure == "duration" and not subject.is_date:
            self._unfit(subject, "date / datetime")
        elif self.measure == "index":
            self._is_a_scale(subject)
        elif self.measure in _NUMBERS and not subject.is_number:
            self._codes_are_numbers(subject)
        elif self.measure == "count" and self.row.text("counts") and subject.type not in _SELECTS:
            self._unfit(subject, " / ".join(_SELECTS))

    def _is_a_scale(self, subject: Subject) -> None:
        """An item of an index is rescaled between its least and its greatest code, so it must have both."""
        if subject.type != "select_one":
            self._unfit(subject, "select_one")
            return
        self._codes_are_numbers(subject)
        if subject.valid_codes is not None and len(subject.valid_codes) == 1:
            self._error(
                "index_without_scale",
                "question",
                f"{subject.name} has one valid code only, so it cannot be rescaled between two. Leave it out.",
                f"{subject.name} n'a qu'un code valide et ne peut être ramené entre deux bornes. Retirez-le.",
            )

    def _codes_are_numbers(self, subject: Subject) -> None:
        if subject.type != "select_one":
            self._unfit(subject, "integer / decimal / select_one")
            return
        if subject.valid_codes is None:
            self._error(
                "codes_unknown",
                "question",
                f"{self.measure} needs numbers, and the choices of {subject.name} come from a file. Derive a number "
                "from it with pulldata and name that.",
                f"{self.measure} exige des nombres, or les choix de {subject.name} viennent d'un fichier. Dérivez-en "
                "un nombre avec pulldata et nommez-le.",
            )
            return
        words = [code for code in subject.valid_codes if not _is_number(code)]
        if words:
            self._error(
                "codes_not_numeric",
                "question",
                f"{self.measure} needs numbers, and {subject.name} has the codes {' '.join(words)}. Give them their "
                "code_kind, or use share or distribution.",
                f"{self.measure} exige des nombres, or {subject.name} a les codes {' '.join(words)}. Donnez-leur leur "
                "code_kind, ou utilisez share ou distribution.",
            )

    def _unfit(self, subject: Subject, wanted: str) -> None:
        self._error(
            "measure_unfit",
            "measure",
            f"{self.measure} reads {wanted}, and {subject.name} is {subject.type}.",
            f"{self.measure} lit {wanted}, or {subject.name} est de type {subject.type}.",
        )

    def _codes(self, column: str, subject: Subject | None) -> tuple[str, ...]:
        """The codes of a cell; blank where the measure needs them, or given where it has none, is a finding."""
        if column in self.row.broken:
            return ()
        codes = self.row.words(column)
        needed = (column == "counts" and self.measure in ("share", "net")) or (
            column == "against" and self.measure == "net"
        )
        allowed = needed or (column == "counts" and self.measure in _COUNTING)
        if needed and not codes:
            self._error(
                "codes_missing",
                column,
                f"{self.measure} needs codes in {column}.",
                f"{self.measure} exige des codes dans {column}.",
            )
        elif codes and not allowed:
            self._error(
                "codes_unused",
                column,
                f"{self.measure} has no use for {column}. Leave it blank.",
                f"{self.measure} n'utilise pas {column}. Laissez la cellule vide.",
            )
        elif codes and subject is not None and subject.choices is not None:
            for code in codes:
                self._code(column, code, subject)
        return codes

    def _code(self, column: str, code: str, subject: Subject) -> None:
        choice = next((choice for choice in subject.choices or () if choice.name == code), None)
        codes = subject.codes or ()
        if choice is None:
            run = _run_together(code, codes)
            self._error(
                "code_unknown",
                column,
                f"{code!r} is no choice of {subject.name}: "
                + (f"did you mean `{run}`?" if run else f"choices are {' '.join(codes)}."),
                f"{code!r} n'est pas un choix de {subject.name} : "
                + (f"vouliez-vous dire `{run}` ?" if run else f"les choix sont {' '.join(codes)}."),
            )
        elif not choice.kind.is_substantive:
            self._error(
                "code_not_substantive",
                column,
                f"{code} of {subject.name} is {choice.kind}: it cannot be counted as an answer.",
                f"{code} de {subject.name} est {choice.kind} : on ne peut le compter comme une réponse.",
            )
        elif "valid" not in self.base and choice.kind not in self.base:
            self._error(
                "counts_outside_base",
                "base",
                f"{code} of {subject.name} is {choice.kind} and not in the base, so the figure would count nothing. "
                f"Add {choice.kind} to base.",
                f"{code} de {subject.name} est {choice.kind} et hors de base : le chiffre ne compterait rien. Ajoutez "
                f"{choice.kind} à base.",
            )

    def _error(self, code: str, column: str, english: str, french: str) -> None:
        self.findings.error(code, self.row.at(column), english, french)


def _is_number(code: str) -> bool:
    try:
        float(code)
    except ValueError:
        return False
    return True


def _run_together(written: str, codes: tuple[str, ...]) -> str | None:
    """`34` where 3 and 4 are choices: `3 4`; None where it does not fall apart into choices."""
    if len(written) > 20:
        return None
    parts: list[str] = []
    left = written
    while left:
        part = next((code for code in sorted(codes, key=len, reverse=True) if left.startswith(code)), None)
        if part is None:
            return None
        parts.append(part)
        left = left[len(part) :]
    return " ".join(parts) if len(parts) > 1 else None
