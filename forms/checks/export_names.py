"""Tell of names that collide or are changed when the answers go to SPSS or Stata.

SPSS: 64 bytes, case does not count, no leading underscore, some words are its own. Stata: 32 characters. Sources:
KoBoToolbox formpack (`utils/spss.py`), kpi#2004, and the manuals' rules for variable names.
"""

from collections.abc import Iterator, Mapping

from forms.examined import Examined
from forms.finding import Findings
from forms.form import Question
from forms.nearest import listed
from forms.text import Bilingual

CODES: Mapping[str, Bilingual] = {
    "name_refused_by_spss": Bilingual(
        "A question's name is one that SPSS refuses or changes.",
        "Le nom d'une question est refusé ou modifié par SPSS.",
    ),
    "names_cut_alike": Bilingual(
        "Two names are the same once Stata (32 characters) or SPSS (64 bytes) has cut them.",
        "Deux noms deviennent identiques une fois coupés par Stata (32 caractères) ou SPSS (64 octets).",
    ),
    "names_alike_in_case": Bilingual(
        "Two questions' names differ in capitals only.",
        "Les noms de deux questions ne diffèrent que par les majuscules.",
    ),
    "name_used_in_two_groups": Bilingual(
        "Questions of several groups have one name, which collides in an export without group names.",
        "Des questions de plusieurs groupes ont le même nom : conflit dans un export sans noms de groupes.",
    ),
    "name_of_a_dummy": Bilingual(
        "A question is named like the column that an export makes of a select_multiple's choice.",
        "Une question porte le nom de la colonne qu'un export crée pour un choix d'un select_multiple.",
    ),
    "names_not_plain": Bilingual(
        "Names hold capitals or letters beyond ASCII, which some statistics programs change.",
        "Des noms ont des majuscules ou des lettres hors ASCII, que certains logiciels statistiques modifient.",
    ),
    "names_long_for_stata": Bilingual(
        "Names are longer than Stata's 32 characters, which cuts them.",
        "Des noms dépassent les 32 caractères de Stata, qui les coupe.",
    ),
}

STATA_CHARACTERS = 32
SPSS_BYTES = 64
_SPSS_WORDS = frozenset(["ALL", "AND", "BY", "EQ", "GE", "GT", "LE", "LT", "NE", "NOT", "OR", "TO", "WITH"])


def check(examined: Examined, findings: Findings) -> None:
    """Add findings about the names of questions that hold answers and stand in the workbook."""
    questions = [each for each in examined.form.questions if each.type != "note" and each.path in examined.rows]
    _tell_refused(questions, examined, findings)
    _tell_alike(questions, examined, findings)
    _tell_dummies(questions, examined, findings)
    plain = [each for each in questions if not each.name.isascii() or each.name != each.name.lower()]
    long = [each for each in questions if len(each.name) > STATA_CHARACTERS]
    if plain:
        findings.info(
            "names_not_plain",
            examined.at(plain[0].path, "name"),
            f"Names in ASCII and lower case survive every program. Not so: {_names(plain)}.",
            f"Des noms en ASCII et en minuscules survivent à tous les logiciels. Ce n'est pas le cas de : "
            f"{_names(plain)}.",
        )
    if long:
        findings.info(
            "names_long_for_stata",
            examined.at(long[0].path, "name"),
            f"Stata cuts names after {STATA_CHARACTERS} characters: {_names(long)}. Shorten them.",
            f"Stata coupe les noms après {STATA_CHARACTERS} caractères : {_names(long)}. Raccourcissez-les.",
        )


def _tell_refused(questions: list[Question], examined: Examined, findings: Findings) -> None:
    refused = [
        each
        for each in questions
        if each.name.upper() in _SPSS_WORDS or each.name.startswith("_") or each.name.endswith(".")
    ]
    if refused:
        findings.info(
            "name_refused_by_spss",
            examined.at(refused[0].path, "name"),
            f"SPSS changes or refuses names that begin with an underscore, end with a dot or are words of its own: "
            f"{_names(refused)}. Rename them.",
            f"SPSS modifie ou refuse les noms qui commencent par un tiret bas, finissent par un point ou lui "
            f"sont réservés : {_names(refused)}. Renommez-les.",
        )


def _tell_alike(questions: list[Question], examined: Examined, findings: Findings) -> None:
    first: dict[str, Question] = {}
    cut: dict[str, Question] = {}
    shared: list[Question] = []
    for question in questions:
        name = question.name
        other = first.setdefault(name.casefold(), question)
        longer = [cut.setdefault(key, question) for key in _cuts(name)]
        if other.name != name:
            _tell_pair(question, other, examined, findings)
        elif other is not question and other.repeat == question.repeat:
            shared.append(question)
        if other is not question:
            continue
        same = next((each for each in longer if each is not question and each.name != name), None)
        if same is not None:
            findings.warning(
                "names_cut_alike",
                examined.at(question.path, "name"),
                f"{name} and {same.name} become one name where Stata or SPSS cuts them. Shorten one of them.",
                f"{name} et {same.name} deviennent un seul nom une fois coupés par Stata ou SPSS. Raccourcissez-en un.",
            )
    _tell_shared(shared, examined, findings)


def _cuts(name: str) -> Iterator[str]:
    if len(name) >= STATA_CHARACTERS:
        yield f"stata {name[:STATA_CHARACTERS]}"
    if len(name.encode()) >= SPSS_BYTES:
        yield f"spss {name.encode()[:SPSS_BYTES].decode(errors='ignore').casefold()}"


def _tell_pair(question: Question, other: Question, examined: Examined, findings: Findings) -> None:
    findings.warning(
        "names_alike_in_case",
        examined.at(question.path, "name"),
        f"{question.name} and {other.name} differ in capitals only: SPSS and many tables take them for one. Rename "
        "one.",
        f"{question.name} et {other.name} ne diffèrent que par les majuscules : SPSS et bien des tables les "
        "confondent. Renommez-en un.",
    )


def _tell_shared(shared: list[Question], examined: Examined, findings: Findings) -> None:
    if shared:
        findings.info(
            "name_used_in_two_groups",
            examined.at(shared[0].path, "name"),
            f"Several groups have questions of one name, which an export without group names mixes: {_names(shared)}. "
            "Rename them.",
            f"Plusieurs groupes ont des questions de même nom, qu'un export sans noms de groupes mélange : "
            f"{_names(shared)}. Renommez-les.",
        )


def _tell_dummies(questions: list[Question], examined: Examined, findings: Findings) -> None:
    by_name = {question.name: question for question in questions}
    dummies = [
        by_name[dummy]
        for question in questions
        if question.type == "select_multiple"
        for dummy in (f"{question.name}_{choice.name}" for choice in examined.form.choices(question))
        if dummy in by_name
    ]
    if dummies:
        findings.info(
            "name_of_a_dummy",
            examined.at(dummies[0].path, "name"),
            f"An export with a column for each choice of a select_multiple gives these names to such columns: "
            f"{_names(dummies)}. Rename the questions.",
            f"Un export avec une colonne par choix d'un select_multiple donne ces noms à des colonnes : "
            f"{_names(dummies)}. Renommez les questions.",
        )


def _names(questions: list[Question]) -> str:
    return listed(dict.fromkeys(question.name for question in questions))
