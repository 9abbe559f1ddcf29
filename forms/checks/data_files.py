"""Tell of media that are missing beside the workbook, and of CSV files that lack what the form reads in them.

That a list or CSV which the form loads is missing, ODK Validate says (`forms.compile.validation`).
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from forms.data_file import ITEMSETS, DataFile
from forms.examined import Examined
from forms.finding import Findings, Place
from forms.logic.expressions import Role
from forms.nearest import did_you_mean, listed, nearest
from forms.text import Bilingual
from forms.xpath.tree import Call, Path, Text, XPath, walk

CODES: Mapping[str, Bilingual] = {
    "medium_missing": Bilingual(
        "A picture, sound, video or searched file that the form names does not lie beside the workbook.",
        "Une image, un son, une vidéo ou un fichier de recherche nommé par le formulaire n'est pas à côté du classeur.",
    ),
    "data_column_missing": Bilingual(
        "A CSV file lacks a column that the form reads.",
        "Il manque à un fichier CSV une colonne que le formulaire lit.",
    ),
    "data_name_twice": Bilingual(
        "A CSV file holds a name twice, so its answer stands for two rows.",
        "Un fichier CSV contient deux fois un nom : la réponse désigne deux lignes.",
    ),
    "data_file_not_utf8": Bilingual(
        "A CSV file is not in UTF-8, so tablets garble its accents.",
        "Un fichier CSV n'est pas en UTF-8 : les tablettes en déforment les accents.",
    ),
    "data_file_semicolons": Bilingual(
        "A CSV file is separated by semicolons or tabs, so tablets read one column only.",
        "Un fichier CSV est séparé par des points-virgules ou des tabulations : les tablettes n'y lisent qu'une "
        "colonne.",
    ),
}

_MADE_BY_PYXFORM = frozenset({ITEMSETS})
_LOADED = ("jr://file", "jr://file-csv")
_MEDIA_HEADER = re.compile(r"(?:media::?|image|big-image|audio|video)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Read:
    """A column of a data file that the form reads. is_key: whether a row is found by it."""

    file_name: str
    column: str
    place: Place
    is_key: bool = False


def check(examined: Examined, findings: Findings) -> None:
    """Add findings about the files of the form; nothing is said where nobody knows what lies beside the workbook."""
    if examined.files is None:
        return
    places = dict(_places(examined))
    for name in examined.form.files:
        place = places.get(name, Place(examined.survey.name))
        is_loaded = any(f"{scheme}/{name}".encode() in examined.form.xform for scheme in _LOADED)
        if name not in examined.files and name not in _MADE_BY_PYXFORM and not is_loaded:
            findings.warning(
                "medium_missing",
                place,
                f"The form names the file {name}, and it is not there. Put {name} into the workbook's folder.",
                f"Le formulaire nomme le fichier {name}, qui est absent. Mettez {name} dans le dossier du classeur.",
            )
    readable = {
        name: data_file
        for name, data_file in examined.data_files.items()
        if _tell_unreadable(name, data_file, places.get(name, Place(examined.survey.name)), examined, findings)
    }
    for read in dict.fromkeys(_reads(examined)):
        if read.file_name in readable:
            _check_column(read, readable[read.file_name], examined, findings)


def _places(examined: Examined) -> Iterator[tuple[str, Place]]:
    """Files that the form names, each with a place that names it; later ones win."""
    for sheet in (examined.workbook.sheet("choices"), examined.survey):
        headers = [header for header in (sheet.headers if sheet is not None else ()) if _MEDIA_HEADER.match(header)]
        for row in sheet.rows if sheet is not None and headers else ():
            for header in headers:
                if row.text(header):
                    yield row.text(header), Place(sheet.name if sheet is not None else "", row.number, header)
    for path, survey_row in examined.rows.items():
        if survey_row.type.startswith(("csv-external", "xml-external")):
            yield f"{survey_row.name}.{survey_row.type[:3]}", examined.at(path, "type")
    for read in _reads(examined):
        yield read.file_name, read.place


def _reads(examined: Examined) -> Iterator[_Read]:
    for question in examined.form.questions:
        if (
            question.file_name is None
            or question.type == "select_one_external"
            or "search(" in (question.appearance or "")
        ):
            continue
        value, label = (examined.parameter(question.path, each) for each in ("value", "label"))
        place = examined.at(question.path, "parameters" if value or label else "type", "type")
        yield _Read(question.file_name, value or "name", place, is_key=True)
        yield _Read(question.file_name, label or "label", place)
        for expression in examined.expressions_of(question.path):
            if expression.role is Role.CHOICE_FILTER:
                at = examined.at(question.path, *Role.CHOICE_FILTER.columns, "type")
                yield from (_Read(question.file_name, column, at) for column in _columns(expression.tree))
    for expression in examined.expressions:
        place = examined.at(expression.owner, *expression.role.columns)
        for node in walk(expression.tree):
            match node:
                case Call("pulldata", (Text(stem), Text(column), Text(key), _)):
                    yield _Read(_csv(stem), column, place)
                    yield _Read(_csv(stem), key, place, is_key=True)
                case Path(steps, False, Call("instance", (Text(stem),))):
                    for step in steps[2:3]:
                        yield _Read(_csv(stem), step.test, place)
                    for predicate in (predicate for step in steps[1:2] for predicate in step.predicates):
                        yield from (_Read(_csv(stem), column, place) for column in _columns(predicate))
                case _:
                    pass


def _columns(tree: XPath) -> Iterator[str]:
    for node in walk(tree):
        match node:
            case Path((step,), False, None) if step.axis == "child" and step.test.isidentifier():
                yield step.test
            case _:
                pass


def _csv(stem: str) -> str:
    return stem if stem.endswith(".csv") else f"{stem}.csv"


def _tell_unreadable(name: str, data_file: DataFile, place: Place, examined: Examined, findings: Findings) -> bool:
    """Whether tablets can read the file's columns."""
    tell = examined.tell_ruin(findings)
    if not data_file.is_utf8:
        tell(
            "data_file_not_utf8",
            place,
            f"{name} is not in UTF-8: tablets garble its accents. In Excel save it as “CSV UTF-8”.",
            f"{name} n'est pas en UTF-8 : les tablettes en déforment les accents. Dans Excel, enregistrez-le au format "
            "« CSV UTF-8 ».",
        )
    if data_file.separator != ",":
        sign_en, sign_fr = ("tabs", "tabulations") if data_file.separator == "\t" else ("semicolons", "points-virgules")
        tell(
            "data_file_semicolons",
            place,
            f"{name} is separated by {sign_en}, as a French Excel saves it: tablets read one column only. Save it with "
            "commas.",
            f"{name} est séparé par des {sign_fr}, comme l'enregistre un Excel français : les tablettes n'y lisent "
            "qu'une colonne. Enregistrez-le avec des virgules.",
        )
        return False
    return True


def _check_column(read: _Read, data_file: DataFile, examined: Examined, findings: Findings) -> None:
    if read.column not in data_file.headers:
        english, french = did_you_mean(nearest(read.column, data_file.headers))
        examined.tell_ruin(findings)(
            "data_column_missing",
            read.place,
            f"{read.file_name} has no column {read.column}, so this stays blank.{english} Its columns are "
            f"{listed(data_file.headers)}.",
            f"{read.file_name} n'a pas de colonne {read.column} : ceci reste vide.{french} Ses colonnes sont "
            f"{listed(data_file.headers)}.",
        )
    elif read.is_key:
        twice = [value for value, count in Counter(data_file.values(read.column)).items() if count > 1]
        if twice:
            findings.warning(
                "data_name_twice",
                read.place,
                f"In the column {read.column} of {read.file_name} these stand more than once: {listed(twice)}. Each "
                "row needs a name of its own.",
                f"Dans la colonne {read.column} de {read.file_name}, ces valeurs figurent plusieurs fois : "
                f"{listed(twice)}. Chaque ligne doit avoir son propre nom.",
            )
