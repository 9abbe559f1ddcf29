"""Hold the keys of `design` to one another: what a kind of sample needs, and what it may not have."""

from collections.abc import Callable, Mapping

from forms.finding import Findings, Place
from forms.sheets.scope import Scope, Subject

_WEIGHTING = ("weight", "rake", "poststratify")
_UNWEIGHTED = ("quota", "purposive")


def check_kind(kind: str, keys: Mapping[str, Place], sheet: str, findings: Findings) -> None:
    """Add findings for keys that a kind of sample lacks, or has no business with. keys: those present, with places."""
    missing = [key for key in ("weight", "psu") if key not in keys]
    if kind == "probability" and missing:
        findings.error(
            "design_incomplete",
            Place(sheet),
            f"A probability sample names its weight and psu; missing: {' '.join(missing)}.",
            f"Un échantillon probabiliste nomme weight et psu ; il manque : {' '.join(missing)}.",
        )
    for key in _WEIGHTING if kind in _UNWEIGHTED else ():
        if key in keys:
            findings.error(
                "design_weight_forbidden",
                keys[key],
                f"A {kind} sample has no weights: delete the row {key}.",
                f"Un échantillon {kind} n'a pas de poids : supprimez la ligne {key}.",
            )
    if "rake" in keys and "poststratify" in keys:
        findings.error(
            "design_calibrated_twice",
            keys["poststratify"],
            "Weights are raked to several totals or poststratified to one crossing: keep rake or poststratify.",
            "Les poids se calent par ratissage ou par post-stratification : gardez rake ou poststratify.",
        )
    if "latest_by" in keys and "entity" not in keys:
        findings.error(
            "design_latest_without_entity",
            keys["latest_by"],
            "latest_by says which answers about an entity are the latest: add the key entity, or delete this row.",
            "latest_by dit quelles réponses sur une entité sont les dernières : ajoutez la clé entity, ou supprimez "
            "cette ligne.",
        )


def check_names(names: Mapping[str, str | None], keys: Mapping[str, Place], scope: Scope, findings: Findings) -> None:
    """Add a finding for each key that names a variable of the wrong kind. names: key to the name read, or None."""
    for key, name in names.items():
        subject = scope.find(name) if name is not None else None
        if subject is None:
            continue
        if subject.repeat is not None:
            findings.error(
                "repeat_unaggregated",
                keys[key],
                f"{name} has one answer a row of the repeat {subject.repeat}, and {key} one a record. Derive it with "
                "sum, count or join.",
                f"{name} a une réponse par ligne de la répétition {subject.repeat}, et {key} une par fiche. Dérivez-la "
                "avec sum, count ou join.",
            )
        fits, wanted_en, wanted_fr = _WANTED.get(key, (_anything, "", ""))
        if not fits(subject):
            findings.error(
                "design_value_unfit",
                keys[key],
                f"{key} is {wanted_en}, and {name} is {subject.type}.",
                f"{key} est {wanted_fr}, or {name} est de type {subject.type}.",
            )


def check_levels_in_order(
    geography: tuple[str, ...], sensitive: str | None, severe: str | None, keys: Mapping[str, Place], findings: Findings
) -> None:
    """Add a finding where answers that can do more harm are shown at a finer level."""
    if sensitive is None or severe is None or geography.index(severe) >= geography.index(sensitive):
        return
    findings.error(
        "design_levels_swapped",
        keys["severe_level"],
        f"severe_level ({severe}) is finer than sensitive_level ({sensitive}), though it guards the greater harm. "
        "geography goes from fine to coarse.",
        f"severe_level ({severe}) est plus fin que sensitive_level ({sensitive}), alors qu'il protège du plus grand "
        "tort. geography va du plus fin au plus large.",
    )


def check_totals(
    calibrated: Mapping[str, tuple[tuple[str, ...], ...]],
    totals: frozenset[frozenset[str]],
    keys: Mapping[str, Place],
    findings: Findings,
) -> None:
    """Add a finding for each variable that weights are fitted to and that the sheet `population` does not know.

    calibrated: `rake` or `poststratify` to the tables it names. totals: the variables of `population`, crossings as
    sets.
    """
    for key, tables in calibrated.items():
        missing = " ".join("*".join(table) for table in tables if frozenset(table) not in totals)
        if missing:
            findings.error(
                "design_totals_missing",
                keys[key],
                f"The sheet population has no totals of {missing}, so weights cannot be fitted to them. Add them, or "
                f"take them out of {key}.",
                f"La feuille population n'a pas de totaux pour {missing} : les poids ne peuvent s'y caler. "
                f"Ajoutez-les, ou retirez-les de {key}.",
            )


def _anything(_: Subject) -> bool:
    return True


_WANTED: Mapping[str, tuple[Callable[[Subject], bool], str, str]] = {
    "weight": (lambda subject: subject.is_number, "a number", "un nombre"),
    "finite_population": (lambda subject: subject.is_number, "a number", "un nombre"),
    "latest_by": (lambda subject: subject.is_date, "a date", "une date"),
}
