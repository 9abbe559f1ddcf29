"""The tables of the raw store. What fills and reads them are the modules named after their nouns.

Rows are added, not overwritten: a version of a submission, a state of a workbook, an attachment or an audit event
never changes once kept. What does change (which version is current, review, deletion, how often something arrived) is
held by few columns, named where they stand. `store.migrations` must give the same schema; a test compares the two.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

from store.types import ForeignText, UtcDateTime

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

form_versions = Table(
    "form_versions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("form_id", Text, nullable=False),
    Column("version", Text, nullable=False),  # "" where the form names none
    Column("title", Text, nullable=False),
    Column("xform", LargeBinary, nullable=False),
    Column("xform_md5", Text, nullable=False),
    Column("published_at", UtcDateTime, nullable=False),
    Column("state", Text, nullable=False),  # changes: open, closing, closed
    UniqueConstraint("form_id", "version"),
    CheckConstraint("state IN ('open', 'closing', 'closed')", name="state"),
)

# Append-only: what a version means, each time its workbook or files were saved anew. The row of greatest id speaks.
workbook_states = Table(
    "workbook_states",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("form_version_id", ForeignKey("form_versions.id"), nullable=False, index=True),
    Column("workbook", LargeBinary),  # NULL for a form that came as a bare XForm
    Column("workbook_name", ForeignText),
    Column("content_hash", Text, nullable=False),
    Column("saved_at", UtcDateTime, nullable=False),
)

form_files = Table(
    "form_files",
    metadata,
    Column("workbook_state_id", ForeignKey("workbook_states.id"), primary_key=True),
    Column("name", ForeignText, primary_key=True),
    Column("sha256", Text, nullable=False),
    Column("md5", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
)

deployments = Table(
    "deployments",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("form_version_id", ForeignKey("form_versions.id"), nullable=False, index=True),
    Column("source", Text, nullable=False),
    Column("remote_id", Text, nullable=False),
    Column("deployed_at", UtcDateTime, nullable=False),
    Column("remote_version", Text),  # how records of that source name the version
    Column("content_hash", Text),  # sha256 of what was uploaded
    UniqueConstraint("source", "remote_id", "form_version_id", "remote_version"),
)

# One row a filled-in form, whatever the number of its versions. `id` is the order in which they came.
submissions = Table(
    "submissions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("form_id", Text, nullable=False),
    Column("root_id", Text, nullable=False),  # instanceID of the first version
    Column("current_ordinal", Integer, nullable=False),  # changes: an edit moves it to the version that speaks
    Column("received_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),  # changes: last edit, review, deletion or restoration
    Column("submitter", ForeignText),  # who sent the first version: the interviewer, where a manager edits later
    Column("device_id", ForeignText),
    Column("review", Text),  # changes
    Column("deleted_at", UtcDateTime),  # changes; the rows stay
    Column("deleted_by", Text),  # changes: `source` where the servers that had it no longer do; else a data manager
    UniqueConstraint("form_id", "root_id"),
    CheckConstraint("current_ordinal >= 1", name="current_ordinal"),
    Index(None, "form_id", "id"),
)

submission_versions = Table(
    "submission_versions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("submission_id", ForeignKey("submissions.id"), nullable=False),
    Column("ordinal", Integer, nullable=False),  # 1, 2, 3 ... each edits the one before
    Column("form_id", Text, nullable=False),  # repeated here for the constraint that keeps a version once
    Column("instance_id", Text, nullable=False),
    Column("deprecated_id", Text),
    Column("version", Text, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("submitter", ForeignText),
    Column("device_id", ForeignText),
    Column("answers", Text, nullable=False),  # JSON, keys sorted: equal answers are equal text
    Column("raw", LargeBinary, nullable=False),
    UniqueConstraint("form_id", "instance_id"),
    UniqueConstraint("submission_id", "ordinal"),
)

# The files that a version's answers name, whether or not they have come.
expected_media = Table(
    "expected_media",
    metadata,
    Column("version_id", ForeignKey("submission_versions.id"), primary_key=True),
    Column("position", Integer, primary_key=True),  # not the name: an answer may be longer than an index entry
    Column("name", ForeignText, nullable=False),
)

# Other bytes under a name that is taken are a further row: the first keeps speaking, none is lost.
attachments = Table(
    "attachments",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("version_id", ForeignKey("submission_versions.id"), nullable=False),
    Column("name", ForeignText, nullable=False),
    Column("sha256", Text, nullable=False, index=True),
    Column("size", BigInteger, nullable=False),
    Column("content_type", ForeignText),
    Column("received_at", UtcDateTime, nullable=False),
    Column("removed_at", UtcDateTime),  # changes: the server that had it removed it; the bytes stay
    UniqueConstraint("version_id", "name", "sha256"),
)

# One row a version and route, with how often it came that way: ten resends of a tablet are one row and a count.
# The lock on the submission keeps a route once; its texts have no bound, so no index holds them.
arrivals = Table(
    "arrivals",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("version_id", ForeignKey("submission_versions.id"), nullable=False, index=True),
    Column("source", Text, nullable=False),
    Column("remote_id", ForeignText),
    Column("submitter", ForeignText),
    Column("device_id", ForeignText),
    Column("first_at", UtcDateTime, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),  # changes
    Column("times", Integer, nullable=False),  # changes
)

# Takes anything, of any length: no index here holds a stranger's text (PostgreSQL bounds index entries at 2.7 kB).
quarantine = Table(
    "quarantine",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("raw_sha256", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("message_en", ForeignText, nullable=False),
    Column("message_fr", ForeignText, nullable=False),
    Column("form_id", ForeignText),
    Column("version", ForeignText),
    Column("instance_id", ForeignText),
    Column("deprecated_id", ForeignText),
    Column("deprecated_sha256", Text, index=True),  # of deprecated_id: finds the edits that wait for an original
    Column("submitter", ForeignText),
    Column("device_id", ForeignText),
    Column("first_at", UtcDateTime, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),  # changes
    Column("times", Integer, nullable=False),  # changes
    Column("released_at", UtcDateTime, index=True),  # changes
    Column("raw", LargeBinary, nullable=False),  # last: SQLite walks all of it to reach a column behind it
    UniqueConstraint("raw_sha256", "reason"),
)

quarantine_attachments = Table(
    "quarantine_attachments",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("quarantine_id", ForeignKey("quarantine.id"), nullable=False, index=True),
    Column("name", ForeignText, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("content_type", ForeignText),
)

users = Table(
    "users",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False, unique=True),  # the name as compared: `Awa` and `awa` are one person
    Column("role", Text, nullable=False),
    Column("password_hash", Text),  # NULL: signs in with tokens only
    Column("created_at", UtcDateTime, nullable=False),
    Column("disabled_at", UtcDateTime),  # changes
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("user_id", ForeignKey("users.id"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("secret_sha256", Text, nullable=False, unique=True),
    Column("issued_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),  # changes
)

audit_events = Table(
    "audit_events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", ForeignText, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", ForeignText, nullable=False),
    Column("detail", Text),  # JSON
)

# One row a form of a source that is pulled, with how far.
pull_states = Table(
    "pull_states",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", Text, nullable=False),
    Column("remote_id", Text, nullable=False),
    Column("form_id", Text, nullable=False),  # under which its records are kept here
    Column("title", ForeignText, nullable=False),  # changes, as all below
    Column("cursor", Text),
    Column("pulled_at", UtcDateTime),
    Column("swept_at", UtcDateTime),
    Column("tried_at", UtcDateTime),  # the last try, as all below
    Column("failed_since", UtcDateTime),  # NULL: it succeeded, as in both messages
    Column("failure_en", ForeignText),
    Column("failure_fr", ForeignText),
    Column("needs_person", ForeignText),  # JSON, a list of [en, fr]; of the last pull that succeeded
    UniqueConstraint("source", "remote_id"),
)

# One row a record of a source, of which all but the ids changes: what the source has now, as far as it was pulled.
mirrored_records = Table(
    "mirrored_records",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("pull_state_id", ForeignKey("pull_states.id"), nullable=False),
    Column("remote_id", Text, nullable=False),
    Column("root_id", Text, nullable=False),
    Column("submission_id", ForeignKey("submissions.id"), index=True),  # NULL: never kept, only set aside
    Column("version_id", ForeignKey("submission_versions.id")),  # which version the source has; NULL as above
    Column("quarantine_id", ForeignKey("quarantine.id")),  # its newest state was set aside
    Column("mark", Text, nullable=False),
    Column("lacks_media", Boolean, nullable=False),
    Column("gone_at", UtcDateTime),
    UniqueConstraint("pull_state_id", "remote_id"),
    Index(None, "pull_state_id", "root_id"),
)
Index(
    None,
    mirrored_records.c.quarantine_id,
    sqlite_where=mirrored_records.c.quarantine_id.is_not(None),
    postgresql_where=mirrored_records.c.quarantine_id.is_not(None),
)

# The media that a source lists for a record now, and which of them were fetched.
remote_media = Table(
    "remote_media",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("mirrored_id", ForeignKey("mirrored_records.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("name", ForeignText, nullable=False),
    Column("remote_id", ForeignText, nullable=False),
    Column("content_type", ForeignText),
    Column("state", Text, nullable=False),  # changes: listed, received, absent
    Column("sha256", Text),  # changes: of the bytes fetched last
    Column("size", BigInteger),  # changes
    UniqueConstraint("mirrored_id", "remote_id"),
    CheckConstraint("state IN ('listed', 'received', 'absent')", name="state"),
    Index(None, "state", "id"),
)

# What a server's hook said changed, until it is looked at.
pull_hints = Table(
    "pull_hints",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", Text, nullable=False),
    Column("remote_id", Text, nullable=False),  # of the form
    Column("root_id", ForeignText, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("source", "remote_id", "root_id"),
    sqlite_autoincrement=True,  # a key that was looked at never stands for a hint that came later
)

# Counts the changes that a build must see (store.changes); several rows, so that writers need not queue for one.
change_counts = Table(
    "change_counts",
    metadata,
    Column("shard", Integer, primary_key=True, autoincrement=False),
    Column("changes", BigInteger, nullable=False),
)
