"""Which servers submissions come from: `sources.toml`, else what other tools have set up.

With `jekafo.settings` the only reader of the environment. What is written for this project comes before what lies
around: `sources.toml` before KOBOTOOLBOX_URL and KOBOTOOLBOX_TOKEN (robotoolbox and others) and ~/.pyodk_config.toml
(pyODK); a source is never pieced together from two of them, or a key could go to a server it is not for.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from forms.text import Bilingual
from jekafo.settings import Settings
from jekafo.sources.configured import CENTRAL, KOBO, ConfiguredSource, source_of
from jekafo.sources.file import FILE_NAME, SourceSettingsInvalid, SourceTable, read_sources_file, read_toml, table_in
from sync.errors import SourceUnknown


@dataclass(frozen=True, slots=True)
class ConfiguredSources:
    """All sources of a project by name, and why others that lie around cannot be used."""

    by_name: Mapping[str, ConfiguredSource]
    unusable: Mapping[str, SourceSettingsInvalid] = field(default_factory=dict)

    def named(self, name: str) -> ConfiguredSource:
        """Return a source. Raises SourceUnknown, or SourceSettingsInvalid for one that cannot be used as it is."""
        if name in self.unusable:
            raise self.unusable[name]
        if name not in self.by_name:
            listed = ", ".join(sorted(self.by_name))
            known = Bilingual(f"Known: {listed}.", f"Connues : {listed}.") if listed else NONE_YET
            raise SourceUnknown(
                Bilingual(f"No source is called {name}. {known.en}", f"Aucune source ne s'appelle {name}. {known.fr}")
            )
        return self.by_name[name]


NONE_YET = Bilingual(
    "None is set up yet: jekafo source add NAME --kind kobo --address https://kf.kobotoolbox.org",
    "Aucune n'est encore configurée : jekafo source add NOM --kind kobo --address https://kf.kobotoolbox.org",
)


def sources_path(settings: Settings) -> Path:
    """Where the project's own sources are written."""
    return settings.project / FILE_NAME


def configured_sources(settings: Settings) -> ConfiguredSources:
    """Return all sources of the project. Raises SourceSettingsInvalid for a fault in `sources.toml`.

    A fault in what other tools have set up only makes that source unusable: it is none of this project's business
    until somebody asks for it.
    """
    by_name = {table.name: source_of(table) for table in read_sources_file(sources_path(settings))}
    unusable: dict[str, SourceSettingsInvalid] = {}
    for name, found in ((KOBO, _from_variables), (CENTRAL, _from_pyodk)):
        if name in by_name:
            continue
        try:
            source = found()
        except SourceSettingsInvalid as error:
            unusable[name] = error
        else:
            if source is not None:
                by_name[name] = source
    return ConfiguredSources(by_name, unusable)


def usable_sources(settings: Settings) -> tuple[ConfiguredSources, Bilingual | None]:
    """Return what `configured_sources` does, and for who has other work to do, no source and why instead of an error.

    Where `sources.toml` cannot be used, what other tools have set up is not used in its place.
    """
    try:
        return configured_sources(settings), None
    except SourceSettingsInvalid as error:
        return ConfiguredSources({}), error.message
    except OSError as error:
        path = sources_path(settings)
        return ConfiguredSources({}), Bilingual(
            f"{path} cannot be read: {error.strerror}. Check its name, its folder and your permissions.",
            f"{path} ne peut être lu : {error.strerror}. Vérifiez son nom, son dossier et vos droits.",
        )


def hook_secrets(sources: ConfiguredSources) -> Mapping[str, str]:
    """Return the secrets of hooks by source, in clear: for who compares them."""
    return {
        name: source.hook_secret.get_secret_value()
        for name, source in sources.by_name.items()
        if source.hook_secret is not None
    }


class _Variables(BaseSettings):
    """What other clients of KoboToolbox and ODK Central read too; with our prefix, for this project alone."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", env_ignore_empty=True)

    url: str | None = Field(default=None, validation_alias=AliasChoices("JEKAFO_KOBOTOOLBOX_URL", "KOBOTOOLBOX_URL"))
    token: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("JEKAFO_KOBOTOOLBOX_TOKEN", "KOBOTOOLBOX_TOKEN")
    )
    pyodk: Path | None = Field(default=None, validation_alias=AliasChoices("PYODK_CONFIG_FILE"))


def _from_variables() -> ConfiguredSource | None:
    variables = _Variables()
    if variables.url is None and variables.token is None:
        return None
    if variables.url is None or variables.token is None:
        missing = "KOBOTOOLBOX_URL" if variables.url is None else "KOBOTOOLBOX_TOKEN"
        raise SourceSettingsInvalid(
            Bilingual(
                f"{missing} is not set, so the source kobo cannot be used. Set KOBOTOOLBOX_URL "
                "(https://kf.kobotoolbox.org) and KOBOTOOLBOX_TOKEN, or use jekafo source add.",
                f"{missing} n'est pas défini ; la source kobo est donc inutilisable. Définissez KOBOTOOLBOX_URL "
                "(https://kf.kobotoolbox.org) et KOBOTOOLBOX_TOKEN, ou utilisez jekafo source add.",
            )
        )
    values = {"kind": KOBO, "address": variables.url, "token": variables.token.get_secret_value()}
    written_as = {"address": "KOBOTOOLBOX_URL", "token": "KOBOTOOLBOX_TOKEN"}
    return source_of(SourceTable(KOBO, "KOBOTOOLBOX_URL", values, written_as=written_as))


def _from_pyodk() -> ConfiguredSource | None:
    path = _Variables().pyodk or Path.home() / ".pyodk_config.toml"
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise SourceSettingsInvalid(
            Bilingual(
                f"{path} cannot be read, so the source central cannot be used. Check its name and permissions.",
                f"{path} est illisible ; la source central est donc inutilisable. Vérifiez son nom et ses droits.",
            )
        ) from error
    central = read_toml(text, str(path)).get("central")
    if not isinstance(central, dict):
        return None
    values = {key: central[theirs] for key, theirs in _PYODK_KEYS.items() if theirs in central}
    table = SourceTable(CENTRAL, str(path), {"kind": CENTRAL, **values}, written_as=_PYODK_KEYS)
    return source_of(table_in(text, "central", table))


# Source: https://getodk.github.io/pyodk/ "Configuration"
_PYODK_KEYS = {
    "address": "base_url",
    "username": "username",
    "password": "password",
    "project": "default_project_id",
}
