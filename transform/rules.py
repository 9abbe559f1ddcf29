"""The rules of disclosure as data: the data-protection lead edits these numbers, nobody else.

What they do to a table is `transform.disclose`. The values were found by simulation on seven areas of eight villages,
against a reader who knows every base and these rules.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from forms.form import Sensitivity


def _minimum_base() -> Mapping[Sensitivity, int]:
    return MappingProxyType(
        {Sensitivity.OPEN: 10, Sensitivity.QUASI: 10, Sensitivity.SENSITIVE: 15, Sensitivity.SEVERE: 20}
    )


@dataclass(frozen=True, slots=True)
class Rules:
    """What a lead may be shown.

    minimum_base: fewest people behind a figure, by class. minimum_psus: fewest villages behind a figure.
    minimum_effective_base, largest_weight_share: fewest people of equal weight who would say as much (Kish), and how
    much of a figure one person may be, of figures and of anything that can be worked out.
    derivable_base, derivable_psus: fewest people and villages behind anything that can be worked out from what is
    shown. imprecise_base, imprecise_half_width: below, above: the figure is marked imprecise. point_step: to which
    shares and balances are rounded; coarse_step: the same for sensitive figures on fewer than coarse_below people;
    mean_step, base_step likewise for means and bases. band_people, band_share: a sensitive figure that speaks of
    so few people (the greater of both), or of all but so few, is shown as a band.
    """

    minimum_base: Mapping[Sensitivity, int] = field(default_factory=_minimum_base)
    minimum_psus: int = 3
    minimum_effective_base: float = 5.0
    largest_weight_share: float = 0.30
    derivable_base: int = 10
    derivable_psus: int = 3
    imprecise_base: int = 50
    imprecise_half_width: float = 0.20
    point_step: float = 0.01
    coarse_step: float = 0.05
    coarse_below: int = 200
    mean_step: float = 0.1
    base_step: int = 5
    band_people: int = 2
    band_share: float = 0.05


DEFAULT = Rules()
