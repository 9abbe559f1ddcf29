"""How the simulated Central says no: dotted codes and words, each as recorded or as Central's own API lists it."""

from collections.abc import Mapping
from typing import Any


class Problem(Exception):
    """An answer that is no success. code: dotted, its whole part the HTTP status; None for a bare error."""

    def __init__(
        self, code: str | None, message: str, details: Mapping[str, Any] | None = None, *, status: int | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details
        self.status = status if status is not None else int((code or "500").split(".", maxsplit=1)[0])

    def as_json(self) -> dict[str, Any]:
        body: dict[str, Any] = {"message": self.message}
        if self.code is not None:
            body["code"] = float(self.code)
        if self.details is not None:
            body["details"] = dict(self.details)
        return body


def not_found() -> Problem:
    return Problem("404.1", "Could not find the resource you were looking for.")


def not_authenticated() -> Problem:
    return Problem("401.2", "Could not authenticate with the provided credentials.")


def basic_needs_https() -> Problem:
    return Problem("401.3", "This authentication method is only available over HTTPS")


def forbidden() -> Problem:
    return Problem("403.1", "The authentication you provided does not have rights to perform that action.")


def missing(field: str) -> Problem:
    return Problem("400.2", f"Required parameter {field} missing.", {"field": field})


def missing_parameters(expected: tuple[str, ...], got: Mapping[str, str]) -> Problem:
    said = ", ".join(f"{name}: '{got[name]}'" if name in got else f"{name}: undefined" for name in expected)
    return Problem(
        "400.3",
        f"Required parameters missing. Expected ({', '.join(expected)}), got ({said}).",
        {"expected": list(expected), "got": dict(got)},
    )


def not_json(length: int) -> Problem:
    return Problem(
        "400.1",
        f"Could not parse the given data ({length} chars) as json.",
        {"format": "json", "rawLength": length},
    )


def unexpected_value(field: str, value: Any, reason: str) -> Problem:
    return Problem(
        "400.8",
        f"Unexpected {field} value {value}; {reason}",
        {"field": field, "value": value, "reason": reason},
    )


def wrong_type(field: str, expected: str) -> Problem:
    return Problem(
        "400.11",
        f"Invalid input data type: expected ({field}) to be ({expected})",
        {"field": field, "expected": expected},
    )


def exists_already(table: str, values: Mapping[str, str]) -> Problem:
    names, said = list(values), list(values.values())
    return Problem(
        "409.3",
        f"A resource already exists with {','.join(names)} value(s) of {','.join(said)}.",
        {"fields": names, "values": said, "table": table},
    )


def feature_not_supported(feature: str) -> Problem:
    return Problem("501.1", f"The requested feature {feature} is not supported by this server.", {"feature": feature})


def filter_unparseable(position: int) -> Problem:
    reason = f"Unexpected character at {position}"
    return Problem(
        "400.18", f"The OData filter expression you provided could not be parsed: {reason}", {"reason": reason}
    )


def filter_field_not_supported(text: str, position: int) -> Problem:
    return Problem(
        "501.5",
        f"The given OData filter expression references fields not supported by this server: {text} at {position}",
        {"at": position, "text": text},
    )


def database_refused() -> Problem:
    """What a `$filter` whose value PostgreSQL cannot read comes to: no code, no reason."""
    return Problem(None, "Internal Server Error", status=500)
