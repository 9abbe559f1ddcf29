"""What a simulated KoboToolbox holds: accounts and their rights, projects and their forms. Submissions: `kobo_deeds`.

Nothing here is HTTP: `kobo_data`, `kobo_assets` and `kobo_openrosa` are the doors.
"""

import itertools
import random
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from threading import RLock
from typing import Any, Concatenate, ParamSpec, TypeVar

from servers.clock import Clock
from servers.kobo_asset import IMPLIED, Asset, Filters, FormFile, Version
from servers.kobo_content import Content
from servers.kobo_history import History
from servers.kobo_instance import type_of

PASSWORD = "seven quiet rivers"
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"
STATUSES = {
    "validation_status_approved": "Approved",
    "validation_status_not_approved": "Not Approved",
    "validation_status_on_hold": "On Hold",
}


@dataclass(slots=True)
class User:
    """An account. token: None once it was taken away. password: for Basic authentication at `/token/`."""

    name: str
    uid: str
    token: str | None
    password: str
    joined: datetime


@dataclass(slots=True)
class Switches:
    """How this server differs from the one that was recorded (kpi of 2026-08)."""

    page_cap: int = 1000
    """At most so many rows a page, whatever `limit` says."""
    date_modified: bool = False
    """Records tell `_date_modified`, and it can be asked for (kpi PR 7260)."""
    only_edits_move_it: bool = False
    """`_date_modified` stays as it is when a record is reviewed, or its files come and go."""
    history: bool = True
    """False: an old server without project history (404)."""
    history_days: int = 744
    """How far back it reaches; plans may shorten it."""
    ranges: bool = True
    """Attachments can be had in parts, as nginx gives them."""
    etags: bool = True
    """Attachments have an ETag."""
    longest_url: int = 8192
    """Bytes; nginx answers 414 to longer ones."""
    xml: str = "sound"
    """`html`: a page for people instead. `wrong rows`: the query is not looked at. `error`: 500."""
    imports_take: int = 0
    """How many looks an import stays `processing`."""


@dataclass(slots=True)
class Import:
    """An import of a form: its messages once it is over, and how many looks are left until then."""

    uid: str
    created: datetime
    status: str
    messages: dict[str, Any]
    looks_left: int = 0


P = ParamSpec("P")
R = TypeVar("R")


def one_at_a_time(deed: Callable[Concatenate[Any, P], R]) -> Callable[Concatenate[Any, P], R]:
    """A method that waits until the server has answered, and lets no other deed in between."""

    @wraps(deed)
    def locked(state: Any, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with state.lock:
            return deed(state, *args, **kwargs)

    return locked


@dataclass
class State:
    """The server's accounts, projects and submissions. `_id`s come from one sequence for all projects."""

    clock: Clock = field(default_factory=Clock)
    host: str = "kf.kobo.test"
    kc_host: str = "kc.kobo.test"
    switches: Switches = field(default_factory=Switches)
    users: dict[str, User] = field(default_factory=dict)
    assets: dict[str, Asset] = field(default_factory=dict)
    imports: dict[str, Import] = field(default_factory=dict)
    reserved_uids: dict[str, list[str]] = field(default_factory=dict)
    """Uids to give next, by prefix (`a`, `v`, `att` …): for replaying what was recorded."""
    lock: "RLock" = field(default_factory=RLock)
    """Held while a request is answered or a deed is done."""
    _ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    _chance: random.Random = field(default_factory=lambda: random.Random(20261122))  # noqa: S311 (uids that stay the same from run to run)

    # --- accounts and rights ---------------------------------------------------------------------------------------

    def add_user(self, name: str, token: str | None = None, password: str = PASSWORD) -> User:
        """Make an account. token: made up where none is given."""
        made = token or "".join(self._chance.choices("0123456789abcdef", k=40))
        user = User(name, self.new_uid("u"), made, password, self.clock.now())
        self.users[name] = user
        return user

    def token_of(self, name: str) -> str:
        token = self.users[name].token
        assert token is not None, f"the token of {name} was revoked"
        return token

    @one_at_a_time
    def revoke_token(self, name: str) -> None:
        self.users[name].token = None

    @one_at_a_time
    def renew_token(self, name: str) -> str:
        self.users[name].token = "".join(self._chance.choices("0123456789abcdef", k=40))
        return self.token_of(name)

    @one_at_a_time
    def share(self, asset: Asset, user: str, *rights: str, only: Iterable[Mapping[str, Any]] = ()) -> None:
        """Give a user exactly these rights and what they bring along; `only`: filters of `partial_submissions`."""
        held: dict[str, Filters | None] = {}
        for right in rights:
            held |= dict.fromkeys(IMPLIED[right] | {right})
        if "partial_submissions" in held:
            held["partial_submissions"] = tuple(only)
        asset.rights[user] = held

    @one_at_a_time
    def unshare(self, asset: Asset, user: str) -> None:
        asset.rights.pop(user, None)

    # --- forms -----------------------------------------------------------------------------------------------------

    @one_at_a_time
    def add_asset(self, owner: str, name: str, content: Content, *, deployed: bool = True) -> Asset:
        """Make a project of `kobo_content.content_of(…)`."""
        now = self.clock.now()
        uid = self.new_uid("a")
        asset = Asset(uid, name, owner, now, History(uid, owner, self.clock), [], now)
        asset.save(self.new_uid("v"), content, now)
        self.assets[uid] = asset
        if deployed:
            self.deploy(asset, owner)
        return asset

    @one_at_a_time
    def redeploy(self, asset: Asset, content: Content, by: str | None = None) -> Version:
        """Replace the form and open the new version to tablets."""
        asset.save(self.new_uid("v"), content, self.clock.now())
        return self.deploy(asset, by or asset.owner)

    @one_at_a_time
    def deploy(self, asset: Asset, by: str) -> Version:
        action = "redeploy" if asset.deployed else "deploy"
        version = asset.deploy(self.clock.now(), lambda: self._uuid().replace("-", ""))
        asset.history.write(action, by, latest_version_uid=asset.latest.uid, latest_deployed_version_uid=version.uid)
        return version

    @one_at_a_time
    def archive(self, asset: Asset, by: str, *, active: bool = False) -> None:
        asset.active, asset.modified = active, self.clock.now()
        asset.history.write("unarchive" if active else "archive", by)

    @one_at_a_time
    def add_form_file(self, asset: Asset, filename: str, content: bytes, by: str) -> FormFile:
        file = FormFile(self.new_uid("af"), filename, content, type_of(filename), self.clock.now(), by)
        asset.files.append(file)
        return file

    # --- ids -------------------------------------------------------------------------------------------------------

    def new_uid(self, prefix: str) -> str:
        if reserved := self.reserved_uids.get(prefix):
            return reserved.pop(0)
        return prefix + "".join(self._chance.choices(_LETTERS, k=21))

    @one_at_a_time
    def tell_date_modified(self) -> None:
        """The server is brought up to date: records tell `_date_modified`, old ones the time they came in."""
        self.switches.date_modified = True
        for asset in self.assets.values():
            for record in asset.records.values():
                record.dated = True
                record.changed(record.submitted_at)

    def skip_ids(self, count: int = 1) -> None:
        """Submissions that were refused take ids too."""
        for _ in range(count):
            next(self._ids)

    def _uuid(self) -> str:
        if reserved := self.reserved_uids.get("uuid"):
            return reserved.pop(0)
        return str(uuid.UUID(int=self._chance.getrandbits(128), version=4))
