"""The addresses that a client is given, built from the one it used: the same server name, the same key in front."""

from dataclasses import dataclass
from urllib.parse import quote

from starlette.requests import Request


@dataclass(frozen=True, slots=True)
class Addresses:
    """Makes addresses below `base`: scheme, host and, for app users, the key; without a slash at the end."""

    base: str

    @classmethod
    def of(cls, request: Request) -> "Addresses":
        """Return the addresses for whoever asks here. What a proxy says of itself is for the server to believe."""
        base = str(request.base_url).rstrip("/")
        token = request.path_params.get("token")
        return cls(base if token is None else f"{base}/key/{quote(str(token), safe='$!')}")

    def form(self, form_id: str, version: str) -> str:
        """Return where the XForm is."""
        return f"{self._form(form_id)}/form.xml{_query(version)}"

    def manifest(self, form_id: str, version: str) -> str:
        """Return where the manifest is."""
        return f"{self._form(form_id)}/manifest{_query(version)}"

    def file(self, form_id: str, version: str, name: str) -> str:
        """Return where one of the form's files is."""
        return f"{self._form(form_id)}/media/{quote(name, safe='')}{_query(version)}"

    def _form(self, form_id: str) -> str:
        return f"{self.base}/forms/{quote(form_id, safe='')}"


def _query(version: str) -> str:
    return f"?version={quote(version, safe='')}"
