"""How a question is answered on paper, and the words that say so."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from forms.form import Question
from forms.paper.conditions import parsed
from forms.paper.controls import Scale
from forms.paper.operands import Measure, bound, constant, operands_of
from forms.paper.parts import Answer
from forms.text import Bilingual
from forms.xpath import Binary

_BY_TYPE: Mapping[str, Answer] = {
    "select_one": Answer.ONE,
    "select_one_external": Answer.ONE,
    "select_multiple": Answer.SEVERAL,
    "rank": Answer.RANK,
    "integer": Answer.INTEGER,
    "decimal": Answer.DECIMAL,
    "range": Answer.SCALE,
    "date": Answer.DATE,
    "time": Answer.TIME,
    "datetime": Answer.DATETIME,
    "geopoint": Answer.PLACE,
    "geotrace": Answer.ROUTE,
    "geoshape": Answer.AREA,
    "image": Answer.PHOTO,
    "audio": Answer.AUDIO,
    "video": Answer.VIDEO,
    "file": Answer.FILE,
    "osm": Answer.FILE,
    "barcode": Answer.BARCODE,
    "acknowledge": Answer.ACKNOWLEDGE,
}
_HOW: Mapping[Answer, Bilingual] = {
    Answer.ONE: Bilingual("one answer", "une seule réponse"),
    Answer.SEVERAL: Bilingual("several answers possible", "plusieurs réponses possibles"),
    Answer.RANK: Bilingual(
        "rank: 1 beside the first, 2 beside the next…", "à classer : 1 devant le premier, 2 devant le suivant…"
    ),
    Answer.INTEGER: Bilingual("whole number", "nombre entier"),
    Answer.DECIMAL: Bilingual("number, decimals allowed", "nombre, décimales possibles"),
    Answer.SCALE: Bilingual("circle one number", "entourez un nombre"),
    Answer.TEXT: Bilingual("in words", "texte libre"),
    Answer.DATE: Bilingual("day / month / year", "jour / mois / année"),
    Answer.TIME: Bilingual("hours : minutes", "heures : minutes"),
    Answer.DATETIME: Bilingual("day / month / year, hours : minutes", "jour / mois / année, heures : minutes"),
    Answer.PLACE: Bilingual("position: latitude and longitude", "position : latitude et longitude"),
    Answer.ROUTE: Bilingual("line on a map: note where it is kept", "tracé sur une carte : notez où il est gardé"),
    Answer.AREA: Bilingual("area on a map: note where it is kept", "surface sur une carte : notez où elle est gardée"),
    Answer.PHOTO: Bilingual("photo: note its number", "photo : notez son numéro"),
    Answer.AUDIO: Bilingual("sound recording: note its number", "enregistrement sonore : notez son numéro"),
    Answer.VIDEO: Bilingual("video: note its number", "vidéo : notez son numéro"),
    Answer.FILE: Bilingual("file: note its name", "fichier : notez son nom"),
    Answer.BARCODE: Bilingual("copy the code", "recopiez le code"),
    Answer.ACKNOWLEDGE: Bilingual("tick when done", "cochez quand c'est fait"),
}
_MOST_DIGITS = 12
_MOST_STEPS = 21


def answer_of(question: Question) -> Answer:
    """How a question is answered; what has no way of its own is written in words."""
    return _BY_TYPE.get(question.type, Answer.TEXT)


def how_to_answer(answer: Answer, scale: Scale | None) -> Bilingual:
    """The words that say how to answer."""
    if answer is Answer.SCALE and scale is not None and scale.start and scale.end:
        step_en = f", by {scale.step}" if scale.step not in ("", "1") else ""
        step_fr = f", de {scale.step} en {scale.step}" if step_en else ""
        return Bilingual(
            f"circle one number, from {scale.start} to {scale.end}{step_en}",
            f"entourez un nombre, de {scale.start} à {scale.end}{step_fr}",
        )
    return _HOW[answer]


def digits_of(question: Question) -> int:
    """How many digits the greatest answer has, where the constraint says one; else 0."""
    tree = parsed(question.constraint) if question.constraint is not None else None
    if question.type != "integer" or tree is None:
        return 0
    parts = operands_of(tree) if isinstance(tree, Binary) and tree.operator in ("and", "or") else (tree,)
    most = 0
    for part in parts:
        about = bound(part, question.path)
        if about is None or about.operand.path != question.path or about.operand.measure is not Measure.VALUE:
            continue
        limit = (constant(about.limit) or "").lstrip("-")
        if about.operator in ("<", "<=", "=") and limit.isdecimal():
            greatest = int(limit) - 1 if about.operator == "<" else int(limit)
            most = max(most, len(str(max(greatest, 0))))
    return most if most <= _MOST_DIGITS else 0


def steps_of(scale: Scale | None) -> tuple[str, ...]:
    """The numbers of a scale in order, as written; empty where they are too many to be circled, or no numbers."""
    if scale is None:
        return ()
    try:
        start, end, step = Decimal(scale.start), Decimal(scale.end), abs(Decimal(scale.step or "1"))
    except InvalidOperation:
        return ()
    if not (start.is_finite() and end.is_finite() and step.is_finite()) or step == 0:
        return ()
    count = int(abs(end - start) / step) + 1
    sign = 1 if end >= start else -1
    return tuple(f"{start + sign * step * number:f}" for number in range(count)) if count <= _MOST_STEPS else ()
