"""For each code of compiling and validating: a small form that triggers it, and a near miss that does not.

Forms are written as pyxform's Markdown: `survey`, `choices` and the rest as blocks of rows.
"""

# ruff: noqa: E501 - a table: a form's cells stay on one line, as a designer sees them
from dataclasses import dataclass

CHOICES = """
| choices | | | |
| | list_name | name | label |
| | yes_no | 1 | Yes |
| | yes_no | 0 | No |
"""


@dataclass(frozen=True)
class Case:
    """A trigger and its near miss; place: where the finding stands as `sheet row column`, blanks for what is unknown."""

    code: str
    place: str
    trigger: str
    near_miss: str


def survey(header: str, *rows: str) -> str:
    """The sheet survey: its header and rows, each as cells between bars."""
    return "\n".join(["| survey |", f"| | {header} |", *(f"| | {row} |" for row in rows)]) + "\n"


def sheet(name: str, header: str, *rows: str) -> str:
    """Another sheet, written like the survey."""
    return "\n".join([f"| {name} |", f"| | {header} |", *(f"| | {row} |" for row in rows)]) + "\n"


PLAIN = "type | name | label"
A = "text | a | A"


def columns(*names: str) -> str:
    """A header of the three common columns and some more."""
    return " | ".join((PLAIN, *names))


def case(code: str, place: str, header: str, trigger: tuple[str, ...], near: tuple[str, ...], more: str = "") -> Case:
    """A case whose two forms differ in rows of the survey only."""
    return Case(code, place, survey(header, *trigger) + more, survey(header, *near) + more)


ENTITIES = sheet("entities", "list_name | label", "trees | Tree")
TWO_ENTITIES = sheet("entities", "list_name | label", "trees | ${a}", "birds | ${b}")
RANGE = columns("parameters", "appearance")

CASES = (
    case("unknown_question_type", "survey 2 type", PLAIN, ("texte | a | A",), (A,)),
    case("type_missing", "survey 2 type", PLAIN, (" | b | B", A), ("note | b | B", A)),
    case("include_unsupported", "survey 2 type", PLAIN, ("include | other | ", A), ("note | other | O", A)),
    case("group_not_opened", "survey 3 type", PLAIN, (A, "end_group | | "), ("begin_group | g | G", A, "end_group | | ")),
    case("group_not_closed", "survey 2 type", PLAIN, ("begin_group | g | G", A),
         ("begin_group | g | G", A, "end_group | | ")),
    case("loop_without_list", "survey 2 type", PLAIN, ("begin loop | l | L", A, "end loop | | "),
         ("begin loop over ab | l | L", A, "end loop | | "),
         sheet("choices", "list_name | name | label", "ab | a | A", "ab | b | B")),
    case("table_list_mixed", "survey 4 type", columns("appearance"),
         ("begin_group | g | G | table-list", "select_one yes_no | a | A | ", "select_one l | b | B | ", "end_group | | | "),
         ("begin_group | g | G | table-list", "select_one yes_no | a | A | ", "select_one yes_no | b | B | ",
          "end_group | | | "), CHOICES + "| | l | 1 | One |\n"),
    case("filter_unsupported", "survey 2 choice_filter", columns("choice_filter"),
         ("select_one yes_no or_other | a | A | name = 1",), ("select_one yes_no | a | A | name = 1",), CHOICES),
    case("calculation_missing", "survey 2 calculation", columns("calculation"), ("calculate | c | | ", A + " | "),
         ("calculate | c | | 1", A + " | ")),
    case("background_geopoint_wrong", "survey 3 trigger", columns("trigger"), (A + " | ", "background-geopoint | b | | "),
         (A + " | ", "background-geopoint | b | | ${a}")),
    case("trigger_invisible", "survey 2 trigger", columns("calculation", "trigger"),
         ("calculate | c | | 1 | ", "text | t | T | | ", "calculate | d | | 2 | ${c}"),
         ("calculate | c | | 1 | ", "text | t | T | | ", "calculate | d | | 2 | ${t}")),
    case("label_missing", "survey 2 label", PLAIN, ("text | a | ", "text | b | B"), (A, "text | b | B")),
    case("image_missing", "survey 2 ", columns("media::big-image", "media::image"), (A + " | b.png | ",),
         (A + " | b.png | a.png",)),
    Case("media_unsupported", "survey 2 ", survey(columns("media::smell"), A + " | rose"),
         survey(columns("media::audio"), A + " | rose.mp3")),
    case("audit_named", "survey 2 name", PLAIN, ("audit | mine | ", A), ("audit | audit | ", A)),
    case("search_with_file", "survey 2 appearance", columns("appearance"),
         ("select_one_from_file t.csv | a | A | search('t')",), ("select_one_from_file t.csv | a | A | minimal",)),
    case("search_list_shared", "survey 2 appearance", columns("appearance"),
         ("select_one yes_no | a | A | search('t')", "select_one yes_no | b | B | "),
         ("select_one yes_no | a | A | search('t')", "select_one l | b | B | "), CHOICES + "| | l | 1 | One |\n"),
    case("external_file_twice", "survey 3 ", PLAIN, ("select_one_from_file t.csv | a | A", "select_one_from_file t.xml | b | B"),
         ("select_one_from_file t.csv | a | A", "select_one_from_file u.xml | b | B")),
    case("name_missing", "survey 2 name", PLAIN, ("text | | A",), (A,)),
    case("duplicate_name", "survey 3 name", PLAIN, (A, "text | a | Again"), (A, "text | b | B")),
    case("duplicate_repeat", "survey 6 name", PLAIN,
         ("begin_repeat | r | R", A, "end_repeat | | ", "begin_group | g | G", "begin_repeat | r | R", "text | b | B",
          "end_repeat | | ", "end_group | | "),
         ("begin_repeat | r | R", A, "end_repeat | | ", "begin_group | g | G", "begin_repeat | s | R", "text | b | B",
          "end_repeat | | ", "end_group | | ")),
    case("repeat_named_as_form", "survey 2 name", PLAIN, ("begin_repeat | data | R", A, "end_repeat | | "),
         ("begin_repeat | datum | R", A, "end_repeat | | ")),
    case("name_reserved", "survey 2 name", PLAIN, ("begin_group | meta | M", A, "end_group | | "),
         ("begin_group | metal | M", A, "end_group | | ")),
    case("name_invalid", "survey 2 name", PLAIN, ("text | 1a | A",), ("text | a1 | A",)),
    case("name_differs_in_case", "survey 3 name", PLAIN, (A, "text | A | B"), (A, "text | b | B")),
    case("reference_unknown", "survey 2 label", PLAIN, ("text | a | A ${b}",), ("text | a | A ${a}",)),
    case("reference_ambiguous", "survey 5 label", PLAIN,
         (A, "begin_group | g | G", A, "note | n | ${a}", "end_group | | "),
         (A, "begin_group | g | G", "text | b | B", "note | n | ${a}", "end_group | | ")),
    case("reference_malformed", "survey 2 label", PLAIN, ("text | a | A ${b",), ("text | a | A $b",)),
    case("references_unseparated", "survey 4 trigger", columns("calculation", "trigger"),
         (A + " | | ", "text | b | B | | ", "calculate | c | | 1 | ${a} ${b}"),
         (A + " | | ", "text | b | B | | ", "calculate | c | | 1 | ${a}, ${b}")),
    Case("duplicate_choice", "choices 3 name",
         survey(PLAIN, "select_one l | a | A") + sheet("choices", "list_name | name | label", "l | 1 | One", "l | 1 | Uno"),
         survey(PLAIN, "select_one l | a | A") + sheet("choices", "list_name | name | label", "l | 1 | One", "m | 1 | Uno")),
    Case("choice_name_missing", "choices 2 name",
         survey(PLAIN, "select_one l | a | A") + sheet("choices", "list_name | name | label", "l | | One", "l | 2 | Two"),
         survey(PLAIN, "select_one l | a | A") + sheet("choices", "list_name | name | label", "l | 1 | One", "l | 2 | Two")),
    case("choice_name_with_spaces", "choices 2 name", PLAIN, ("select_multiple l | a | A",), ("select_one l | a | A",),
         sheet("choices", "list_name | name | label", "l | very good | Very good", "l | bad | Bad")),
    Case("choice_label_missing", "choices 3 label",
         survey(PLAIN, "select_one l | a | A") + sheet("choices", "list_name | name | label", "l | 1 | One", "l | 2 | "),
         survey(PLAIN, "select_one l | a | A") + sheet("choices", "list_name | name | label", "l | 1 | One", "l | 2 | Two")),
    case("external_list_unknown", "survey 2 type", columns("choice_filter"),
         ("select_one_external cities | a | A | true()",), ("select_one_external towns | a | A | true()",),
         sheet("external_choices", "list_name | name | label", "towns | m | Mopti")),
    case("list_unknown", "survey 2 type", PLAIN, ("select_one yesno | a | A",), ("select_one yes_no | a | A",), CHOICES),
    Case("choices_missing", "survey 2 type", survey(PLAIN, "select_one yes_no | a | A"),
         survey(PLAIN, "select_one yes_no | a | A") + CHOICES),
    Case("external_choices_missing", "survey 2 type", survey(columns("choice_filter"), "select_one_external t | a | A | true()"),
         survey(columns("choice_filter"), "select_one_external t | a | A | true()")
         + sheet("external_choices", "list_name | name | label", "t | m | Mopti")),
    case("list_empty", "survey 2 type", PLAIN, ("select_multiple_from_file t.csv | a | A",),
         ("select_one_from_file t.csv | a | A",), sheet("settings", "form_id | add_none_option", "f | yes")),
    case("file_ending_unknown", "survey 2 type", PLAIN, ("select_one_from_file t.txt | a | A",),
         ("select_one_from_file t.csv | a | A",)),
    Case("header_with_spaces", "choices 1 my notes",
         survey(PLAIN, "select_one l | a | A") + sheet("choices", "list_name | name | label | my notes", "l | 1 | One | x"),
         survey(PLAIN, "select_one l | a | A") + sheet("choices", "list_name | name | label | notes", "l | 1 | One | x")),
    case("parameters_malformed", "survey 2 parameters", columns("parameters"), ("range | a | A | start",),
         ("range | a | A | start=1",)),
    case("parameter_unknown", "survey 2 parameters", columns("parameters"), ("range | a | A | begin=1",),
         ("range | a | A | start=1",)),
    case("range_wrong", "survey 2 parameters", columns("parameters"), ("range | a | A | start=one",),
         ("range | a | A | start=1",)),
    case("parameter_value_wrong", "survey 2 parameters", columns("parameters"), ("audio | a | A | quality=best",),
         ("audio | a | A | quality=low",)),
    case("parameter_missing", "survey 2 parameters", columns("parameters"), ("select_one yes_no | a | A | seed=1",),
         ("select_one yes_no | a | A | randomize=true seed=1",), CHOICES),
    Case("entity_not_declared", "survey 2 save_to", survey(columns("save_to"), A + " | height"),
         survey(columns("save_to"), A + " | height") + ENTITIES),
    case("save_to_twice", "survey 3 save_to", columns("save_to"), (A + " | height", "text | b | B | height"),
         (A + " | height", "text | b | B | girth"), ENTITIES),
    case("save_to_on_group", "survey 2 save_to", columns("save_to"),
         ("begin_group | g | G | height", A + " | ", "end_group | | | "),
         ("begin_group | g | G | ", A + " | height", "end_group | | | "), ENTITIES),
    case("entity_unknown", "survey 2 save_to", columns("save_to"), (A + " | shrubs#height",), (A + " | trees#height",),
         ENTITIES),
    Case("entity_incomplete", "entities 2 label", survey(PLAIN, A) + sheet("entities", "list_name", "trees"),
         survey(PLAIN, A) + ENTITIES),
    case("save_to_without_entity", "survey 2 save_to", columns("save_to"),
         (A + " | height", "begin_repeat | r | R | ", "text | b | B | birds#song", "end_repeat | | | "),
         (A + " | trees#height", "begin_repeat | r | R | ", "text | b | B | birds#song", "end_repeat | | | "), TWO_ENTITIES),
    case("save_to_malformed", "survey 2 save_to", columns("save_to"), (A + " | trees#a#b",), (A + " | trees#ab",), ENTITIES),
    case("entity_scope", "entities 3 ", PLAIN, (A, "text | b | B"),
         (A, "begin_repeat | r | R", "text | b | B", "end_repeat | | "), TWO_ENTITIES),
    Case("entity_name_wrong", "entities 2 list_name", survey(PLAIN, A) + sheet("entities", "list_name | label", "a.b | Tree"),
         survey(PLAIN, A) + ENTITIES),
    Case("entity_column_unknown", "entities 1 ", survey(PLAIN, A) + sheet("entities", "list_name | label | colour", "trees | T | x"),
         survey(PLAIN, A) + ENTITIES),
    Case("header_missing", "choices 1 ",
         survey(PLAIN, "select_one l | a | A") + sheet("choices", "list_name | label", "l | One"),
         survey(PLAIN, "select_one l | a | A") + sheet("choices", "list_name | name | label", "l | 1 | One")),
    Case("header_twice", "survey 1 caption", survey(columns("caption"), A + " | B"), survey(columns("hint"), A + " | B")),
    Case("duplicate_header", "survey 1 label", survey(columns("label"), A + " | B"), survey(columns("hint"), A + " | B")),
    Case("header_malformed", "survey 1 hint::French (fr)hint::English (en)",
         survey(columns("hint::French (fr)hint::English (en)"), A + " | B"),
         survey(columns("hint::French (fr)"), A + " | B")),
    Case("header_not_a_name", "choices 1 label:English",
         survey(PLAIN, A) + sheet("choices", "list_name | name | label::French (fr) | label:English", "l | a | A | A"),
         survey(PLAIN, A) + sheet("choices", "list_name | name | label::French (fr) | label::English (en)", "l | a | A | A")),
    Case("prefix_unbound", "survey 1 bind::esri:type", survey(columns("bind::esri:type"), A + " | x"),
         survey(columns("bind::esri:type"), A + " | x")
         + sheet("settings", "form_id | namespaces", 'f | esri="https://esri.example"')),
    Case("sheet_missing", "  ", sheet("questions", PLAIN, A) + CHOICES, survey(PLAIN, A) + CHOICES),
    Case("instance_id_omitted", "settings  omit_instanceID",
         survey(PLAIN, A) + sheet("settings", "form_id | omit_instanceID | public_key", "f | yes | KEY"),
         survey(PLAIN, A) + sheet("settings", "form_id | public_key", "f | KEY")),
    Case("sheet_name_near", "  ", survey(PLAIN, A) + sheet("setings", "form_id", "f"),
         survey(PLAIN, A) + sheet("settings", "form_id", "f")),
    Case("translation_missing", "  ", survey("type | name | label::English (en) | label::French (fr) | hint::French (fr)",
                                             "text | a | A | A | h"),
         survey("type | name | label::English (en) | label::French (fr)", "text | a | A | A")),
    Case("language_without_code", "  ", survey("type | name | label::English | label::French (fr)", "text | a | A | A"),
         survey("type | name | label::English (en) | label::French (fr)", "text | a | A | A")),
    Case("other_untranslated", "  ",
         survey("type | name | label::English (en)", "select_one yes_no or_other | a | A") + CHOICES,
         survey("type | name | label", "select_one yes_no or_other | a | A") + CHOICES),
    case("image_size", "survey 2 parameters", columns("parameters"), ("image | a | A | ",),
         ("image | a | A | max-pixels=1000",)),
    case("row_skipped", "survey 2 ", columns("hint"), (" | | | remember", A + " | "), (A + " | remember",)),
    case("metadata_unsupported", "survey 2 ", PLAIN, ("simserial | s | ", A), ("deviceid | s | ", A)),
    Case("disabled_column", "survey 2 disabled", survey(columns("disabled"), A + " | no"), survey(PLAIN, A)),
    Case("form_id_twice", "settings 1 id_string",
         survey(PLAIN, A) + sheet("settings", "form_id | id_string", "f | g"),
         survey(PLAIN, A) + sheet("settings", "form_id", "f")),
    case("external_without_filter", "survey 2 choice_filter", columns("choice_filter"),
         ("select_one_external t | a | A | ",), ("select_one_external t | a | A | true()",),
         sheet("external_choices", "list_name | name | label", "t | m | Mopti")),
    case("repeat_label_missing", "survey 2 label", PLAIN, ("begin_repeat | r | ", A, "end_repeat | | "),
         ("begin_repeat | r | R", A, "end_repeat | | ")),
    Case("xlsform_compiler_failed", "survey 2 ", survey(PLAIN, "osm colours | a | A") + sheet("osm", "list_name | name | label", "tags | n | N"),
         survey(PLAIN, "osm tags | a | A") + sheet("osm", "list_name | name | label", "tags | n | N")),
    case("cycle", "survey 2 relevant", columns("relevant"), (A + " | ${b} = 1", "text | b | B | ${a} = 1"),
         (A + " | ", "text | b | B | ${a} = 1")),
    case("function_refused", "survey 2 relevant", columns("relevant"), (A + " | uuidd() = 1",), (A + " | uuid() = 1",)),
    case("repeat_reference_ambiguous", "survey 5 calculation", columns("calculation"),
         ("begin_repeat | r | R | ", A + " | ", "end_repeat | | | ", "calculate | c | | ${a} + 1"),
         ("begin_repeat | r | R | ", A + " | ", "end_repeat | | | ", "calculate | c | | sum(${a}) + 1")),
    case("instance_unknown", "survey 3 calculation", columns("calculation"),
         ("select_one yes_no | a | A | ", "calculate | c | | instance('yesno')/root/item[name='1']/label"),
         ("select_one yes_no | a | A | ", "calculate | c | | instance('yes_no')/root/item[name='1']/label"), CHOICES),
    case("xpath_unsupported", "survey 2 relevant", columns("relevant"), (A + " | following-sibling::b = 1", "text | b | B | "),
         (A + " | ../b = 1", "text | b | B | ")),
    case("xpath_syntax", "survey 2 constraint", columns("constraint"), (A + " | . == 1",), (A + " | . = 1",)),
    case("choice_without_label", "choices 3 label", PLAIN, ("select_one l | a | A",), ("select_one m | a | A",),
         sheet("choices", "list_name | name | label", "l | 1 | One", "l | 2 | ", "m | 1 | One")),
    case("group_empty", "survey 2 type", PLAIN, ("begin_group | g | G", "end_group | | ", A),
         ("begin_group | g | G", A, "end_group | | ")),
    case("formula_fails", "survey 2 calculation", columns("calculation"), ("calculate | c | | date('never')", A + " | "),
         ("calculate | c | | date('2026-01-01')", A + " | ")),
)  # fmt: skip
