"""ODK Central as a `sync.source.Source`: each question to the module that answers it."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from forms.text import Bilingual
from sync.errors import SourceRefused
from sync.http.client import HttpClient
from sync.http.download import download_file
from sync.source import (
    Access,
    Batch,
    Cursor,
    Deployed,
    Download,
    Fingerprint,
    FormOf,
    Record,
    RemoteForm,
    RemoteMedium,
    RemoteVersion,
    Review,
    Upload,
)
from sync.sources.central.audits import Audits
from sync.sources.central.changes import Feed
from sync.sources.central.fetching import fetch_records
from sync.sources.central.odata import Table
from sync.sources.central.paths import file_path, form_path, project_and_form, project_path, submission_path
from sync.sources.central.publishing import publish
from sync.sources.central.replies import unexpected
from sync.sources.central.session import Session
from sync.sources.central.versions import form_of_id, published_forms, published_version
from sync.sources.settings import SourceSettings
from sync.wires import Wires

_SEES_ALL = frozenset({"submission.list", "submission.read"})
_GIVEN_BY_PEOPLE = frozenset({Review.APPROVED, Review.REJECTED, Review.HAS_ISSUES})

_MANAGER: Final = Bilingual(
    "ask an administrator or a manager of the project for a role in it",
    "demandez un rôle dans le projet à un administrateur ou à un gestionnaire du projet",
)


class CentralSource:
    """One ODK Central server, with one account. May be used by several threads."""

    def __init__(self, settings: SourceSettings, wires: Wires) -> None:
        self._settings = settings
        self._clock = wires.clock
        self._session = Session(settings, wires)
        self._client = HttpClient(
            base=settings.address,
            hosts=settings.further_hosts,
            stores=settings.media_hosts,
            wires=wires,
            headers=self._session.headers,
            on_unauthorized=self._session.renew,
            name=settings.name,
            who_gives_rights=_MANAGER,
            secrets=self._session.secrets,
        )
        self._audits = Audits(self._client)

    @property
    def name(self) -> str:
        """The name people gave it."""
        return self._settings.name

    @property
    def requests_made(self) -> int:
        """How many requests went out, those to sign in included."""
        return self._client.requests_made + self._session.requests_made

    def forms(self) -> Iterator[RemoteForm]:
        """Give the published forms of the project in the settings; of all projects where they name none."""
        return published_forms(self._client, self._settings.project)

    def form(self, remote_id: str) -> RemoteForm:
        """Return the form with this remote id (`8/household`). Raises SourceRefused where the account sees none."""
        return form_of_id(self._client, remote_id)

    def version(self, form: RemoteForm, name: str) -> RemoteVersion:
        """Return a version by its name, "" the one without; files that it names and the server lacks are left out."""
        return published_version(self._client, form.remote_id, name)

    def access(self, form: RemoteForm) -> Access:
        """Return the account's rights in the form's project: Central shows all submissions of a form, or none."""
        project, _ = project_and_form(form.remote_id)
        verbs = _verbs(self._client.get_json(project_path(project)))
        return Access(verbs >= _SEES_ALL, tuple(sorted(verbs)))

    def count(self, form: RemoteForm) -> int:
        """Return how many submissions are there, deleted ones left out."""
        return self._table(form).count()

    def changes(self, form: RemoteForm, after: Cursor | None) -> Iterator[Batch]:
        """Give what changed; without the right to read the audit log, restored submissions are for sweeps to find."""
        feed = Feed(self._client, self._audits, form.remote_id, self._clock)
        if after is None:
            yield feed.begin()
        else:
            yield from feed.after(after)

    def inventory(self, form: RemoteForm) -> Iterator[Batch]:
        """Give the fingerprints of all submissions, none twice, newest first."""
        for page in self._table(form).pages():
            yield Batch(tuple(row.fingerprint for row in page))

    def look(self, form: RemoteForm, remote_ids: Sequence[str]) -> Iterator[Fingerprint]:
        """Give the fingerprints of these submissions, as far as they are there."""
        return (row.fingerprint for row in self._table(form).of_ids(remote_ids))

    def find(self, form: RemoteForm, root_ids: Sequence[str]) -> Iterator[Fingerprint]:
        """Give their fingerprints: Central's `__id` is the root id."""
        return self.look(form, root_ids)

    def fetch(self, form: RemoteForm, remote_ids: Sequence[str], form_of: FormOf) -> Iterator[Record]:
        """Give these submissions in full as they arrive, several asked for at once."""
        return fetch_records(self._client, form.remote_id, remote_ids, form_of)

    def download(
        self, form: RemoteForm, remote_id: str, medium: RemoteMedium, *, offset: int, etag: str | None
    ) -> Download:
        """Begin to download a file; whole where the server does not resume."""
        path = file_path(submission_path(form.remote_id, remote_id), medium.remote_id)
        return download_file(self._client, path, offset=offset, etag=etag)

    def review(self, form: RemoteForm, remote_id: str, review: Review | None) -> Review | None:
        """Set the review state. Raises SourceRefused for none and EDITED, which Central gives itself."""
        if review not in _GIVEN_BY_PEOPLE:
            raise SourceRefused(_not_given_by_people(remote_id))
        reply = self._client.send_json(
            "PATCH",
            submission_path(form.remote_id, remote_id),
            {"reviewState": review.value},
            idempotent=True,
        )
        try:
            return None if reply["reviewState"] is None else Review(reply["reviewState"])
        except (KeyError, TypeError, ValueError):
            raise unexpected(Bilingual("a review", "une revue")) from None

    def publish(self, upload: Upload, onto: str | None) -> Deployed:
        """Publish into the project of `onto`, or of the settings."""
        return publish(self._client, self._project(onto), upload, onto, self.name)

    def _table(self, form: RemoteForm) -> Table:
        return Table(self._client, form_path(form.remote_id))

    def _project(self, onto: str | None) -> int:
        if onto is not None:
            return project_and_form(onto)[0]
        if self._settings.project is None:
            raise SourceRefused(_no_project(self.name))
        return self._settings.project


def _verbs(project: Any) -> frozenset[str]:
    verbs = project.get("verbs") if isinstance(project, dict) else None
    if not isinstance(verbs, list) or not all(isinstance(verb, str) for verb in verbs):
        raise unexpected(Bilingual("the rights of the account", "les droits du compte"))
    return frozenset(verbs)


def _not_given_by_people(remote_id: str) -> Bilingual:
    return Bilingual(
        f"The review of {remote_id} was not changed: on ODK Central people set approved, hasIssues or rejected; "
        "'edited' is the server's own word, and a review cannot be taken back to none.",
        f"La revue de {remote_id} n'a pas été modifiée : sur ODK Central, on choisit approved, hasIssues ou rejected ; "
        "« edited » vient du serveur, et une revue ne peut pas redevenir vide.",
    )


def _no_project(name: str) -> Bilingual:
    return Bilingual(
        f"The source {name} names no project to publish into. Write `project = 8`, with the number that the project's "
        f"address on ODK Central shows, below [sources.{name}] in sources.toml (in pyODK's file: default_project_id). "
        f"Or set it up anew: jekafo source remove {name}, then jekafo source add {name} … --central-project 8",
        f"La source {name} n'indique pas dans quel projet publier. Écrivez `project = 8`, avec le numéro que montre "
        f"l'adresse du projet sur ODK Central, sous [sources.{name}] dans sources.toml (dans le fichier de pyODK : "
        f"default_project_id). Ou reconfigurez-la : jekafo source remove {name}, puis jekafo source add {name} … "
        "--central-project 8",
    )
