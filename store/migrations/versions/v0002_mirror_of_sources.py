"""What we hold of a source's records: pulls, mirrored records, their media, hints of hooks; versions as deployed."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_DEPLOYED_ONCE = "uq_deployments_source_remote_id_form_version_id"
_DEPLOYED_ONCE_A_NAME = "uq_deployments_source_remote_id_form_version_id_remote_version"


def upgrade() -> None:
    """Add the tables of pulling, and what deployments, submissions and attachments have to do with it."""
    with op.batch_alter_table("deployments") as deployments:
        deployments.add_column(sa.Column("remote_version", sa.Text(), nullable=True))
        deployments.add_column(sa.Column("content_hash", sa.Text(), nullable=True))
        deployments.drop_constraint(_DEPLOYED_ONCE, type_="unique")
        deployments.create_unique_constraint(
            _DEPLOYED_ONCE_A_NAME, ["source", "remote_id", "form_version_id", "remote_version"]
        )
    op.add_column("submissions", sa.Column("deleted_by", sa.Text(), nullable=True))
    op.add_column("attachments", sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "pull_states",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("form_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=True),
        sa.Column("pulled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("swept_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure_en", sa.Text(), nullable=True),
        sa.Column("failure_fr", sa.Text(), nullable=True),
        sa.Column("needs_person", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_pull_states"),
        sa.UniqueConstraint("source", "remote_id", name="uq_pull_states_source_remote_id"),
    )
    op.create_table(
        "mirrored_records",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pull_state_id", sa.Integer(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("root_id", sa.Text(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=True),
        sa.Column("version_id", sa.Integer(), nullable=True),
        sa.Column("quarantine_id", sa.Integer(), nullable=True),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("lacks_media", sa.Boolean(), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["pull_state_id"], ["pull_states.id"], name="fk_mirrored_records_pull_state_id"),
        sa.ForeignKeyConstraint(["submission_id"], ["submissions.id"], name="fk_mirrored_records_submission_id"),
        sa.ForeignKeyConstraint(["version_id"], ["submission_versions.id"], name="fk_mirrored_records_version_id"),
        sa.ForeignKeyConstraint(["quarantine_id"], ["quarantine.id"], name="fk_mirrored_records_quarantine_id"),
        sa.PrimaryKeyConstraint("id", name="pk_mirrored_records"),
        sa.UniqueConstraint("pull_state_id", "remote_id", name="uq_mirrored_records_pull_state_id_remote_id"),
    )
    op.create_index("ix_mirrored_records_pull_state_id_root_id", "mirrored_records", ["pull_state_id", "root_id"])
    op.create_index("ix_mirrored_records_submission_id", "mirrored_records", ["submission_id"])
    op.create_index(
        "ix_mirrored_records_quarantine_id",
        "mirrored_records",
        ["quarantine_id"],
        sqlite_where=sa.text("quarantine_id IS NOT NULL"),
        postgresql_where=sa.text("quarantine_id IS NOT NULL"),
    )
    op.create_table(
        "remote_media",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mirrored_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("state IN ('listed', 'received', 'absent')", name="ck_remote_media_state"),
        sa.ForeignKeyConstraint(["mirrored_id"], ["mirrored_records.id"], name="fk_remote_media_mirrored_id"),
        sa.PrimaryKeyConstraint("id", name="pk_remote_media"),
        sa.UniqueConstraint("mirrored_id", "remote_id", name="uq_remote_media_mirrored_id_remote_id"),
    )
    op.create_index("ix_remote_media_state_id", "remote_media", ["state", "id"])
    op.create_table(
        "pull_hints",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("root_id", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pull_hints"),
        sa.UniqueConstraint("source", "remote_id", "root_id", name="uq_pull_hints_source_remote_id_root_id"),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    """Take all of it away again; a version that was deployed under several names keeps its first."""
    op.drop_table("pull_hints")
    op.drop_table("remote_media")
    op.drop_table("mirrored_records")
    op.drop_table("pull_states")
    op.drop_column("attachments", "removed_at")
    op.drop_column("submissions", "deleted_by")
    op.execute(
        "DELETE FROM deployments WHERE id NOT IN "
        "(SELECT MIN(id) FROM deployments GROUP BY source, remote_id, form_version_id)"
    )
    with op.batch_alter_table("deployments") as deployments:
        deployments.drop_constraint(_DEPLOYED_ONCE_A_NAME, type_="unique")
        deployments.create_unique_constraint(_DEPLOYED_ONCE, ["source", "remote_id", "form_version_id"])
        deployments.drop_column("content_hash")
        deployments.drop_column("remote_version")
