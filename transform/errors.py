"""Errors of this room: a build that cannot finish (`BuildError`), a figure that cannot be given (`EstimateError`)."""

import duckdb

from forms.errors import FormError, JekafoError
from forms.text import Bilingual


class BuildError(FormError):
    """The tables of a form cannot be built; those that stood before still stand."""


def unexpected(error: duckdb.Error) -> BuildError:
    """An error of the database as one of a build. Its own words are left out: they may quote answers."""
    kind = type(error).__name__
    return BuildError(
        Bilingual(
            f"the database could not compute it ({kind}). Simplify what the workbook says here; if that does not "
            "help, please report it.",
            f"la base de données n'a pas pu le calculer ({kind}). Simplifiez ce que dit le classeur à cet endroit ; si "
            "cela n'aide pas, veuillez le signaler.",
        )
    )


class EstimateError(JekafoError):
    """A figure cannot be given as it was asked; the asker asks differently."""


class IndicatorUnknown(EstimateError):
    """The form's workbook declares no indicator of this name."""


class TableNotDeclared(EstimateError):
    """The indicator exists, but not by these variables: the workbook declares a closed list of tables."""


class DesignIncomplete(EstimateError):
    """The sheet `design`, or the data it names (weight, PSU, stratum), does not allow the estimate."""


class MeasureUnavailable(EstimateError):
    """The workbook declares this figure, but it is not computed: its measure, unit or question does not allow it."""
