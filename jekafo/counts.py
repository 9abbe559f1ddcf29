"""Numbers with the thing they count, in English and in French: `0 rules`, `0 règle`."""


def grouped(number: int) -> str:
    """Return the number with thousands apart, in English."""
    return f"{number:,}"


def grouped_fr(number: int) -> str:
    """Return the number with thousands apart, in French."""
    return f"{number:,}".replace(",", "\u202f")


def counted(number: int, one: str, many: str) -> str:
    """Return `1 question`, `2 questions`, `0 questions`."""
    return f"{grouped(number)} {one if number == 1 else many}"


def counted_fr(number: int, one: str, many: str) -> str:
    """Return `1 règle`, `2 règles`, `0 règle`."""
    return f"{grouped_fr(number)} {one if number < 2 else many}"
