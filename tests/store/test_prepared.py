"""Statements that run by the driver mean what they mean through SQLAlchemy: values, rows, transactions."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import bindparam, select

from store import schema
from store.database import Connection
from store.kept import Store
from store.prepared import Prepared

BAMAKO_PLUS_TWO = timezone(timedelta(hours=2))
AT = datetime(2026, 1, 5, 10, 30, tzinfo=BAMAKO_PLUS_TWO)
ADD = Prepared(schema.audit_events.insert().returning(schema.audit_events.c.id))
SUBJECT = Prepared(select(schema.audit_events.c.subject).where(schema.audit_events.c.actor == bindparam("actor")))
EVENT = {"at": AT, "actor": "awa\0", "action": "look", "subject": "a thing"}


def kept(store: Store) -> list[tuple[datetime, str]]:
    table = schema.audit_events
    with store.database.read() as connection:
        return [(row.at, row.actor) for row in connection.execute(select(table).order_by(table.c.id))]


def test_values_pass_through_the_types_of_their_columns(store: Store):
    ((key,),) = store.database.write(lambda connection: ADD.run(connection, EVENT))
    assert key == 1
    assert kept(store) == [(datetime(2026, 1, 5, 8, 30, tzinfo=UTC), "awa\ufffd")]
    with store.database.read() as connection:
        assert [tuple(row) for row in SUBJECT.run(connection, {"actor": "awa\0"})] == [("a thing",)]
        assert list(SUBJECT.run(connection, {"actor": "issa"})) == []


def test_what_it_did_is_undone_with_its_deed(store: Store):
    def half_done(connection: Connection) -> None:
        ADD.run(connection, EVENT)
        raise LookupError("the deed's own")

    with pytest.raises(LookupError):
        store.database.write(half_done)
    assert kept(store) == []


def test_where_nothing_has_begun_it_begins_a_transaction_and_cannot_write_there(store: Store):
    with store.database.read() as connection:
        assert list(SUBJECT.run(connection, {"actor": "awa"})) == []
        assert connection.in_transaction()
        with pytest.raises(Exception, match=r"read-?only"):
            ADD.run(connection, EVENT)
    assert kept(store) == []
