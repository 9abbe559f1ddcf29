"""A simulated KoboToolbox or ODK Central with so many interviews, on a loopback port: what `pull.py` reads from.

Run by bench/pull.py: pull_server.py SERVER NUMBER PACE; prints one line of JSON, then serves until its input ends.

Each reply is made once and kept, so that a second reader waits for nothing but the socket: the simulation is slower
than what reads from it, and would hide it. PACE: `ready` for that; `1x` for replies that take the time they took on a
live server, `3x` for a third of it.
"""

import json
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from pull_survey import FORM_ID, PHOTO, VERSION, interviews, workbook
from servers.central import CentralServer
from servers.clock import Clock
from servers.kobo import KoboServer
from servers.kobo_content import content_of_workbook
from servers.reply import Reply, SimulatedServer
from servers.transport import serve

from forms.read import examine_form

BYTES_A_SECOND = 6_800_000 / 5000 * 1644
"""ODK Central v2026.2 on two quiet cores: 1,644 rows/s at $top=1000, of pages with 6.8 MB for 5,000 rows."""

SECONDS_A_REQUEST = 0.018
"""Before the first byte, whatever is asked: assumed, for no single small request was timed."""

EMAIL, PASSWORD = "sync@example.org", "a long password"


class Ready:
    """A server whose replies are ready once they were made. speed: how much faster than measured they come; None: at
    once."""

    def __init__(self, server: SimulatedServer, speed: float | None) -> None:
        self._server = server
        self._speed = speed
        self._replies: dict[str, Reply] = {}
        self.clock = server.clock

    @property
    def hosts(self) -> frozenset[str]:
        return self._server.hosts

    def handle(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Reply:
        started = time.perf_counter()
        reply = self._replies.get(url) if method == "GET" else None
        if reply is None:
            reply = self._server.handle(method, url, headers, body)
            if method == "GET" and reply.status == 200:
                self._replies[url] = reply
        if self._speed is not None:
            due = started + (SECONDS_A_REQUEST + len(reply.body) / BYTES_A_SECOND) / self._speed
            time.sleep(max(0.0, due - time.perf_counter()))
        return reply


def begin(number: int) -> Clock:
    """A clock that is now once each interview took ten seconds, and an hour passed since the last."""
    return Clock(datetime.now(UTC) - timedelta(seconds=10 * number, hours=1))


def kobo(number: int) -> tuple[SimulatedServer, dict[str, str]]:
    clock = begin(number)
    server = KoboServer(clock)
    server.add_user("owner")
    asset = server.add_asset("owner", "Bench", content_of_workbook(workbook()))
    uid, version = asset.uid, asset.latest.uid
    for instance_id, nodes, has_photo in interviews(number):
        xml = (
            f'<{uid} id="{uid}" version="{VERSION}"><formhub><uuid>f</uuid></formhub>{nodes}'
            f"<__version__>{version}</__version__><meta><instanceID>{instance_id}</instanceID></meta></{uid}>"
        )
        server.submit(asset, xml.encode(), files={PHOTO: b"a photo"} if has_photo else None)
        clock.advance(10)
    clock.advance(3600)
    return server, {"token": server.token_of("owner"), "remote_id": uid}


def central(number: int) -> tuple[SimulatedServer, dict[str, str]]:
    clock = begin(number)
    server = CentralServer(clock)
    project = server.add_project("Bench")
    form = server.add_form(project, examine_form(workbook(), "bench.xlsx").form.xform)
    server.set_role(server.add_user(EMAIL, PASSWORD, is_admin=True), project, "manager")
    for instance_id, nodes, has_photo in interviews(number):
        xml = (
            f'<data xmlns:orx="http://openrosa.org/xforms" id="{FORM_ID}" version="{VERSION}">{nodes}'
            f"<orx:meta><orx:instanceID>{instance_id}</orx:instanceID></orx:meta></data>"
        )
        server.submit(xml.encode(), {PHOTO: b"a photo"} if has_photo else None, form=form)
        clock.advance(10)
    clock.advance(3600)
    said = {"username": EMAIL, "password": PASSWORD, "remote_id": f"{project.number}/{FORM_ID}"}
    return server, said


def main(kind: str, number: int, pace: str) -> None:
    server, said = {"kobo": kobo, "central": central}[kind](number)
    with serve(Ready(server, None if pace == "ready" else float(pace.removesuffix("x")))) as address:
        print(json.dumps({"address": address, **said}), flush=True)
        sys.stdin.read()


main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
