"""Deployments: which form version stands on which source, under the id that the source gave it.

KoboToolbox renames a form to its asset uid; submissions are kept under our form_id, and this is where it is found.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from forms.errors import FormVersionUnknown
from forms.text import Bilingual
from store import schema


@dataclass(frozen=True, slots=True)
class Deployment:
    """A form version on a source.

    remote_version: how records of that source name it, None where that is not known; the same version may be deployed
    again under another name. content_hash: sha256 of what was uploaded, None for what was not uploaded from here.
    """

    form_id: str
    version: str
    source: str
    remote_id: str
    deployed_at: datetime
    remote_version: str | None = None
    content_hash: str | None = None


def keep_deployment(connection: Connection, deployment: Deployment) -> bool:
    """Keep a deployment; False where it was known. Raises FormVersionUnknown where the version is not kept here."""
    forms, table = schema.form_versions, schema.deployments
    form_key = connection.execute(
        select(forms.c.id).where(forms.c.form_id == deployment.form_id, forms.c.version == deployment.version)
    ).scalar_one_or_none()
    if form_key is None:
        raise FormVersionUnknown(
            Bilingual(
                f"Version '{deployment.version}' of form {deployment.form_id} is not kept here, so it cannot be noted "
                f"where it is deployed. Publish it here first.",
                f"La version « {deployment.version} » du formulaire {deployment.form_id} n’est pas conservée ici ; "
                "impossible de noter où elle est déployée. Publiez-la d’abord ici.",
            )
        )
    known = select(table.c.id).where(
        table.c.form_version_id == form_key,
        table.c.source == deployment.source,
        table.c.remote_id == deployment.remote_id,
        table.c.remote_version.is_not_distinct_from(deployment.remote_version),
    )
    if connection.execute(known).first() is not None:
        return False
    connection.execute(
        table.insert().values(
            form_version_id=form_key,
            source=deployment.source,
            remote_id=deployment.remote_id,
            deployed_at=deployment.deployed_at,
            remote_version=deployment.remote_version,
            content_hash=deployment.content_hash,
        )
    )
    return True


def deployments(connection: Connection, source: str | None = None) -> list[Deployment]:
    """Return the deployments on one source, or on all, in the order in which they were kept."""
    forms, table = schema.form_versions, schema.deployments
    query = select(forms.c.form_id, forms.c.version, table).join_from(
        table, forms, forms.c.id == table.c.form_version_id
    )
    if source is not None:
        query = query.where(table.c.source == source)
    return [
        Deployment(
            form_id=row.form_id,
            version=row.version,
            source=row.source,
            remote_id=row.remote_id,
            deployed_at=row.deployed_at,
            remote_version=row.remote_version,
            content_hash=row.content_hash,
        )
        for row in connection.execute(query.order_by(table.c.id))
    ]


def find_deployed_version(
    connection: Connection, source: str, remote_id: str, remote_version: str
) -> tuple[str, str] | None:
    """Return form id and version that records of that source mean by that name, None where nobody noted it.

    Where it was noted for several, the one noted last.
    """
    forms, table = schema.form_versions, schema.deployments
    row = connection.execute(
        select(forms.c.form_id, forms.c.version)
        .join_from(table, forms, forms.c.id == table.c.form_version_id)
        .where(table.c.source == source, table.c.remote_id == remote_id, table.c.remote_version == remote_version)
        .order_by(table.c.id.desc())
        .limit(1)
    ).first()
    return None if row is None else (row.form_id, row.version)
