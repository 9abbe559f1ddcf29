"""Durable OpenRosa submissions of 31 fields: ours beside a plain FastAPI endpoint, in one run.

Each server runs alone, on loopback, in a process of its own; the client is one process on the same cores, so it takes
its share of them. Server CPU is user and system time of the server's process by /proc.
Run: .venv/bin/python bench/receive.py [submissions]
"""

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvloop
from machine import described
from receive_form import BOUNDARY, upload

HERE = Path(__file__).parent
MOST = 50_000
WARM_UP = 200
SERVERS = {"ours": "receive_ours.py", "plain FastAPI, one commit a request": "receive_peer.py"}


@dataclass(frozen=True)
class Server:
    pid: int
    port: int
    path: str

    def cpu_seconds(self) -> float:
        # Behind the name, which may hold anything: fields 14 and 15 of proc(5), utime and stime, in clock ticks.
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Result:
    number: int
    seconds: float
    cpu_seconds: float
    waits: list[float]

    def __str__(self) -> str:
        ordered = sorted(self.waits)
        p50, p95 = (1000 * ordered[int(share * (len(ordered) - 1))] for share in (0.5, 0.95))
        return (
            f"{self.number / self.seconds:,.0f} submissions/s, p50 {p50:.1f} ms, p95 {p95:.1f} ms, "
            f"server CPU {1000 * self.cpu_seconds / self.number:.2f} ms a request, all {self.number:,} answered 201"
        )


@contextmanager
def serving(script: str) -> Iterator[Server]:
    # Not in /tmp where that is memory: what is measured is a disk.
    with tempfile.TemporaryDirectory(dir=HERE, prefix=".receive-") as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        process = subprocess.Popen([sys.executable, str(HERE / script), folder, str(port)])
        try:
            wait_until_open(process, port)
            yield Server(process.pid, port, (Path(folder) / "path").read_text())
        finally:
            process.terminate()
            process.wait(30)


def wait_until_open(process: "subprocess.Popen[bytes]", port: int) -> None:
    end = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit("the server did not start")


async def send_all(server: Server, uploads: Iterator[bytes], waits: list[float]) -> None:
    """Send what is left, one after the other over one connection that is kept open."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    for body in uploads:
        head = (
            f"POST {server.path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nX-OpenRosa-Version: 1.0\r\n"
            f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        started = time.perf_counter()
        writer.write(head.encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        length = int(answer.lower().partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0])
        said = await reader.readexactly(length)
        waits.append(time.perf_counter() - started)
        if not answer.startswith(b"HTTP/1.1 201 "):
            raise SystemExit(f"not 201: {answer.decode()}{said.decode()}")
    writer.close()
    await writer.wait_closed()


async def measure(server: Server, number: int, connections: int) -> Result:
    uploads = [upload() for _ in range(number)]
    waits: list[float] = []
    left = iter(uploads)
    cpu, started = server.cpu_seconds(), time.perf_counter()
    await asyncio.gather(*(send_all(server, left, waits) for _ in range(connections)))
    seconds = time.perf_counter() - started
    assert len(waits) == number
    return Result(number, seconds, server.cpu_seconds() - cpu, waits)


async def run(number: int) -> None:
    print(described("uvicorn", "fastapi", "sqlalchemy"), flush=True)
    for name, script in SERVERS.items():
        with serving(script) as server:
            await measure(server, WARM_UP, 8)
            for connections in (8, 1):
                print(f"{name}, {connections} connection(s): {await measure(server, number, connections)}", flush=True)


uvloop.run(run(min(int(sys.argv[1]) if len(sys.argv) > 1 else 4_000, MOST)))
