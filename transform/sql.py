"""Quote what goes into generated SQL: every name and every literal passes through here."""

from collections.abc import Iterable


def name(identifier: str) -> str:
    """A quoted identifier."""
    return '"' + identifier.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A quoted text."""
    return "'" + text.replace("'", "''") + "'"


def literals(texts: Iterable[str]) -> str:
    """Quoted texts, separated by commas."""
    return ", ".join(literal(text) for text in texts)
