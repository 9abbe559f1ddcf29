"""Column types that mean the same on SQLite and PostgreSQL."""

from datetime import UTC, datetime

from sqlalchemy import DateTime, Dialect, Text
from sqlalchemy.types import TypeDecorator


def storable(text: str) -> str:
    """Return the text as `ForeignText` keeps it, for those who compare names before they write them."""
    return "".join("\ufffd" if char == "\0" or "\ud800" <= char <= "\udfff" else char for char in text)


class UtcDateTime(TypeDecorator[datetime]):
    """A point in time: goes in timezone-aware, is kept in UTC to the microsecond, and comes out aware in UTC.

    SQLite keeps the text of the UTC time, which sorts as the time does; PostgreSQL keeps `timestamptz` and would
    otherwise answer in the time zone of its session.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware time into what the driver takes. A naive one is refused: it names no point in time."""
        if value is None:
            return None
        if value.tzinfo is None:
            message = f"a time without a time zone names no point in time: {value.isoformat()}"
            raise ValueError(message)
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the signature is SQLAlchemy's
        """Turn what the driver gives into an aware time in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class ForeignText(TypeDecorator[str]):
    """Text that strangers wrote (device ids, file names) and that a database may refuse as it is.

    PostgreSQL holds neither NUL nor a lone surrogate in text; each becomes U+FFFD, on both databases alike, so that a
    crooked header never costs a submission. Comparisons bind through the same type and find what was kept.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - the signature is SQLAlchemy's
        """Replace what no database text may hold."""
        return None if value is None else storable(value)
