"""Run by Alembic for every command: migrates on the connection that `store.migrate` has opened and locked."""

from alembic import context
from sqlalchemy import Connection

from store.schema import metadata

connection = context.config.attributes["connection"]
assert isinstance(connection, Connection)  # noqa: S101 - Alembic's attributes are untyped; store.migrate sets this one
context.configure(
    connection=connection,
    target_metadata=metadata,
    compare_type=True,
    # SQLite's DDL is transactional once the driver leaves BEGIN to us (store.engine): a migration is all or nothing.
    transactional_ddl=True,
    # SQLite cannot alter a table in place.
    render_as_batch=True,
)
context.run_migrations()
