"""The history of the schema, as Alembic runs it; started by `store.migrate` only."""
