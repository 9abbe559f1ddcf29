"""The chart of an indicator, as the page of its form shows it: the same figures, by the same rules."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from api.access import allow
from api.charts import Drawings
from api.figures import READERS, desk_of
from api.labels import Lexicon
from api.language import language_of, words_of
from api.services import services_of
from api.tabular import Writer
from store.people import User

router = APIRouter()


@router.get("/forms/{form_id}/charts/{indicator}.svg")
def chart(
    request: Request,
    form_id: str,
    indicator: str,
    user: Annotated[User, Depends(allow(*READERS))],
    table: Annotated[str, Query(max_length=200)] = "total",
    chosen_round: Annotated[str, Query(alias="round", max_length=200)] = "",
    *,
    narrow: bool = False,
) -> Response:
    """Draw one indicator by one table, for one round; narrow for a telephone."""
    services = services_of(request)
    form, desk = services.shelf.newest(form_id), desk_of(request)
    language = language_of(request, services.default_language)
    by = () if table == "total" else tuple(table.split("*"))
    reading = desk.reading(user.role, form, indicator, by=by, round_asked=chosen_round or None)
    writer = Writer(Lexicon(form, services_of(request).shelf.data_files(form_id), language), words_of(language))
    drawing = replace(writer.chart(reading), is_narrow=narrow)
    drawings: Drawings = request.app.state.drawings
    headers = {"Content-Language": language, "Vary": "Accept-Language, Cookie, Authorization"}
    return Response(drawings.svg(drawing), media_type="image/svg+xml", headers=headers)
