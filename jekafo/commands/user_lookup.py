"""The user that a command names."""

from jekafo.terminal import fail, words
from store.database import Database
from store.people import User, user_by_name


def user_named(database: Database, name: str) -> User:
    """Return the user; end with what to do where there is none of that name, or it is disabled."""
    with database.read() as connection:
        user = user_by_name(connection, name)
    if user is None:
        fail(
            words(
                f"There is no user called {name}. `jekafo user list` shows who there is.",
                f"Aucun utilisateur ne s'appelle {name}. `jekafo user list` montre qui existe.",
            )
        )
    return user
