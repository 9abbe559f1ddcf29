"""Simulated fieldwork for the demo: tablets that download the three instruments, interview and send.

Of the community survey `population` is what people think (and the differences planted there), `visits` who is visited
when and by whom, `respondent` what one person answers. Officials and focus groups (`officials`, `sessions`) answer by
the CSV files of this folder, as `jekafo simulate` does. `tablets` fills and sends. Every number here is invented.
"""

from jekafo.fieldwork.gaps import PlantedGap, Side, planted_gaps
from jekafo.fieldwork.officials import simulate_officials
from jekafo.fieldwork.population import Place, PlantedDifference, planted
from jekafo.fieldwork.sessions import simulate_sessions
from jekafo.fieldwork.tablets import FieldworkReport, simulate

__all__ = [
    "FieldworkReport",
    "Place",
    "PlantedDifference",
    "PlantedGap",
    "Side",
    "planted",
    "planted_gaps",
    "simulate",
    "simulate_officials",
    "simulate_sessions",
]
