"""What people do with submissions on a simulated KoboToolbox: fill in, edit, review, add files late, copy, delete.

Deeds may be done by several threads, also while the server answers others.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from servers.kobo_asset import ANONYMOUS, Asset
from servers.kobo_instance import copied, type_of, with_answers, xpath_of_file
from servers.kobo_record import Attachment, Record, bare, instance_of, read_sent
from servers.kobo_state import STATUSES, State, one_at_a_time


class Deeds(State):
    """A server's state, and the deeds that change its submissions. `root` is a root uuid, or an `_id` as text."""

    @one_at_a_time
    def submit(
        self,
        asset: Asset,
        xml: bytes,
        *,
        by: str | None = None,
        anonymous: bool = False,
        files: Mapping[str, bytes] | None = None,
    ) -> Record:
        """Take a new submission. A `submissionDate` on its root backdates it, as it does on the real server (94)."""
        record = self.begin_commit(asset, xml, by=by, anonymous=anonymous, files=files)
        self.commit(asset, record)
        return record

    @one_at_a_time
    def begin_commit(
        self,
        asset: Asset,
        xml: bytes,
        *,
        by: str | None = None,
        anonymous: bool = False,
        files: Mapping[str, bytes] | None = None,
    ) -> Record:
        """Take a submission whose `_id` and time are given away before anybody can see it; `commit` shows it."""
        sent = read_sent(xml)
        assert sent.instance_id is not None, "a submission has an instanceID"
        root = bare(sent.root_uuid or sent.instance_id)
        now = self.clock.now()
        record = Record(
            id=next(self._ids),
            xml=instance_of(xml),
            uuid=bare(sent.instance_id),
            root=root,
            root_key=f"uuid:{root}",
            root_in_xml=sent.root_uuid is not None,
            submitted_at=sent.submitted_at or now,
            modified_at=now,
            submitted_by=None if anonymous else by or asset.owner,
            visible=False,
            dated=self.switches.date_modified,
        )
        for name, content in (files or {}).items():
            self._attach(asset, record, name, content)
        return record

    @one_at_a_time
    def commit(self, asset: Asset, record: Record, *, logged_at: datetime | None = None) -> None:
        """Show a submission. logged_at: when the history says that it came, if that is not now."""
        asset.show(record)
        asset.last_submission = max(asset.last_submission or record.submitted_at, record.submitted_at)
        by = record.submitted_by or ANONYMOUS
        asset.history.write("add-submission", by, at=logged_at, submission=_about(record))

    @one_at_a_time
    def import_legacy(self, asset: Asset, xml: bytes, *, root: str | None = None, by: str | None = None) -> Record:
        """Take over a record from before `meta/rootUuid`; its uuid may be another record's as well.

        root: how `meta/rootUuid` reads, such as one without `uuid:`; None for a record that has no such key.
        """
        record = self.begin_commit(asset, xml, by=by)
        record.root_key = root
        asset.show(record)
        return record

    @one_at_a_time
    def edit(self, asset: Asset, root: str, xml: bytes, by: str | None = None) -> Record:
        """Replace a record's answers; the XML has a new instanceID, and the current one as deprecatedID."""
        record = self.record(asset, root)
        sent = read_sent(xml)
        assert sent.instance_id is not None, "an edit has an instanceID"
        assert bare(sent.deprecated_id or "") == record.uuid, "an edit names the version that it replaces"
        asset.replaced_uuids.add(record.uuid)
        record.uuid = bare(sent.instance_id)
        record.root_in_xml = sent.root_uuid is not None
        record.rewritten(instance_of(xml), self.clock.now())
        self._logged(asset, record, by)
        return record

    @one_at_a_time
    def edit_answers(
        self, asset: Asset, roots: Iterable[str], answers: Mapping[str, str], by: str | None = None
    ) -> list[Record]:
        """Set answers of records, as people do in the table view (60): any path can be made."""
        edited = []
        for root in roots:
            record = self.record(asset, root)
            xml = with_answers(record, answers, f"uuid:{self._uuid()}")
            edited.append(self.edit(asset, root, xml, by))
        return edited

    @one_at_a_time
    def delete(self, asset: Asset, root: str, by: str | None = None) -> None:
        """Remove a record for good; nothing but the history remembers it."""
        record = self.record(asset, root)
        asset.forget(record)
        asset.history.write("delete-submission", by or asset.owner, submission=_about(record))

    @one_at_a_time
    def review(self, asset: Asset, root: str, status: str | None, by: str | None = None) -> dict[str, Any]:
        """Set the validation status (`validation_status_approved` …), or remove it with None."""
        record = self.record(asset, root)
        record.review = {}
        if status is not None:
            record.review = {
                "timestamp": int(self.clock.now().timestamp()),
                "uid": status,
                "by_whom": by or asset.owner,
                "label": STATUSES[status],
            }
        record.changed(None if self.switches.only_edits_move_it else self.clock.now())
        label = STATUSES[status] if status else "None"
        asset.history.write("modify-submission", by or asset.owner, submission={"status": label} | _about(record))
        return record.review

    @one_at_a_time
    def add_attachment(self, asset: Asset, root: str, name: str, content: bytes) -> Attachment:
        """A file arrives after its submission: the record shows it, the history does not (91, 92)."""
        record = self.record(asset, root)
        attachment = self._attach(asset, record, name, content)
        record.changed(None if self.switches.only_edits_move_it else self.clock.now())
        return attachment

    @one_at_a_time
    def delete_attachments(self, asset: Asset, root: str, by: str | None = None) -> int:
        """Put a record's files in the bin: the entries stay, their bytes do not (63h)."""
        record = self.record(asset, root)
        there = [attachment for attachment in record.attachments if not attachment.is_deleted]
        for attachment in there:
            attachment.is_deleted = True
            about = {"attachment_uid": attachment.uid, "attachment_basename": attachment.basename}
            asset.history.write_bare("in-trash", by or asset.owner, **about)
        record.changed(None if self.switches.only_edits_move_it else self.clock.now())
        return len(there)

    @one_at_a_time
    def duplicate(self, asset: Asset, root: str, by: str | None = None) -> Record:
        """Copy a record with its files; only ids, `start` and `end` are new (61)."""
        original = self.record(asset, root)
        now = self.clock.now().strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+00:00"
        files = {each.basename: each.content for each in original.attachments if not each.is_deleted}
        return self.submit(asset, copied(original, f"uuid:{self._uuid()}", now), by=by, files=files)

    def record(self, asset: Asset, root: str | int) -> Record:
        """The record with this root uuid, or this `_id`. Raises LookupError."""
        record = asset.find(str(root))
        if record is None:
            raise LookupError(f"{asset.uid} has no record {root}")
        return record

    def _attach(self, asset: Asset, record: Record, name: str, content: bytes) -> Attachment:
        xpath = xpath_of_file(record.xml, name, asset.repeats)
        attachment = Attachment(self.new_uid("att"), name, type_of(name), content, xpath)
        record.attachments.append(attachment)
        return attachment

    def _logged(self, asset: Asset, record: Record, by: str | None) -> None:
        asset.history.write("modify-submission", by or asset.owner, submission=_about(record))


def _about(record: Record) -> dict[str, Any]:
    return {"root_uuid": record.root, "submitted_by": record.submitted_by}
