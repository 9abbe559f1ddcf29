"""What the names in an expression mean where it stands: variables, repeats and reference files of one form.

Compiling an expression over a scope is `transform.expression_sql`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from forms.text import Bilingual
from transform.casts import ValueType
from transform.errors import BuildError


@dataclass(frozen=True, slots=True)
class NamedColumn:
    """A variable: the repeat in whose table it stands (None: the form's own), its column and type.

    unknown_codes: choices that are no substantive answer, hence unknown in comparisons.
    """

    repeat: str | None
    column: str
    value: ValueType
    unknown_codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RowSource:
    """The table that holds the rows of the form (repeat None) or of a repeat; parent: the repeat around it."""

    table: str
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class ReferenceTable:
    """A CSV that `pulldata` reads, loaded as a table of texts."""

    table: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Scope:
    """Where an expression stands: on rows of `home` (a repeat's path; None: the form), selected under `alias`."""

    variables: Mapping[str, NamedColumn]
    rows: Mapping[str | None, RowSource]
    as_of: date
    files: Mapping[str, ReferenceTable] = field(default_factory=dict)
    home: str | None = None
    alias: str = "t"

    def at(self, home: str | None, alias: str) -> "Scope":
        """The same names, seen from rows of another table."""
        return replace(self, home=home, alias=alias)

    def variable(self, name: str) -> NamedColumn:
        """What a name means. Raises BuildError for a name that the form does not have."""
        try:
            return self.variables[name]
        except KeyError:
            raise BuildError(
                Bilingual(
                    f"there is no question and no derived variable ${{{name}}}.",
                    f"il n'y a ni question ni variable dérivée ${{{name}}}.",
                )
            ) from None

    def repeat_named(self, name: str) -> str | None:
        """The path of the repeat of this name, None where a variable has the name or no repeat does."""
        if name in self.variables:
            return None
        return next((path for path in self.rows if path is not None and path.rpartition("/")[2] == name), None)

    def upwards(self, repeat: str | None) -> Iterator[str | None]:
        """A repeat, the repeats around it from inside out, and the form."""
        while repeat is not None:
            yield repeat
            repeat = self.rows[repeat].parent
        yield None
