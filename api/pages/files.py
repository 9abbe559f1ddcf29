"""The style sheet and the few drawings of the pages; a closed list, so no path can lead elsewhere."""

from fastapi import APIRouter, Depends
from fastapi.responses import FileResponse

from api.access import PUBLIC
from api.errors import NotFound
from api.pages.rendering import STATIC_FOLDER
from forms.text import Bilingual

router = APIRouter(dependencies=[Depends(PUBLIC)])

_TYPES = {"jekafo.css": "text/css; charset=utf-8", "band.svg": "image/svg+xml", "icon.svg": "image/svg+xml"}


@router.get("/static/{name}")
def static_file(name: str) -> FileResponse:
    """Return one of our own files; its address changes with its content, so browsers may keep it."""
    if name not in _TYPES:
        raise NotFound(Bilingual("There is no such file.", "Ce fichier n'existe pas."))
    headers = {"Cache-Control": "public, max-age=86400"}
    return FileResponse(STATIC_FOLDER / name, media_type=_TYPES[name], headers=headers)
