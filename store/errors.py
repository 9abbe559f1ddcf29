"""What the store refuses, each with its own words: grouped, as in forms.errors, by what can be done about it.

The refusals of a submission carry the reason code under which `store.quarantine` sets its bytes aside.
"""

from typing import ClassVar

from forms.errors import JekafoError, SubmissionConflict, SubmissionError
from forms.text import Bilingual


class StoreError(JekafoError):
    """The operator of this project acts: the database or the data folder is not usable as asked."""


class StoreBusy(StoreError):
    """Another process held the database for longer than we wait; nothing was written, and a retry may succeed."""


class StoreClosed(StoreError):
    """A write was asked of a database that is already closed."""


class SchemaUnknown(StoreError):
    """The database was migrated by a newer Jekafo than this one, or is not a Jekafo database."""


class UserExists(StoreError):
    """A user of that name is already here."""


class UserUnknown(StoreError):
    """No such user."""


class SubmissionUnknown(SubmissionError):
    """No submission of that id is kept here."""


class AnswersDiffer(SubmissionConflict):
    """The instanceID is kept with other answers."""

    reason: ClassVar[str] = "answers_differ"

    def __init__(self, instance_id: str) -> None:
        super().__init__(
            Bilingual(
                f"The submission {instance_id} is already kept with other answers, and a submission is never "
                "overwritten. To correct it, edit it from its current version; the data manager finds these answers "
                "among those set aside.",
                f"La soumission {instance_id} est déjà conservée avec d’autres réponses, et une soumission n’est "
                "jamais écrasée. Pour la corriger, modifiez-la à partir de sa version actuelle ; le gestionnaire des "
                "données trouvera ces réponses parmi les soumissions mises de côté.",
            )
        )


class EditOutdated(SubmissionConflict):
    """The edit started from a version that another edit has replaced meanwhile."""

    reason: ClassVar[str] = "edit_outdated"

    def __init__(self, deprecated_id: str, current_id: str) -> None:
        super().__init__(
            Bilingual(
                f"The edit starts from {deprecated_id}, which {current_id} has replaced meanwhile. Please fetch the "
                "current version and make your edits again.",
                f"La modification part de {deprecated_id}, que {current_id} a remplacée entre-temps. Veuillez "
                "récupérer la version actuelle et refaire vos modifications.",
            )
        )


class EditOfUnknown(SubmissionConflict):
    """The edit names a version that has not arrived here."""

    reason: ClassVar[str] = "edit_of_unknown"

    def __init__(self, deprecated_id: str) -> None:
        super().__init__(
            Bilingual(
                f"The edit replaces {deprecated_id}, which has not arrived here. Please send the original submission "
                "first, then the edit again.",
                f"La modification remplace {deprecated_id}, qui n’est pas arrivée ici. Veuillez d’abord envoyer la "
                "soumission d’origine, puis de nouveau la modification.",
            )
        )


class SubmissionDeleted(SubmissionConflict):
    """The submission was deleted here, and a device sends it, or an edit of it, again."""

    reason: ClassVar[str] = "submission_deleted"

    def __init__(self, instance_id: str) -> None:
        super().__init__(
            Bilingual(
                f"The submission {instance_id} was deleted here and is not taken in again. If that is a mistake, ask "
                "the data manager to restore it.",
                f"La soumission {instance_id} a été supprimée ici et n’est pas reprise. S’il s’agit d’une erreur, "
                "demandez au gestionnaire des données de la restaurer.",
            )
        )
