"""Errors of this room: a build that cannot finish (`BuildError`), a figure that cannot be given (`EstimateError`)."""

from forms.errors import FormError, JekafoError


class BuildError(FormError):
    """The tables of a form cannot be built; the file that stood before still stands."""


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
