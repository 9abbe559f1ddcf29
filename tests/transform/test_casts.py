import duckdb
import pytest

from forms.form import Question
from transform.casts import ValueType, cast, misfit_reason, value_type

FITTING = [
    (ValueType.INTEGER, "31", "31"),
    (ValueType.INTEGER, "-007", "-7"),
    (ValueType.INTEGER, "+5", "5"),
    (ValueType.DECIMAL, "0.5", "0.5"),
    (ValueType.DECIMAL, "-.5", "-0.5"),
    (ValueType.DECIMAL, "12.", "12.0"),
    # as ODK Collect writes ten million and a half, and a hundredth of a hundredth
    (ValueType.DECIMAL, "1.00000005E7", "10000000.5"),
    (ValueType.DECIMAL, "1.0E-4", "0.0001"),
    (ValueType.DATE, "2026-02-28", "2026-02-28"),
    (ValueType.DATE, "2024-02-29", "2024-02-29"),
    (ValueType.TIME, "12:34:56", "12:34:56"),
    # the clock that the respondent saw, whatever the offset
    (ValueType.TIME, "12:34:56.500+01:00", "12:34:56.5"),
    (ValueType.DATETIME, "2026-01-05T10:00:00.000+01", "2026-01-05 09:00:00+00"),
    (ValueType.DATETIME, "2026-01-05T10:00:00-05:30", "2026-01-05 15:30:00+00"),
    (ValueType.DATETIME, "2026-01-05T10:00:00Z", "2026-01-05 10:00:00+00"),
    (ValueType.DATETIME, "2026-01-05T10:00:00", "2026-01-05 10:00:00+00"),
    (ValueType.CHOICES, "a b", "[a, b]"),
    (ValueType.CHOICES, "\n a  b ", "[a, b]"),
    (ValueType.GEOPOINT, "14.5 -4.2 270.0 5.0", "14.5 -4.2 270.0 5.0"),
    (ValueType.GEOPOINT, "16.27 -5.0E-4 0.0 0.0", "16.27 -5.0E-4 0.0 0.0"),
    (ValueType.GEOTRACE, "14.5 -4.2 0 0; 14.6 -4.2 0 0;", "14.5 -4.2 0 0; 14.6 -4.2 0 0;"),
    (ValueType.TEXT, " as it is ", " as it is "),
    (ValueType.CHOICE, "7", "7"),
]
MISFITTING = [
    (ValueType.INTEGER, "1.5", "not_an_integer"),
    (ValueType.INTEGER, "0x10", "not_an_integer"),
    (ValueType.INTEGER, "1_000", "not_an_integer"),
    (ValueType.INTEGER, "1e3", "not_an_integer"),
    (ValueType.INTEGER, " 5", "not_an_integer"),
    (ValueType.INTEGER, "5\n", "not_an_integer"),
    (ValueType.INTEGER, "٣", "not_an_integer"),
    (ValueType.INTEGER, "9223372036854775808", "out_of_range"),
    (ValueType.DECIMAL, "1,5", "not_a_decimal"),
    (ValueType.DECIMAL, "nan", "not_a_decimal"),
    (ValueType.DECIMAL, "INF", "not_a_decimal"),
    (ValueType.DECIMAL, "1e400", "out_of_range"),
    (ValueType.DECIMAL, "1e", "not_a_decimal"),
    (ValueType.DECIMAL, "1" * 400, "out_of_range"),
    (ValueType.DATE, "2026-02-30", "out_of_range"),
    (ValueType.DATE, "2026-01-05T00:00:00", "not_a_date"),
    (ValueType.DATE, "0000-01-01", "not_a_date"),
    (ValueType.DATE, "05/01/2026", "not_a_date"),
    (ValueType.TIME, "25:00:00", "out_of_range"),
    (ValueType.TIME, "12:34", "not_a_time"),
    (ValueType.DATETIME, "2026-01-05 10:00:00", "not_a_datetime"),
    (ValueType.DATETIME, "2026-13-05T10:00:00Z", "out_of_range"),
    (ValueType.DATETIME, "2026-01-05T10:00:00+99:00", "not_a_datetime"),
    (ValueType.CHOICES, " \n", "not_a_list_of_choices"),
    (ValueType.GEOPOINT, "95 0 0 0", "out_of_range"),
    (ValueType.GEOPOINT, "14.5", "not_a_geopoint"),
    (ValueType.GEOTRACE, "14.5 -4.2;x", "not_a_geotrace"),
    (ValueType.NOTHING, "said", "holds_no_answer"),
]


def judge(kind: ValueType, text: str) -> tuple[str | None, str]:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    row = connection.execute(
        f"SELECT CAST({cast(kind, 'answer')} AS VARCHAR), {misfit_reason(kind, 'answer')}"
        " FROM (SELECT ?::VARCHAR AS answer)",
        [text],
    ).fetchone()
    assert row is not None
    return row[0], row[1]


@pytest.mark.parametrize(("kind", "text", "value"), FITTING)
def test_a_text_of_the_lexical_form_is_cast(kind: ValueType, text: str, value: str):
    assert judge(kind, text)[0] == value


@pytest.mark.parametrize(("kind", "text", "reason"), MISFITTING)
def test_a_text_of_another_form_is_not_cast_and_the_reason_is_told(kind: ValueType, text: str, reason: str):
    assert judge(kind, text) == (None, reason)


@pytest.mark.parametrize("kind", list(ValueType))
def test_an_empty_text_is_missing_in_every_type(kind: ValueType):
    assert judge(kind, "")[0] is None


@pytest.mark.parametrize(
    ("kind", "data_type", "expected"),
    [
        ("integer", "int", ValueType.INTEGER),
        ("range", "decimal", ValueType.DECIMAL),
        ("calculate", "string", ValueType.TEXT),
        ("start", "dateTime", ValueType.DATETIME),
        ("today", "xsd:date", ValueType.DATE),
        ("select_one", "string", ValueType.CHOICE),
        ("select_one_from_file", "string", ValueType.CHOICE),
        ("select_multiple", "string", ValueType.CHOICES),
        ("rank", "odk:rank", ValueType.CHOICES),
        ("image", "binary", ValueType.TEXT),
        ("note", "string", ValueType.NOTHING),
    ],
)
def test_a_question_gets_the_type_of_its_form_word_or_bind(kind: str, data_type: str, expected: ValueType):
    assert value_type(Question("q", "q", kind, data_type, {})) is expected
