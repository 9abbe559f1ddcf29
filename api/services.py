"""What every route stands on: the project's store, forms and tables, the signing key and the clock.

Wiring is `jekafo.commands.serve`; `services_of` is how a route reaches them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from starlette.requests import HTTPConnection

from forms.text import Language
from store.kept import Store
from sync.shelf import Shelf
from transform.reader import Tables


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a client may send: a submission with its media, and the body of any other request, in bytes."""

    submission_bytes: int = 100_000_000
    form_bytes: int = 65_536


@dataclass(frozen=True)
class Services:
    """One project, served. `clock` returns an aware datetime in UTC; `secret_key` signs the cookies of people.

    hooks: the secret by which a source may say that something changed there, by the source's name.
    """

    store: Store
    shelf: Shelf
    tables: Tables
    secret_key: str
    default_language: Language
    clock: Callable[[], datetime]
    limits: Limits = field(default_factory=Limits)
    hooks: Mapping[str, str] = field(default_factory=dict, repr=False)


def services_of(connection: HTTPConnection) -> Services:
    """Return the services of the application that answers this request."""
    return cast("Services", connection.app.state.services)
