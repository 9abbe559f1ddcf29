"""Parse XML that strangers sent: no entities, no DTD, no network, bounded in size and depth.

What the elements mean is for `forms.xform` and `forms.instance`.
"""

from lxml import etree

from forms.text import Bilingual

MAX_BYTES = 20_000_000
MAX_DEPTH = 100

# libxml2's names of what is wrong ("tag name mismatch"). Its sentences quote the text, and that may be an answer.
_FAULTS = {
    number: name.removeprefix("ERR_").lower().replace("_", " ")
    for name, number in vars(etree.ErrorTypes).items()
    if name.startswith("ERR_")
}

_SAID = {
    "document empty": Bilingual("it is empty, or no XML", "il est vide, ou ce n'est pas du XML"),
    "document end": Bilingual("something follows its end", "quelque chose suit sa fin"),
    "gt required": Bilingual("it is cut off", "il est tronqué"),
    "name required": Bilingual("it is cut off, or holds a stray <", "il est tronqué, ou contient un < isolé"),
    "tag not finished": Bilingual("it is cut off", "il est tronqué"),
    "tag name mismatch": Bilingual("a tag is closed by another", "une balise est fermée par une autre"),
    "invalid char": Bilingual("it holds a character that XML has not", "il contient un caractère interdit en XML"),
    "invalid encoding": Bilingual("it is not in the encoding it says", "il n'est pas dans l'encodage qu'il annonce"),
    "undeclared entity": Bilingual("it names an entity", "il nomme une entité"),
}
_ELSE = Bilingual("its syntax is wrong", "sa syntaxe est fautive")


class XmlRefused(ValueError):
    """The bytes are not XML that may be read here; `message` says why, in two languages."""

    def __init__(self, message: Bilingual) -> None:
        super().__init__(message.en)
        self.message = message


def parse_xml(raw: bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> etree._Element:
    """Return the root element of a document.

    Raises XmlRefused for what is too large, not well-formed, declares a DOCTYPE or nests deeper than max_depth.
    """
    if len(raw) > max_bytes:
        raise XmlRefused(
            Bilingual(
                f"The XML has {len(raw):,} bytes; at most {max_bytes:,} are read.",
                f"Le XML compte {len(raw):,} octets ; au plus {max_bytes:,} sont lus.",
            )
        )
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False, remove_pis=True
    )
    try:
        root = etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        fault = _FAULTS.get(getattr(error, "code", None), "syntax")
        said = _SAID.get(fault, _ELSE)
        line, column = getattr(error, "position", (1, 1))
        raise XmlRefused(
            Bilingual(
                f"The XML is not well-formed: {said.en} (line {line}, column {column}: {fault}).",
                f"Le XML est mal formé : {said.fr} (ligne {line}, colonne {column} : {fault}).",
            )
        ) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise XmlRefused(
            Bilingual(
                "The XML declares a DOCTYPE; forms and submissions have none.",
                "Le XML déclare un DOCTYPE ; les formulaires et les soumissions n'en ont pas.",
            )
        )
    if _deeper_than(root, max_depth):
        raise XmlRefused(
            Bilingual(
                f"The XML nests deeper than {max_depth} elements.",
                f"Le XML est imbriqué sur plus de {max_depth} niveaux.",
            )
        )
    return root


def local_name(element: etree._Element) -> str:
    """The element's name without its namespace."""
    # Not by etree.QName, which takes six times as long: this is asked for every node of every submission.
    return str(element.tag).rpartition("}")[2]


def _deeper_than(root: etree._Element, max_depth: int) -> bool:
    depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > max_depth:
            return True
    return False
