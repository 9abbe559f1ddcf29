"""Which language a page is in, how numbers are written in it, and that no word lacks its French."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from fastapi.testclient import TestClient
from visitors import sign_in

from api.language import LANGUAGE_COOKIE, LANGUAGES, catalog_path, words_of

API = Path(__file__).resolve().parent.parent.parent / "api"
TRIMMED = {"trim_blocks": "true", "lstrip_blocks": "true"}


def messages_of_the_source() -> Iterator[str | tuple[str, ...]]:
    """Every text that the pages and their code mark for translation."""
    found = extract_from_dir(
        API,
        method_map=[("**.py", "python"), ("templates/**.html", "jinja2")],
        options_map={"templates/**.html": TRIMMED},
        keywords={"marked": None, "gettext": None, "ngettext": (1, 2), "_": None},
    )
    for _, _, message, _, _ in found:
        yield message


def translations() -> dict[object, Message]:
    with catalog_path("fr").open("rb") as stream:
        return {message.id: message for message in read_po(stream, locale="fr") if message.id}


def test_every_text_of_the_pages_has_a_french_translation() -> None:
    texts, french = set(messages_of_the_source()), translations()

    assert len(texts) > 60
    for text in texts:
        assert text in french, f"no translation of {text!r}"
        written = french[text].string
        assert all(written if isinstance(written, tuple) else (written,)), f"an empty translation of {text!r}"
        assert not french[text].fuzzy, text


def test_the_catalog_holds_nothing_that_no_page_says() -> None:
    assert set(translations()) == set(messages_of_the_source())


def test_a_translation_names_the_same_places_to_fill_in() -> None:
    for text, message in translations().items():
        pair = (text, message.string) if isinstance(text, str) else (text[0], message.string[0])
        places = [sorted(part.split(")")[0] for part in written.split("%(")[1:]) for written in pair]
        assert places[0] == places[1], text


def test_french_is_written_with_no_break_spaces_and_typographic_apostrophes() -> None:
    for message in translations().values():
        for written in message.string if isinstance(message.string, tuple) else (message.string,):
            assert "'" not in written
            for sign in (" :", " ;", " ?", " !", " %%", "« ", " »"):
                assert sign not in written, written


@pytest.mark.parametrize(
    ("query", "cookie", "accepted", "language"),
    [
        ("", None, None, "en"),
        ("", None, "fr", "fr"),
        ("", None, "fr-ML, en;q=0.8", "fr"),
        ("", None, "bm, fr;q=0.7, en;q=0.6", "fr"),
        ("", None, "en;q=0.5, fr;q=0.9", "fr"),
        ("", None, "fr;q=0, en", "en"),
        ("", None, "de, ru", "en"),
        ("", None, "fr;q=high, en", "en"),
        ("", "fr", "en", "fr"),
        ("?lang=en", "fr", "fr", "en"),
        ("?lang=FR", None, "en", "fr"),
        ("?lang=de", None, "fr", "fr"),
        ("?lang=<script>", None, "fr", "fr"),
    ],
)
def test_the_language_is_the_wish_of_the_address_then_of_the_cookie_then_of_the_browser(
    anonymous: TestClient, query: str, cookie: str | None, accepted: str | None, language: str
) -> None:
    if cookie is not None:
        anonymous.cookies.set(LANGUAGE_COOKIE, cookie)

    answer = anonymous.get(f"/sign-in{query}", headers={} if accepted is None else {"Accept-Language": accepted})

    assert f'<html lang="{language}">' in answer.text
    assert answer.headers["content-language"] == language


def test_a_language_picked_on_a_page_stays(anonymous: TestClient) -> None:
    anonymous.get("/sign-in?lang=fr")

    assert '<html lang="fr">' in anonymous.get("/sign-in").text


def test_the_switch_keeps_the_rest_of_the_address(anonymous: TestClient) -> None:
    page = anonymous.get("/forms/voices?table=sex&round=r1&lang=en").text

    assert 'href="/forms/voices?table=sex&amp;round=r1&amp;lang=fr"' in page


def test_a_wrong_password_is_told_in_french(anonymous: TestClient) -> None:
    anonymous.headers["Accept-Language"] = "fr"

    assert "Le nom ou le mot de passe est erroné" in sign_in(anonymous, "personne").text


@pytest.mark.parametrize(
    ("language", "percent", "points", "number", "moment"),
    [
        ("en", "50.7%", "−12.3", "1,234.50", "1 Mar 2026, 09:30 UTC"),
        ("fr", "50,7\u00a0%", "−12,3", "1\u202f234,50", "1 mars 2026, 09:30 UTC"),
    ],
)
def test_numbers_and_dates_are_written_as_readers_of_the_language_write_them(
    language: str, percent: str, points: str, number: str, moment: str
) -> None:
    words = words_of(next(known for known in LANGUAGES if known == language))

    assert words.percent(0.5074) == percent
    assert words.points(-0.1234) == points
    assert words.number(1234.5, 2) == number
    assert words.moment(datetime(2026, 3, 1, 9, 30, 59, tzinfo=UTC)) == moment


@pytest.mark.parametrize(("value", "written"), [(0, "0"), (0.004, "0"), (-0.004, "0"), (0.25, "+25"), (-0.25, "−25")])
def test_a_balance_that_rounds_to_nothing_has_no_sign(value: float, written: str) -> None:
    assert words_of("en").points(value, 0) == written
