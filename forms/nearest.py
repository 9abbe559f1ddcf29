"""Find the word that was probably meant by one that does not exist."""

from collections.abc import Iterable
from difflib import get_close_matches

MAX_TOLD = 12
"""Words that a message lists before it stops."""


def nearest(written: str, words: Iterable[str]) -> str | None:
    """Return the word meant: the same but for case and outer spaces, else one a few letters away, else None."""
    among = list(dict.fromkeys(words))
    plain = written.strip().casefold()
    same = next((word for word in among if word.strip().casefold() == plain), None)
    if same is not None:
        return same
    close = get_close_matches(plain, among, n=1, cutoff=0.7) if len(plain) > 1 else []
    return close[0] if close else None


def listed(words: Iterable[str]) -> str:
    """The words in a row, cut where they are many."""
    among = list(words)
    return " ".join(among[:MAX_TOLD]) + (f" … ({len(among)})" if len(among) > MAX_TOLD else "")


def did_you_mean(meant: str | None) -> tuple[str, str]:
    """The question in English and French, with a space before it; empty where nothing was meant."""
    return (f" Did you mean {meant}?", f" Vouliez-vous dire « {meant} » ?") if meant else ("", "")
