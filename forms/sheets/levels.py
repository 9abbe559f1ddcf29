"""Hold an indicator's tables to the geography that its most sensitive input allows."""

from forms.expression import variables
from forms.finding import Findings, Place
from forms.form import Sensitivity
from forms.interpretation import DesignRow, IndicatorRow
from forms.sheets.scope import Scope


def check_levels(
    indicator: IndicatorRow, design: DesignRow | None, scope: Scope, place: Place, findings: Findings
) -> None:
    """Add a finding where `by` (or the design's) is finer than the strictest class that the indicator reads.

    Where the design names no level for that class, only the coarsest of its geography is coarse enough.
    """
    reads = (*indicator.questions, *(variables(indicator.where) if indicator.where is not None else ()))
    strictest = scope.strictest(reads)
    if strictest is Sensitivity.IDENTIFIER:
        identifiers = [name for name in reads if scope.strictest([name]) is Sensitivity.IDENTIFIER]
        findings.warning(
            "indicator_reads_identifier",
            place,
            f"{indicator.name} reads {' '.join(identifiers)}, of class identifier (also where sensitivity is blank): "
            "it is never shown. Give the question its class.",
            f"{indicator.name} lit {' '.join(identifiers)}, de classe identifier (aussi quand sensitivity est vide) : "
            "il n'est jamais montré. Donnez sa classe à la question.",
        )
    level = _level(strictest, design)
    if design is None or level is None:
        return
    finer = design.geography[: design.geography.index(level)]
    for table in design.by if indicator.by is None else indicator.by:
        for name in table:
            if name in finer:
                findings.error(
                    "by_too_fine",
                    place,
                    f"{indicator.name} is {strictest}: no table finer than {level}, and {name} is finer.",
                    f"{indicator.name} est de classe {strictest} : aucun tableau plus fin que {level}, et "
                    f"{name} l'est.",
                )


def _level(strictest: Sensitivity, design: DesignRow | None) -> str | None:
    if design is None:
        return None
    coarsest = design.geography[-1] if design.geography else None
    if strictest is Sensitivity.SEVERE:
        return design.severe_level or coarsest
    return design.sensitive_level or coarsest if strictest is Sensitivity.SENSITIVE else None
