"""KoboToolbox as a source: answers `sync.source.Source` by its API v2, for one account.

URLs are built from the address in the settings and the ids, never taken from replies: behind proxies, servers bear
other names than the ones they believe they have.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

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
from sync.sources.kobo.assets import Assets
from sync.sources.kobo.data import LISTED, Data, Query, short_lists
from sync.sources.kobo.feed import Surroundings, changes
from sync.sources.kobo.fetching import Fetching
from sync.sources.kobo.history import Happened, happened
from sync.sources.kobo.paths import attachment_path, record_path
from sync.sources.kobo.publishing import publish
from sync.sources.kobo.records import STATUSES, fingerprint_of, review_of, with_prefix, without_prefix
from sync.sources.kobo.replies import object_of, time_of
from sync.sources.kobo.version_choice import VersionChoice
from sync.sources.kobo.xml_trust import XmlTrust
from sync.sources.settings import SourceSettings
from sync.wires import Wires

_ME = "/me/"


class KoboSource:
    """A KoboToolbox server, as the account whose token the settings hold sees it."""

    def __init__(self, settings: SourceSettings, wires: Wires) -> None:
        self._settings = settings
        self._wires = wires
        self._client = HttpClient(
            base=settings.address,
            wires=wires,
            hosts=settings.further_hosts,
            stores=settings.media_hosts,
            headers=self._credential,
            name=settings.name,
            who_gives_rights=_OWNER,
        )
        self._assets = Assets(self._client)
        self._trust = XmlTrust()
        self._without_history: set[str] = set()
        self._choices: dict[str, VersionChoice] = {}

    @property
    def name(self) -> str:
        """The name people gave it."""
        return self._settings.name

    @property
    def requests_made(self) -> int:
        """How many requests went out, repeated ones included."""
        return self._client.requests_made

    def forms(self) -> Iterator[RemoteForm]:
        """Give the deployed projects, and the archived ones that have data.

        One request for each: lists of them leave out the id that the author gave.
        """
        for uid in self._deployed():
            yield self._assets.form(uid)

    def form(self, remote_id: str) -> RemoteForm:
        """Return one project as a form; raises SourceRefused where there is none, or it was never deployed."""
        return self._assets.form(remote_id)

    def version(self, form: RemoteForm, name: str) -> RemoteVersion:
        """Return a deployed version by its uid; `sync.source.Source` says what is raised."""
        return self._assets.version(form, name)

    def access(self, form: RemoteForm) -> Access:
        """Return what our account may do with the project now."""
        return self._assets.access(form.remote_id)

    def count(self, form: RemoteForm) -> int:
        """Return how many records the server shows us now."""
        return self._data(form).count()

    def changes(self, form: RemoteForm, after: Cursor | None) -> Iterator[Batch] | None:
        """Give what changed since the cursor; None where neither the history nor `_date_modified` tell.

        The project history is for who manages the project, `_date_modified` for servers that have it. A cursor too old,
        or deleted attachments, make it call for a sweep. Files that arrive late on old records leave no trace here.
        """
        surroundings = Surroundings(
            data=self._data(form),
            happened=lambda since: self._happened(form.remote_id, since),
            find=lambda root_ids: self.find(form, root_ids),
        )
        return changes(surroundings, after, self._server_time())

    def inventory(self, form: RemoteForm) -> Iterator[Batch]:
        """Give the fingerprints of all records; raises SourceReplyUnexpected where any are missing."""
        for rows in self._data(form).pages({}, LISTED):
            yield Batch(tuple(fingerprint_of(row) for row in rows))

    def look(self, form: RemoteForm, remote_ids: Sequence[str]) -> Iterator[Fingerprint]:
        """Give the fingerprints of these records; those that the server does not show are left out."""
        for ids in short_lists(_numbers(remote_ids)):
            yield from self._listed(form, {"_id": {"$in": ids}})

    def find(self, form: RemoteForm, root_ids: Sequence[str]) -> Iterator[Fingerprint]:
        """Give the fingerprints of the records with these root ids; those the server does not show are left out.

        Whoever is not found by its root is looked for once more without the prefix, and among first versions: servers
        before 2025 kept roots so, or not at all.
        """
        wanted = dict.fromkeys(with_prefix(root_id) for root_id in root_ids)
        found: set[str] = set()
        for key, written in (
            ("meta/rootUuid", with_prefix),
            ("meta/rootUuid", without_prefix),
            ("_uuid", without_prefix),
        ):
            left = [root_id for root_id in wanted if root_id not in found]
            for uuids in short_lists(map(written, left)):
                for mark in self._listed(form, {key: {"$in": uuids}}):
                    if mark.root_id in wanted:
                        found.add(mark.root_id)
                        yield mark

    def fetch(self, form: RemoteForm, remote_ids: Sequence[str], form_of: FormOf) -> Iterator[Record]:
        """Give these records in full, in any order; those that are gone are left out.

        So are those that were edited under each of several looks: their mark differs in the next pull too. A record
        that names a version which the server has not got answers the newest deployed one that has all of its paths,
        else the newest.
        """
        choice = self._version_choice(form.remote_id, form_of)
        yield from Fetching(self._data(form), self._trust, choice).records(_numbers(remote_ids))

    def download(
        self, form: RemoteForm, remote_id: str, medium: RemoteMedium, *, offset: int, etag: str | None
    ) -> Download:
        """Begin to download a file of a record, from `offset` on where its bytes are still those of `etag`."""
        path = attachment_path(form.remote_id, remote_id, medium.remote_id)
        return download_file(self._client, path, offset=offset, etag=etag)

    def review(self, form: RemoteForm, remote_id: str, review: Review | None) -> Review | None:
        """Set the validation status, and return what the server holds afterwards. Raises SourceRefused for EDITED."""
        if review is not None and review not in STATUSES:
            raise SourceRefused(_no_status(review))
        (record_id,) = _numbers([remote_id])
        path = f"{record_path(form.remote_id, record_id)}validation_status/"
        try:
            if review is None:
                self._client.send_json("DELETE", path, idempotent=True)
            else:
                self._client.send_json("PATCH", path, {"validation_status.uid": STATUSES[review]}, idempotent=True)
        except SourceRefused as refused:
            if refused.status != 404:
                raise
            raise SourceRefused(_may_not_validate(self.name, record_id), status=404, detail=refused.detail) from None
        return review_of(object_of(self._client.get_json(path), path))

    def publish(self, upload: Upload, onto: str | None) -> Deployed:
        """Import and deploy the form, or a new version of the project `onto`."""
        return publish(self._client, self._wires, upload, onto, self.name)

    def _deployed(self) -> Iterator[str]:
        try:
            yield from self._assets.deployed()
        except SourceRefused as refused:
            if refused.status != 404:  # every KoboToolbox has a list of projects, be it an empty one
                raise
            raise SourceRefused(_no_kobo(self.name, refused.detail), status=404, detail=refused.detail) from None

    def _credential(self) -> dict[str, str]:
        return {"Authorization": f"Token {self._settings.token}"} if self._settings.token else {}

    def _data(self, form: RemoteForm) -> Data:
        return Data(self._client, form.remote_id)

    def _listed(self, form: RemoteForm, query: Query) -> Iterator[Fingerprint]:
        for rows in self._data(form).pages(query, LISTED):
            yield from (fingerprint_of(row) for row in rows)

    def _version_choice(self, uid: str, form_of: FormOf) -> VersionChoice:
        """The choice of a pull is kept through all its fetches: what it learned of unknown versions took requests."""
        known = self._choices.get(uid)
        if known is None or known.form_of is not form_of:
            known = VersionChoice(form_of, lambda: self._assets.versions(uid), uid)
            self._choices[uid] = known
        return known

    def _happened(self, uid: str, since: datetime) -> Happened | None:
        if uid in self._without_history:
            return None
        told = happened(self._client, uid, since)
        if told is None:
            self._without_history.add(uid)
        return told

    def _server_time(self) -> datetime:
        """The server's clock, never ours: cursors are compared with the server's stamps."""
        return time_of(object_of(self._client.get_json(_ME), _ME), "server_time", _ME)


def _numbers(remote_ids: Sequence[str]) -> list[int]:
    """Record ids as the numbers they are; what is none names no record here."""
    return [int(remote_id) for remote_id in remote_ids if remote_id.isdecimal()]


_OWNER: Final = Bilingual(
    "ask the project's owner to share it with this account",
    "demandez au propriétaire du projet de le partager avec ce compte",
)


def _no_kobo(name: str, detail: str | None) -> Bilingual:
    # What Central answers to a path that does not begin with /v1.
    hint = _LOOKS_LIKE_CENTRAL if detail is not None and "API version" in detail else _CHECK_ADDRESS
    return Bilingual(
        f"At the address of {name} there is no KoboToolbox (404 for its list of projects); {hint.en}.",
        f"À l'adresse de {name}, il n'y a pas de KoboToolbox (404 pour sa liste de projets) ; {hint.fr}.",
    )


_LOOKS_LIKE_CENTRAL: Final = Bilingual(
    "this looks like ODK Central. For that, use --kind central (in sources.toml: kind)",
    "cela ressemble à ODK Central. Pour lui, utilisez --kind central (dans sources.toml : kind)",
)
_CHECK_ADDRESS: Final = Bilingual(
    "check it, it looks like https://kf.kobotoolbox.org",
    "vérifiez-la, elle ressemble à https://kf.kobotoolbox.org",
)


def _may_not_validate(name: str, record_id: int) -> Bilingual:
    return Bilingual(
        f"{name} refused the validation status of its submission {record_id}: 404. The submission is not shown to this "
        "account, or the account may not validate submissions; ask the project's owner for that right.",
        f"{name} a refusé le statut de validation de sa soumission {record_id} : 404. La soumission n'est pas montrée "
        "à ce compte, ou le compte n'a pas le droit de valider ; demandez ce droit au propriétaire du projet.",
    )


def _no_status(review: Review) -> Bilingual:
    return Bilingual(
        f"KoboToolbox has no validation status for '{review.value}'. Choose approved, rejected or hasIssues, or none.",
        f"KoboToolbox n'a pas de statut de validation pour « {review.value} ». Choisissez approved, rejected ou "
        "hasIssues, ou aucun.",
    )
