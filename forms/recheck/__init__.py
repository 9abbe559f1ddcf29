"""Check a filled-in form against the rules of its XForm, in Python and without JavaRosa.

Independent of whoever filled it in: skip logic, constraints, choice filters, calculations and types are worked out
again here. What cannot be worked out is counted and named, never passed over.
"""

from forms.recheck.outcome import BrokenRule, NotChecked, Rechecked, Rule
from forms.recheck.rechecker import Rechecker, broken_rules

__all__ = ["BrokenRule", "NotChecked", "Rechecked", "Rechecker", "Rule", "broken_rules"]
