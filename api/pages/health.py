"""`/healthz`: whether the server answers, and nothing else about it."""

from fastapi import APIRouter, Depends
from fastapi.responses import PlainTextResponse

from api.access import PUBLIC

router = APIRouter(dependencies=[Depends(PUBLIC)])


@router.get("/healthz")
@router.head("/healthz")
def healthz() -> PlainTextResponse:
    """Say that the server answers."""
    return PlainTextResponse("ok\n")
