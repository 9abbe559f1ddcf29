"""Lay out the tables of a form over all its versions.

The newest version that has a question speaks for it; a question that only older versions had keeps its last definition.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from forms.form import Choice, Form, Question
from forms.interpretation import Derived
from forms.text import Bilingual
from transform.casts import ValueType, value_type
from transform.derived_order import derived_homes
from transform.errors import BuildError
from transform.renames import earlier_paths
from transform.table_layout import (
    KEPT_RECORD,
    MAIN_KEYS,
    REPEAT_KEYS,
    SYSTEM_COLUMNS,
    Column,
    ColumnKind,
    FormLayout,
    Names,
    TableLayout,
)

_DERIVED_TYPES = {
    word: ValueType(word)
    for word in ("integer", "decimal", "date", "time", "datetime", "text", "select_one", "select_multiple")
}


def lay_out(form: Form, versions: Sequence[Form], table_names: Names) -> FormLayout:
    """Return the tables of a form: `form` is the newest version, `versions` are all of them, oldest first.

    table_names: names already given in this file; the new ones are added. Raises BuildError where two questions claim
    one path, or a derived variable cannot be placed.
    """
    newest_first = [form, *(version for version in reversed(versions) if version is not form)]
    earlier = earlier_paths(newest_first)
    heirs = {before: today for today, paths in earlier.items() for before in paths}
    questions = _questions(newest_first, heirs)
    repeats = _repeats(newest_first, heirs)
    _refuse_paths_claimed_twice(form, questions, earlier)
    main_name = table_names.claim(form.form_id)
    variables = _variable_names(form, questions)
    repeat_of = {question.path: heirs.get(question.repeat or "", question.repeat) for question in questions}
    homes = derived_homes(
        form.interpretation.derived, {name: repeat_of[path] for name, path in variables.items()}, repeats
    )
    tables = []
    for repeat in (None, *repeats):
        name = main_name if repeat is None else table_names.claim(*_table_wishes(main_name, repeat))
        system = (*REPEAT_KEYS,) if repeat else (*MAIN_KEYS, *SYSTEM_COLUMNS, KEPT_RECORD)
        inside = [question for question in questions if repeat_of[question.path] == repeat]
        answering = [question for question in inside if value_type(question) is not ValueType.NOTHING]
        derived = [variable for variable in form.interpretation.derived if homes[variable.name] == repeat]
        names = Names(system)
        columns = [
            *_question_columns(answering, newest_first, earlier, variables, names),
            *(_derived_column(variable, newest_first, names) for variable in derived),
        ]
        tables.append(
            TableLayout(
                name=name,
                asked_name=table_names.claim(f"{name}__asked"),
                repeat=repeat,
                parent=repeats[repeat] if repeat else None,
                lists=(repeat, *earlier.get(repeat, ())) if repeat else (),
                columns=tuple(columns),
                silent=tuple(q.path for q in inside if value_type(q) is ValueType.NOTHING),
            )
        )
    return FormLayout(form.form_id, tuple(tables))


def _questions(newest_first: Sequence[Form], heirs: Mapping[str, str]) -> list[Question]:
    """Every question that any version has, as its newest version tells it, without those renamed since."""
    found: dict[str, Question] = {}
    for version in newest_first:
        for question in version.questions:
            if question.path not in heirs or version is newest_first[0]:
                found.setdefault(question.path, question)
    return list(found.values())


def _repeats(newest_first: Sequence[Form], heirs: Mapping[str, str]) -> dict[str, str | None]:
    """The repeats of all versions with the one around each, outer before inner, without those renamed since."""
    every = dict.fromkeys(path for version in newest_first for path in version.repeats)
    ordered = sorted(every, key=lambda path: path.count("/"))
    return {path: _innermost(path, ordered, heirs) for path in ordered if path not in heirs}


def _innermost(path: str, repeats: Sequence[str], heirs: Mapping[str, str]) -> str | None:
    around = [repeat for repeat in repeats if path.startswith(repeat + "/")]
    innermost = max(around, key=len, default=None)
    return None if innermost is None else heirs.get(innermost, innermost)


def _table_wishes(main_name: str, repeat: str) -> tuple[str, str]:
    return f"{main_name}__{repeat.rpartition('/')[2]}", f"{main_name}__{repeat.replace('/', '__')}"


def _variable_names(form: Form, questions: Sequence[Question]) -> Mapping[str, str]:
    """Name to the path it means in expressions: the newest form's first question of that name, else the next best."""
    names = {name: question.path for name, question in form.by_name.items()}
    for question in questions:
        names.setdefault(question.name, question.path)
    for derived in form.interpretation.derived:
        names.pop(derived.name, None)
    return names


def _question_columns(
    questions: Sequence[Question],
    newest_first: Sequence[Form],
    earlier: Mapping[str, tuple[str, ...]],
    variables: Mapping[str, str],
    names: Names,
) -> Iterator[Column]:
    bearers = Counter(question.name.casefold() for question in questions)
    for question in questions:
        long_name = question.path.replace("/", "__")
        is_alone = bearers[question.name.casefold()] == 1
        value = value_type(question)
        paths = (question.path, *earlier.get(question.path, ()))
        choices = () if question.file_name is not None else _choices_of(paths, newest_first)
        yield Column(
            name=names.claim(question.name, long_name) if is_alone else names.claim(long_name),
            value=value,
            kind=ColumnKind.QUESTION,
            variable=question.name if variables.get(question.name) == question.path else None,
            paths=paths,
            list_name=question.list_name,
            codes=tuple(choice.name for choice in choices),
            unknown_codes=tuple(choice.name for choice in choices if not choice.kind.is_substantive),
            renamed_codes=_renamed_codes(choices),
        )


def _derived_column(variable: Derived, newest_first: Sequence[Form], names: Names) -> Column:
    value = _DERIVED_TYPES.get(variable.type)
    if value is None:
        raise BuildError(
            Bilingual(
                f"Derived variable {variable.name}: the type {variable.type} is not one of "
                f"{' '.join(_DERIVED_TYPES)}. Correct it in the sheet `derived`.",
                f"Variable dérivée {variable.name} : le type {variable.type} n'est pas l'un de "
                f"{' '.join(_DERIVED_TYPES)}. Corrigez-le dans la feuille `derived`.",
            )
        )
    choices = _choices(newest_first, variable.list_name)
    return Column(
        name=names.claim(variable.name),
        value=value,
        kind=ColumnKind.DERIVED,
        variable=variable.name,
        list_name=variable.list_name,
        codes=tuple(choice.name for choice in choices),
        unknown_codes=tuple(choice.name for choice in choices if not choice.kind.is_substantive),
    )


def _choices_of(paths: Sequence[str], newest_first: Sequence[Form]) -> tuple[Choice, ...]:
    """The choices of a question over all versions: the newest that has a code speaks for it."""
    found: dict[str, Choice] = {}
    for version in newest_first:
        for path in paths:
            same = version.by_path.get(path)
            if same is not None and same.file_name is None:
                for choice in version.choices(same):
                    found.setdefault(choice.name, choice)
    return tuple(found.values())


def _choices(newest_first: Sequence[Form], list_name: str | None) -> tuple[Choice, ...]:
    found: dict[str, Choice] = {}
    for version in newest_first:
        for choice in version.lists.get(list_name or "", ()):
            found.setdefault(choice.name, choice)
    return tuple(found.values())


def _renamed_codes(choices: Sequence[Choice]) -> tuple[tuple[str, str], ...]:
    """Earlier code to today's. A code that was split stays as it was, since nobody can say which half it is."""
    heirs: dict[str, list[str]] = {}
    for choice in choices:
        for earlier in choice.renamed_from:
            heirs.setdefault(earlier, []).append(choice.name)
    return tuple((earlier, today[0]) for earlier, today in heirs.items() if len(today) == 1)


def _refuse_paths_claimed_twice(
    form: Form, questions: Sequence[Question], earlier: Mapping[str, tuple[str, ...]]
) -> None:
    owners: dict[str, str] = {}
    for question in questions:
        for path in (question.path, *earlier.get(question.path, ())):
            if owners.setdefault(path, question.path) != question.path:
                raise BuildError(
                    Bilingual(
                        f"Form {form.form_id}: {question.path} and {owners[path]} both read the answers of {path}. "
                        "Correct `renamed_from` in the sheet `survey`: a path has one heir.",
                        f"Formulaire {form.form_id} : {question.path} et {owners[path]} lisent tous deux les réponses "
                        f"de {path}. Corrigez `renamed_from` dans la feuille `survey` : un chemin a un seul héritier.",
                    )
                )
