"""Say what a workbook would lose if it were opened, edited and saved here: openpyxl keeps cells, not everything."""

import io
import zipfile
from collections.abc import Iterator

from forms.text import Bilingual
from forms.workbook.guard import WeighedArchive

# Parts of the archive that openpyxl 3.1 does not write again, or not whole (openpyxl.readthedocs.io, "Warnings").
_PARTS = (
    ("xl/vbaProject.bin", Bilingual("macros", "les macros")),
    ("xl/drawings/drawing", Bilingual("pictures, shapes or charts", "les images, formes ou graphiques")),
    ("xl/pivotTables/", Bilingual("pivot tables", "les tableaux croisés dynamiques")),
    ("xl/slicers/", Bilingual("slicers", "les segments")),
    ("xl/threadedComments/", Bilingual("discussions in comments", "les discussions dans les commentaires")),
    ("xl/queryTables/", Bilingual("queries to other sources", "les requêtes vers d’autres sources")),
    ("xl/connections.xml", Bilingual("connections to other sources", "les connexions à d’autres sources")),
    ("xl/ctrlProps/", Bilingual("form controls", "les contrôles de formulaire")),
    ("xl/activeX/", Bilingual("ActiveX controls", "les contrôles ActiveX")),
    ("xl/embeddings/", Bilingual("embedded documents", "les documents incorporés")),
    ("xl/richData/", Bilingual("pictures in cells", "les images dans les cellules")),
)
# What Excel 2010 and later keep in a sheet's extension list, which openpyxl drops.
_EXTENSIONS = (
    (
        b"x14:dataValidation ",
        Bilingual("drop-downs that read another sheet", "les listes qui lisent une autre feuille"),
    ),
    (
        b"x14:conditionalFormatting ",
        Bilingual("some conditional formats", "certaines mises en forme conditionnelles"),
    ),
    (b"x14:sparkline", Bilingual("sparklines", "les graphiques sparkline")),
)
_FORMULAS = Bilingual(
    "the computed values of formulas, until Excel or LibreOffice has opened and saved the file",
    "les valeurs calculées des formules, tant qu’Excel ou LibreOffice n’a pas ouvert et enregistré le fichier",
)


def losses(raw: bytes, weighed: WeighedArchive) -> tuple[Bilingual, ...]:
    """What the workbook holds that would be lost; empty where it survives whole. raw: an .xlsx that was weighed."""
    return tuple(dict.fromkeys(_found(raw, weighed)))


def _found(raw: bytes, weighed: WeighedArchive) -> Iterator[Bilingual]:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        names = archive.namelist()
        for start, what in _PARTS:
            if any(name.startswith(start) for name in names):
                yield what
        for name in names:
            if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                content = archive.read(name)
                yield from (what for mark, what in _EXTENSIONS if mark in content)
    if weighed.has_formulas:
        yield _FORMULAS
