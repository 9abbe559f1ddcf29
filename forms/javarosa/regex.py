"""Whether Java, which runs `regex` on tablets and in ODK Validate, can read a regular expression."""

from functools import lru_cache

from jpype import JException

from forms.javarosa.machine import java


@lru_cache(maxsize=4096)
def regex_refusal(pattern: str) -> str | None:
    """Return what Java finds wrong with a pattern, in its own English words, or None where it can be read."""
    try:
        java("java.util.regex.Pattern").compile(pattern)
    except JException as error:
        return str(error.getDescription()) if hasattr(error, "getDescription") else str(error)
    return None
