"""What a store keeps of a source, as one value: two stores that keep the same are equal in it, bit for bit.

Left out is only what says when we learned of something (`updated_at`, arrivals' times) and the order of ids.
"""

from dataclasses import dataclass

from store.attachments import attachments_of
from store.kept import Store
from store.kept_submissions import batches, raw, versions_of
from store.mirror.fetched_media import media_listed


@dataclass(frozen=True, slots=True)
class Kept:
    """One submission as it is now. media: name, state and sha256 of what its source lists."""

    instance_id: str
    version: str
    answers: str
    raw: bytes
    received_at: str
    submitter: str | None
    device_id: str | None
    review: str | None
    media: tuple[tuple[str, str, str | None], ...]
    attachments: tuple[tuple[str, str], ...]


def kept(store: Store, form_id: str) -> dict[str, Kept]:
    """Return all submissions of a form that are not deleted, by root id."""
    found = {}
    with store.database.read() as connection:
        for batch in batches(connection, form_id):
            for each in batch:
                listed = media_listed(connection, form_id, each.root_id)
                attached = attachments_of(connection, form_id, each.instance_id)
                current = [
                    version
                    for version in versions_of(connection, form_id, each.root_id)
                    if version.instance_id == each.instance_id
                ]
                assert len(current) == 1
                found[each.root_id] = Kept(
                    instance_id=each.instance_id,
                    version=each.version,
                    answers=each.answers,
                    raw=raw(connection, form_id, each.instance_id),
                    received_at=each.received_at.isoformat(),
                    submitter=each.submitter,
                    device_id=each.device_id,
                    review=each.review,
                    media=tuple(sorted((medium.name, str(medium.state), medium.sha256) for medium in listed)),
                    attachments=tuple(sorted((medium.name, medium.sha256) for medium in attached)),
                )
    return found
