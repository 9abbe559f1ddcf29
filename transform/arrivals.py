"""Submissions as they come from the store, in chunks, and each chunk as a table that DuckDB reads without a copy."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pyarrow as pa

from transform.answer_shapes import ShapedAnswers
from transform.records import AnswerRecord

CHUNK_ROWS = 20_000
CHUNK_CHARACTERS = 8_000_000
"""Statements over a chunk need many times its size, within `transform.tables.MEMORY_LIMIT`."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

_ARRIVALS_SCHEMA = pa.schema(
    [
        ("~ordinal", pa.int64()),
        ("root_id", pa.string()),
        ("instance_id", pa.string()),
        ("form_version", pa.string()),
        ("received_at", pa.timestamp("us", tz="UTC")),
        ("updated_at", pa.timestamp("us", tz="UTC")),
        ("submitter", pa.string()),
        ("device_id", pa.string()),
        ("review", pa.string()),
        ("answers", pa.string()),
        ("~leaves", pa.int64()),
    ]
)


def chunks(batches: Iterable[Sequence[AnswerRecord]]) -> Iterator[list[AnswerRecord]]:
    """Yield the records in chunks of bounded size: planning the statements costs as much as some thousand rows."""
    chunk: list[AnswerRecord] = []
    characters = 0
    for batch in batches:
        for record in batch:
            chunk.append(record)
            characters += len(record.answers)
            if len(chunk) >= CHUNK_ROWS or characters >= CHUNK_CHARACTERS:
                yield chunk
                chunk, characters = [], 0
    if chunk:
        yield chunk


def arrivals(chunk: Sequence[AnswerRecord], shaped: Mapping[int, ShapedAnswers] | None = None) -> pa.Table:
    """Return the chunk as it came; of submissions brought to shape only those, with the leaves they had."""
    ordinals = range(len(chunk)) if shaped is None else list(shaped)
    records = [chunk[ordinal] for ordinal in ordinals]
    answers = [record.answers for record in records]
    columns = [
        ordinals,
        [record.root_id for record in records],
        [record.instance_id for record in records],
        [record.version for record in records],
        [_microseconds(record.received_at) for record in records],
        [_microseconds(record.updated_at) for record in records],
        [record.submitter for record in records],
        [record.device_id for record in records],
        [record.review for record in records],
        answers if shaped is None else [each.answers for each in shaped.values()],
        [None] * len(answers) if shaped is None else [each.leaves for each in shaped.values()],
    ]
    arrays = [pa.array(values, field.type) for values, field in zip(columns, _ARRIVALS_SCHEMA, strict=True)]
    return pa.Table.from_arrays(arrays, schema=_ARRIVALS_SCHEMA)


def _microseconds(moment: datetime) -> int:
    # Arrow reads datetime objects too, but imports pandas for it: a second of every build.
    return (moment - _EPOCH) // _MICROSECOND
