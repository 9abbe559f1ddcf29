"""Settings: the only reader of the environment.

Every setting is an environment variable with the prefix `JEKAFO_`, or a line of `.env` in the working folder.
"""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from forms.text import Language


class Settings(BaseSettings):
    """Where a project lies and how it is served; see docs/settings.md."""

    model_config = SettingsConfigDict(env_prefix="JEKAFO_", env_file=".env", extra="ignore")

    project: Path = Field(default=Path("project"), description="Folder of the project: database, media, tables.")
    database_url: SecretStr | None = Field(
        default=None, description="PostgreSQL URL; without it a SQLite file in the project folder."
    )
    secret_key: SecretStr | None = Field(
        default=None,
        description="Signs the cookies of signed-in people; without it one is made and kept in the folder.",
    )
    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8080, ge=0, le=65535, description="Port to listen on.")
    public_url: str | None = Field(
        default=None,
        description="Address under which tablets and people reach the server, such as https://data.example.org.",
    )
    language: Language = Field(default="fr", description="Language for clients that ask for none.")
    max_submission_bytes: int = Field(default=100_000_000, gt=0, description="Largest submission with its media.")

    @property
    def address(self) -> str:
        """The address to give to tablets and people, without a slash at its end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")


def secret_key_of(settings: Settings) -> str:
    """Return the key that signs cookies: the configured one, or one made once and kept readable by the owner only."""
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value()
    settings.project.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = settings.project / "secret.key"
    # A second process may start at the same moment: whoever links first wins, and the file is never seen half-written.
    with NamedTemporaryFile("w", dir=settings.project, encoding="ascii") as fresh:
        fresh.write(secrets.token_urlsafe(48))
        fresh.flush()
        with suppress(FileExistsError):
            path.hardlink_to(fresh.name)
    return path.read_text(encoding="ascii").strip()


def terminal_language() -> Language:
    """Return the language of the person at this terminal, as the locale variables say it; English without any."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        locale = os.environ.get(variable, "")
        if locale:
            return "fr" if locale.lower().startswith("fr") else "en"
    return "en"
