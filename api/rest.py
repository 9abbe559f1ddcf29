"""The JSON API below `/api/v1`: forms, their indicators, and estimates as far as the asker's role goes."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from api.access import allow
from api.figures import READERS, Cell, Reading, desk_of
from api.labels import Lexicon, domain_text, table_text
from api.language import language_of
from api.pages.home import ListedForm, listed_forms
from api.rest_models import (
    EstimatesOut,
    FigureOut,
    FormDetailOut,
    FormOut,
    FormsOut,
    FullFigureOut,
    IndicatorOut,
    IndicatorsOut,
    LabelledOut,
    ProblemOut,
)
from api.services import services_of
from forms.form import Form
from store.people import User

router = APIRouter(
    prefix="/api/v1",
    responses={status: {"model": ProblemOut} for status in (401, 403, 404, 422, 503)},
)

READER = allow(*READERS)
Reader = Annotated[User, Depends(READER)]


@router.get("/forms", dependencies=[Depends(READER)])
def forms(request: Request) -> FormsOut:
    """Every form with its newest version and how many submissions it has."""
    listed = listed_forms(services_of(request))
    return FormsOut(forms=[_form_out(form) for form in listed])


@router.get("/forms/{form_id}", dependencies=[Depends(READER)])
def form_detail(request: Request, form_id: str) -> FormDetailOut:
    """One form: its versions and the rounds that have data."""
    services, desk = services_of(request), desk_of(request)
    form = services.shelf.newest(form_id)
    listed = next(one for one in listed_forms(services) if one.form_id == form_id)
    return FormDetailOut(
        **_form_out(listed).model_dump(),
        versions=[version.version for version in services.shelf.versions(form_id)],
        languages=list(form.languages),
        rounds=list(desk.rounds(form)),
    )


@router.get("/forms/{form_id}/indicators")
def indicators(request: Request, form_id: str, user: Reader) -> IndicatorsOut:
    """The form's indicators, each with the tables (`by`) that may be asked for."""
    form, lexicon = _form_and_words(request, form_id)
    desk = desk_of(request)
    return IndicatorsOut(
        form_id=form_id,
        indicators=[
            IndicatorOut(
                name=indicator.name,
                label=lexicon.indicator(indicator),
                measure=indicator.measure,
                by=[list(by) for by in desk.tables_of(user.role, form, indicator)],
            )
            for indicator in desk.indicators_of(user.role, form)
        ],
    )


@router.get("/forms/{form_id}/estimates/{indicator}", response_model=EstimatesOut)
def estimates(
    request: Request,
    form_id: str,
    indicator: str,
    user: Reader,
    by: Annotated[list[Annotated[str, Query(max_length=200)]] | None, Query(max_length=8)] = None,
    chosen_round: Annotated[str | None, Query(alias="round", max_length=200)] = None,
) -> Response:
    """The figures of an indicator: for all, and for each cell of the table that the variables in `by` cross.

    Without `round` those of the newest; `round=all` (not for leads) takes all together. The ETag changes with what
    is shown only, so it says nothing about what is not.
    """
    form, lexicon = _form_and_words(request, form_id)
    reading = desk_of(request).reading(user.role, form, indicator, by=tuple(by or ()), round_asked=chosen_round or None)
    body = _estimates_out(form, reading, lexicon).model_dump_json().encode()
    etag = f'"{sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Vary": "Accept-Language, Authorization, Cookie", "Content-Language": lexicon.language}
    if etag in (tag.strip() for tag in request.headers.get("if-none-match", "").split(",")):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


def _form_and_words(request: Request, form_id: str) -> tuple[Form, Lexicon]:
    services = services_of(request)
    form = services.shelf.newest(form_id)
    language = language_of(request, services.default_language)
    return form, Lexicon(form, services_of(request).shelf.data_files(form_id), language)


def _form_out(form: ListedForm) -> FormOut:
    return FormOut(
        form_id=form.form_id,
        title=form.title,
        version=form.version,
        published_at=form.published_at,
        submissions=form.submissions,
        last_received=form.last_received,
    )


def _estimates_out(form: Form, reading: Reading, lexicon: Lexicon) -> EstimatesOut:
    question = reading.indicator.questions[0]
    return EstimatesOut(
        form_id=form.form_id,
        indicator=reading.indicator.name,
        label=lexicon.indicator(reading.indicator),
        measure=reading.indicator.measure,
        table=table_text(reading.by),
        by=_labelled(reading.by, [lexicon.variable(name) for name in reading.by]),
        round=reading.round,
        answers=_labelled(reading.answers, [lexicon.code(question, answer) for answer in reading.answers]),
        figures=[_figure_out(cell, lexicon, is_full=reading.is_full) for cell in reading.cells],
        notes=list(reading.notes),
    )


def _labelled(names: Sequence[str], labels: Sequence[str]) -> list[LabelledOut]:
    return [LabelledOut(name=name, label=label) for name, label in zip(names, labels, strict=True)]


def _figure_out(cell: Cell, lexicon: Lexicon, *, is_full: bool) -> FigureOut | FullFigureOut:
    domain = dict(cell.domain)
    labels = dict(zip(cell.domain, lexicon.domain(cell.domain), strict=True))
    found = cell.estimate
    if not cell.shown or found is None:
        see = None if cell.see is None else domain_text(cell.see)
        return FigureOut(domain=domain, labels=labels, answer=cell.answer, shown=False, see=see)
    interval = None if found.low is None or found.high is None else (found.low, found.high)
    seen = FigureOut(
        domain=domain,
        labels=labels,
        answer=cell.answer,
        shown=True,
        value=found.value,
        interval=interval,
        base=found.base,
        imprecise=cell.is_imprecise,
        bound=cell.bound,
    )
    if not is_full:
        return seen
    return FullFigureOut(
        **seen.model_dump(),
        standard_error=found.standard_error,
        design_effect=found.design_effect,
        psus=found.psus,
        degrees_of_freedom=found.degrees_of_freedom,
    )
