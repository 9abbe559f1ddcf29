"""Gaps planted between two sides: the same question, asked of residents and of officials, with different answers."""

from dataclasses import dataclass

from forms.text import Bilingual
from jekafo.fieldwork.population import ITEMS

OFFICIALS_FEAR_REPRISALS = 0.20
"""Share of 4 and 5 among the opinions on `reprisal` in authority_perceptions.csv."""


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a gap. truth: in the indicator's unit (share 0..1)."""

    name: Bilingual
    form_id: str
    indicator: str
    truth: float


@dataclass(frozen=True, slots=True)
class PlantedGap:
    """Two sides that were asked the same and see it differently."""

    name: Bilingual
    sides: tuple[Side, Side]


def planted_gaps() -> tuple[PlantedGap, ...]:
    """Return the planted gaps, with the values that both sides really have."""
    return (
        PlantedGap(
            Bilingual("Would fear reprisals", "Craindraient des représailles"),
            (
                Side(Bilingual("Residents", "Habitants"), "community_perceptions", "reprisal", ITEMS["reprisal"].agree),
                Side(
                    Bilingual("Officials", "Agents de l'État et élus"),
                    "authority_perceptions",
                    "reprisal",
                    OFFICIALS_FEAR_REPRISALS,
                ),
            ),
        ),
    )
