"""Our server as `jekafo serve` wires it, with one form published and one key: what `receive.py` measures.

Run by bench/receive.py: receive_ours.py FOLDER PORT
"""

import sys
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import uvicorn
from openpyxl import Workbook
from receive_form import FORM_ID, VERSION, sheets

from api.app import create_app
from api.services import Services
from store.kept import Store
from store.people import Role, TokenKind, add_user, issue_token
from sync.publish import publish_here
from sync.shelf import Shelf
from transform.reader import Tables


def workbook() -> bytes:
    book = Workbook()
    for name, rows in sheets().items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.remove(book.worksheets[0])
    written = BytesIO()
    book.save(written)
    return written.getvalue()


def main(folder: Path, port: int) -> None:
    store = Store.open(f"sqlite:///{folder / 'jekafo.db'}", folder / "media")
    now = datetime.now(UTC)
    publish_here(store, workbook(), f"{FORM_ID}-{VERSION}.xlsx", {}, at=now)
    tablet = store.database.write(lambda connection: add_user(connection, "tablet", Role.ENUMERATOR, None, now))
    key = store.database.write(lambda connection: issue_token(connection, tablet.id, TokenKind.APP_USER, now))
    (folder / "path").write_text(f"/key/{key}/submission?deviceID=bench:1")
    services = Services(
        store=store,
        shelf=Shelf(store),
        tables=Tables(folder / "tables.duckdb"),
        secret_key="a key of this measurement only",
        default_language="en",
        clock=lambda: datetime.now(UTC),
    )
    uvicorn.run(
        create_app(services),
        host="127.0.0.1",
        port=port,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
    )


main(Path(sys.argv[1]), int(sys.argv[2]))
