"""The peer: what a FastAPI tutorial would write. `request.form()`, one INSERT and one durable commit per request.

It knows no keys, no forms, no duplicates, no edits and no media; it keeps the XML and says 201.
Run by bench/receive.py: receive_peer.py FOLDER PORT
"""

import sqlite3
import sys
from pathlib import Path
from threading import Lock

import uvicorn
from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.responses import Response


def application(file: Path) -> FastAPI:
    database = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    # The same pragmas as ours: the log is on disk before COMMIT returns.
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("CREATE TABLE submissions (id INTEGER PRIMARY KEY, xml BLOB NOT NULL)")
    one_at_a_time = Lock()

    def insert(xml: bytes) -> None:
        with one_at_a_time:
            database.execute("INSERT INTO submissions (xml) VALUES (?)", (xml,))

    app = FastAPI()

    @app.post("/submission")
    async def submit(request: Request) -> Response:
        form = await request.form()
        part = form["xml_submission_file"]
        xml = await part.read() if isinstance(part, UploadFile) else part.encode()
        await run_in_threadpool(insert, xml)
        return Response(status_code=201)

    return app


def main(folder: Path, port: int) -> None:
    app = application(folder / "peer.db")
    (folder / "path").write_text("/submission?deviceID=bench:1")
    uvicorn.run(
        app, host="127.0.0.1", port=port, loop="uvloop", http="httptools", access_log=False, log_level="warning"
    )


main(Path(sys.argv[1]), int(sys.argv[2]))
