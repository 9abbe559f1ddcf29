"""What keeps a translation from going out or coming back."""

from forms.errors import FormError


class WorkbookNotEditable(FormError):
    """A workbook that cannot be edited in place: another kind of file, or one whose contents would be lost."""


class TranslationFileInvalid(FormError):
    """A file that is no translation file of ours, or no longer one."""
