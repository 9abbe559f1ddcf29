"""Read the sheet `quotas`: how many interviews are wanted of whom."""

from forms.finding import Findings
from forms.interpretation import DesignRow, QuotaRow
from forms.sheets.cells import Columns, OurRow
from forms.sheets.domain import read_domain, read_round
from forms.sheets.scope import Scope

COLUMNS = Columns(
    names=("variable", "value", "target", "round"),
    required=("variable", "value", "target"),
    numbers=frozenset({"target"}),
)
EACH = "each"
"""In the place of a code: the row holds for each value of its variable."""

MAX_DIGITS = 9
"""Digits of a target; more are a slip of the keyboard."""


def read_quotas(rows: list[OurRow], scope: Scope, design: DesignRow | None, findings: Findings) -> tuple[QuotaRow, ...]:
    """Return the quotas in the sheet's order."""
    read: dict[tuple[object, ...], QuotaRow] = {}
    for row in rows:
        quota = _row(row, scope, design, findings)
        if quota is None:
            continue
        about = (quota.round, frozenset(zip(quota.variable, quota.value, strict=True)))
        if about in read:
            findings.error(
                "quota_twice",
                row.at("value"),
                f"{row.text('value')} of {row.text('variable')} stands twice. Keep one row.",
                f"{row.text('value')} de {row.text('variable')} figure deux fois. Gardez une seule ligne.",
            )
            continue
        read[about] = quota
    return tuple(read.values())


def _row(row: OurRow, scope: Scope, design: DesignRow | None, findings: Findings) -> QuotaRow | None:
    domain = read_domain(row, scope, findings, keywords=(EACH,))
    target = _target(row, findings)
    round_ = read_round(row, scope, design, findings)
    if domain is None or target is None:
        return None
    return QuotaRow(domain.variable, tuple(None if code == EACH else code for code in domain.value), target, round_)


def _target(row: OurRow, findings: Findings) -> int | None:
    if "target" in row.broken:
        return None
    text = "".join(row.text("target").split())
    # isdecimal: signs, fractions and the digits that int() takes beside 0-9 are no counts of interviews.
    if text.isascii() and text.isdecimal() and len(text) <= MAX_DIGITS and int(text) > 0:
        return int(text)
    findings.error(
        "quota_target",
        row.at("target"),
        f"The target is a whole number of interviews above 0, not {row.text('target')!r}.",
        f"La cible est un nombre entier d'entretiens supérieur à 0, et non {row.text('target')!r}.",
    )
    return None
