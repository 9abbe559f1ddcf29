"""A client's way to a simulated Central that holds the recordings' form, for the tests of the simulation itself."""

import json
from typing import Any

from servers.central import ADMIN_EMAIL, ADMIN_PASSWORD, CentralServer, household_form
from servers.central_records import Form
from servers.clock import Clock
from servers.reply import Reply

HOUSEHOLD = "/v1/projects/1/forms/household"
LIST = f"{HOUSEHOLD}.svc/Submissions"


class Central:
    """A server with the recordings' form in both versions, and a client's way to it."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.server = CentralServer(self.clock)
        self.project = self.server.add_project("Household survey 2026")
        self.form: Form = self.server.add_form(self.project, household_form(1), {"villages.csv": b"name,label\n"})
        self.server.publish_version(self.form, household_form(2))
        self.token = self.sign_in(ADMIN_EMAIL, ADMIN_PASSWORD)

    def sign_in(self, email: str, password: str) -> str:
        body = json.dumps({"email": email, "password": password}).encode()
        answered = self.ask("POST", "/v1/sessions", body=body, headers={"Content-Type": "application/json"})
        assert answered.status == 200
        return str(answered.json["token"])

    def ask(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        headers: dict[str, str] | None = None,
        body: bytes = b"",
    ) -> Reply:
        signed = {"Authorization": f"Bearer {token}"} if token else {}
        url = path if path.startswith("https:") else f"https://central.test{path}"
        return self.server.handle(method, url, signed | (headers or {}), body)

    def get(self, path: str, **headers: str) -> Reply:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.ask("GET", path, token=self.token, headers=named)

    def rows(self, options: str = "") -> list[dict[str, Any]]:
        answered = self.get(f"{LIST}?$select=__id,__system{options}")
        assert answered.status == 200, answered.body
        return list(answered.json["value"])

    def ids(self, options: str = "") -> list[str]:
        return [row["__id"] for row in self.rows(options)]

    def system(self, root_id: str) -> dict[str, Any] | None:
        return next((row["__system"] for row in self.rows() if row["__id"] == root_id), None)


def instance(number: int, *, version: str = "2026020101", edit: int = 0, photos: tuple[str, ...] = ()) -> bytes:
    """A household. edit: how many times it was edited before and with this."""

    def name(of: int) -> str:
        return f"uuid:{number:08d}-0000-4000-8000-{of:012d}"

    deprecated = f"<orx:deprecatedID>{name(edit - 1)}</orx:deprecatedID>" if edit else ""
    named = dict(zip(("photo", "voice"), photos, strict=False))
    files = "".join(f"<{key}>{value}</{key}>" for key, value in named.items())
    return (
        f'<data xmlns:orx="http://openrosa.org/xforms" id="household" version="{version}"><head><name>N{number}</name>'
        f"<age>{30 + edit}</age><income>125000.50</income>{files}</head><orx:meta>"
        f"<orx:instanceID>{name(edit)}</orx:instanceID>{deprecated}</orx:meta></data>"
    ).encode()
