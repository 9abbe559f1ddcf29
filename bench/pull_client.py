"""One reader of a served form in a process of its own, so that its time and memory are its alone; prints JSON.

Run by bench/pull.py: pull_client.py bare|ours SERVED ASKED [FOLDER]. SERVED: what pull_server.py said, as a file.
ASKED: a file with the requests of a pull, which `ours` writes where it is missing and `bare` repeats. FOLDER: of the
store, where a pull after another finds what the first one kept.
"""

import json
import resource
import sys
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import requests
from lxml import etree
from requests.adapters import HTTPAdapter

from store.kept import Store
from sync.pull import Media, PullPlan, pull_form
from sync.sources import connect
from sync.sources.central.fetching import AT_ONCE
from sync.sources.settings import SourceSettings
from sync.wires import Wires


class Recording(HTTPAdapter):
    """Notes what is asked."""

    def __init__(self, asked: list[str]) -> None:
        super().__init__()
        self._asked = asked

    def send(self, request: requests.PreparedRequest, *arguments: Any, **named: Any) -> requests.Response:
        parts = urlsplit(request.url or "")
        if request.method == "GET":
            self._asked.append(f"{parts.path}?{parts.query}" if parts.query else parts.path)
        return super().send(request, *arguments, **named)


def ours(served: dict[str, str], asked: Path, folder: Path) -> dict[str, object]:
    """Pull into the store of the folder; the first pull of a form notes what it asks, and is not one to time."""
    is_kobo = "token" in served
    settings = SourceSettings(
        "bench",
        "kobo" if is_kobo else "central",
        served["address"],
        token=served.get("token"),
        username=served.get("username"),
        password=served.get("password"),
    )
    paths: list[str] = []
    recorded = None if asked.exists() else lambda: Recording(paths)
    wires = Wires(folder=folder, adapter=recorded)
    store = Store.open(f"sqlite:///{folder / 'jekafo.db'}", folder / "media")
    source = connect(settings, wires)
    form = source.form(served["remote_id"])
    before, cpu, started = memory("VmRSS"), cpu_seconds(), time.perf_counter()
    report = pull_form(store, source, form, PullPlan(media=Media.LIST), wires, lambda _stage, _done, _of: None)
    found = measured(before, cpu, started)
    store.close()
    if recorded is not None:
        asked.write_text("\n".join(paths))
    assert report.set_aside == 0
    return found | {"records": report.held, "new": report.new, "requests": report.requests}


def bare(served: dict[str, str], asked: Path) -> dict[str, object]:
    """Ask the same, one after the other, but single submissions of ODK Central as many at once as a pull does."""
    readers: list[requests.Session] = []
    paths = asked.read_text().splitlines()
    headers = {"Authorization": f"Token {served['token']}"} if "token" in served else {}

    def session() -> requests.Session:
        # Without a look at ~/.netrc and the proxies in the environment for each request.
        made = requests.Session()
        made.trust_env = False
        made.headers.update(headers)
        readers.append(made)
        return made

    def read(path: str, reader: requests.Session) -> None:
        reply = reader.get(served["address"] + path)
        reply.raise_for_status()
        if "xml" in reply.headers["Content-Type"]:
            etree.fromstring(reply.content)
        else:
            json.loads(reply.content)

    before, cpu, started = memory("VmRSS"), cpu_seconds(), time.perf_counter()
    main = session()
    if "password" in served:
        said = {"email": served["username"], "password": served["password"]}
        headers["Authorization"] = f"Bearer {main.post(served['address'] + '/v1/sessions', json=said).json()['token']}"
        main.headers.update(headers)
    idle: list[requests.Session] = [session() for _ in range(AT_ONCE)]

    def read_single(path: str) -> None:
        reader = idle.pop()
        try:
            read(path, reader)
        finally:
            idle.append(reader)

    coming: set[Future[None]] = set()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for path in paths:
            if "/submissions/" not in path:
                read(path, main)
                continue
            coming.add(pool.submit(read_single, path))
            if len(coming) >= 2 * AT_ONCE:
                here, coming = wait(coming, return_when=FIRST_COMPLETED)
                for future in here:
                    future.result()
        for future in coming:
            future.result()
    return measured(before, cpu, started) | {"requests": len(paths)}


def measured(before: float, cpu: float, started: float) -> dict[str, object]:
    return {
        "seconds": time.perf_counter() - started,
        "cpu": cpu_seconds() - cpu,
        "began": before,
        "peak": memory("VmHWM"),
    }


def cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def memory(field: str) -> float:
    """MiB by /proc: getrusage may tell the peak of who started us."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{field}:")) / 1024


def main(deed: str, served_file: str, asked_file: str, *folder: str) -> None:
    served, asked = cast("dict[str, str]", json.loads(Path(served_file).read_text())), Path(asked_file)
    print(json.dumps(ours(served, asked, Path(folder[0])) if deed == "ours" else bare(served, asked)))


main(*sys.argv[1:])
