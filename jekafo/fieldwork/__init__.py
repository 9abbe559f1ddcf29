"""Simulated fieldwork for the demo: tablets that download the community survey, interview and send.

`population` is what people think (and the differences planted there), `visits` who is visited when and by whom,
`respondent` what one person answers, `tablets` the filling and sending. Every number here is invented.
"""

from jekafo.fieldwork.population import Place, PlantedDifference, planted
from jekafo.fieldwork.tablets import FieldworkReport, simulate

__all__ = ["FieldworkReport", "Place", "PlantedDifference", "planted", "simulate"]
