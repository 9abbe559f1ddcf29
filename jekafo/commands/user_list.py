"""`jekafo user list`: who may sign in or send."""

from rich.table import Table

from jekafo.commands.options import ProjectOption, settings_for
from jekafo.project import opened_existing
from jekafo.terminal import out, reported, words
from store.people import users


@reported
def list_users(project: ProjectOption = None) -> None:
    """List people and tablets that are not disabled, with their roles."""
    table = Table(words("name", "nom"), words("role", "rôle"))
    with opened_existing(settings_for(project)) as open_project, open_project.store.database.read() as connection:
        for user in users(connection):
            table.add_row(user.name, user.role)
    out.print(table)
