"""The pages for people: what each role finds on them, in words and numbers of the reader's language."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from lxml import html
from small_survey import AREAS, SURVEY_SHEETS, survey_workbook
from visitors import People, Reader, sign_in

from api.pages.rendering import STATIC_FOLDER, TEMPLATE_FOLDER
from api.services import Services
from forms.submission import Submission
from forms.text import Bilingual
from jekafo.build import build
from jekafo.project import opened
from jekafo.settings import Settings
from store.people import Role
from store.quarantine import Quarantined, set_aside
from store.submissions import Arrival, keep
from sync.publish import publish_here

NOTE = {
    "en": "Not published: fewer people than the minimum, or it would reveal another figure.",
    "fr": "Non publié : moins de personnes que le minimum, ou permettrait de retrouver un autre chiffre.",
}


def parsed(text: str) -> html.HtmlElement:
    return html.document_fromstring(text)


def words(element: html.HtmlElement) -> str:
    """The text of an element with every space and line break, also the no-break ones, as one plain space."""
    return " ".join(" ".join(element.itertext()).split())


def rows(page: html.HtmlElement, indicator: str) -> list[list[str]]:
    return [
        [words(cell) for cell in row.xpath("th|td")]
        for row in page.xpath(f"//section[@id='{indicator}']//table//tbody/tr")
    ]


def test_the_start_page_lists_the_forms_with_their_counts(reader: Reader) -> None:
    page = parsed(reader.browser(Role.LEAD).get("/").text)

    card = page.xpath("//article")[0]
    assert card.xpath(".//h2/a/@href") == ["/forms/voices"]
    assert "Submissions 425" in words(card)
    assert "Last received 1 Mar 2026, 09:30 UTC" in words(card)
    assert "Published version 2026010101, 1 March 2026" in words(card)


def test_a_project_without_forms_says_how_to_publish_one(anonymous: TestClient, people: People) -> None:
    sign_in(anonymous, people.of(Role.MANAGER).name)

    assert "jekafo form publish" in anonymous.get("/").text


def test_an_enumerator_sees_how_to_connect_a_tablet_and_no_figures(reader: Reader) -> None:
    browser = reader.browser(Role.ENUMERATOR, "fr")

    answer = browser.get("/")

    assert "Connecter une tablette" in answer.text
    assert "http://testserver" in answer.text
    assert "voices" not in answer.text
    assert browser.get("/forms/voices").status_code == 403


def test_an_administrator_sees_the_forms_and_no_way_to_their_figures(reader: Reader) -> None:
    answer = reader.browser(Role.ADMIN).get("/")

    assert "Voices &amp; places" in answer.text
    assert "/forms/voices" not in answer.text


def test_a_table_gives_value_interval_and_base_with_the_total_first(reader: Reader) -> None:
    page = parsed(reader.browser(Role.LEAD).get("/forms/voices?table=area_id&round=r1").text)

    table = rows(page, "trusting")
    assert [row[0] for row in table] == ["All together", "Djenné", "Mopti", "Koro", "Macina", "Ténenkou"]
    value, interval, base = table[4][1:]
    assert re.fullmatch(r"\d+%", value)
    assert re.fullmatch(r"\d+% to \d+%", interval)
    assert base == "55"
    header = page.xpath("//section[@id='trusting']//thead//th")
    assert [words(cell) for cell in header] == ["Area", "Value", "Interval (95%)", "Base"]


def test_a_figure_on_fewer_than_fifty_people_stands_in_brackets(reader: Reader) -> None:
    page = parsed(reader.browser(Role.LEAD).get("/forms/voices?table=area_id&round=r1").text)

    assert re.fullmatch(r"\[\d+%\]", rows(page, "trusting")[5][1])


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_hidden_figure_is_a_dash_with_a_note_and_a_way_to_what_is_shown(reader: Reader, language: str) -> None:
    page = parsed(reader.browser(Role.LEAD, language).get("/forms/voices?table=area_id&round=r1").text)

    hidden = page.xpath("//tr[@id='trusting.c']")[0]
    see = {"en": "see All together", "fr": "voir Ensemble"}[language]
    assert [words(cell) for cell in hidden.xpath("th|td")] == ["Koro", f"– {see}", "–", "–"]
    assert hidden.xpath(".//a/@href") == ["#trusting.total"]
    assert page.xpath("//tr[@id='trusting.total']")
    assert NOTE[language] in words(page.xpath("//section[@id='trusting']")[0])


def test_an_analyst_sees_every_figure_to_a_tenth_of_a_point(reader: Reader) -> None:
    page = parsed(reader.browser(Role.ANALYST, "fr").get("/forms/voices?table=area_id&round=r1").text)

    for row in rows(page, "trusting"):
        assert re.fullmatch(r"\[?\d+,\d %\]?", row[1]), row
    assert NOTE["fr"] not in words(page)
    assert NOTE["fr"] in words(parsed(reader.browser(Role.LEAD, "fr").get("/forms/voices").text))


def test_a_distribution_has_its_answers_as_columns_and_alone_as_rows(reader: Reader) -> None:
    browser = reader.browser(Role.LEAD, "fr")
    crossed = parsed(browser.get("/forms/voices?table=area_id").text)
    alone = parsed(browser.get("/forms/voices?table=total").text)

    header = [words(cell) for cell in crossed.xpath("//section[@id='trust_levels']//thead//th")]
    assert header == ["Zone", "Pas du tout", "Un peu", "Assez", "Tout à fait", "Base"]
    assert [row[0] for row in rows(alone, "trust_levels")] == ["Pas du tout", "Un peu", "Assez", "Tout à fait"]


def test_the_total_is_an_overview_of_all_single_figures(reader: Reader) -> None:
    page = parsed(reader.browser(Role.LEAD).get("/forms/voices?table=total&round=r1").text)

    overview = page.xpath("//section[@aria-labelledby='overview.title']")[0]
    assert [row.get("id") for row in overview.xpath(".//tbody/tr")] == [
        "trusting", "service_change", "mean_age", "oldest_trust", "only_total"
    ]  # fmt: skip
    assert re.fullmatch(
        r"Trust the gendarmerie Share of people \d+% \d+% to \d+% 190", words(overview.xpath(".//tr")[1])
    )
    assert not overview.xpath(".//img")


def test_a_figure_nobody_stands_behind_is_a_dash_for_an_analyst_too(reader: Reader) -> None:
    page = parsed(reader.browser(Role.ANALYST).get("/forms/voices?table=total&round=r1").text)

    assert words(page.xpath("//tr[@id='oldest_trust']")[0]) == "Trust, people over 150 Share of people – – 0"


def test_a_telephone_gets_a_narrower_chart(reader: Reader) -> None:
    browser = reader.browser(Role.LEAD)
    picture = parsed(browser.get("/forms/voices").text).xpath("//picture")[0]
    wide, narrow = picture.xpath(".//img/@src")[0], picture.xpath(".//source/@srcset")[0]

    widths = [int(re.search(r'width="(\d+)"', browser.get(address).text)[1]) for address in (wide, narrow)]

    assert narrow == f"{wide}&narrow=1"
    assert widths[1] < 300 < widths[0]


def test_figures_follow_a_new_build_at_once(reader: Reader, survey: Services, tmp_path: Path) -> None:
    program, path = reader.program(Role.ANALYST), "/api/v1/forms/voices/estimates/trusting?round=r1"
    before = program.get(path).json()["figures"][0]["base"]
    answers = {"round_id": "r1", "area_id": "a", "village": "a0", "weight": "10", "consent": "1", "trust": "4"}
    late = Submission("voices", "2026010101", "uuid:late", None, answers, b"<voices/>")
    survey.store.database.write(
        lambda connection: keep(connection, Arrival(late, "openrosa", None, None, None, reader.people.clock.now))
    )

    with opened(Settings(project=tmp_path / "survey", database_url=None)) as project:
        build(project, as_of=reader.people.clock.now.date())

    assert program.get(path).json()["figures"][0]["base"] == before + 1


def test_indicators_that_are_not_in_this_view_are_listed_with_the_reason(reader: Reader) -> None:
    page = parsed(reader.browser(Role.LEAD).get("/forms/voices?table=sex").text)

    absent = [words(item) for item in page.xpath("//details[contains(@class, 'absent')]//li")]
    assert "Trust, everybody – shown by All together." in absent
    assert "Mean age – shown by All together, Area." in absent
    page = parsed(reader.browser(Role.LEAD).get("/forms/voices?table=area_id").text)
    absent = [words(item) for item in page.xpath("//details[contains(@class, 'absent')]//li")]
    assert "What people wish first – not computed yet." in absent


def test_a_table_that_only_uncomputed_indicators_declare_is_not_offered(
    services: Services, people: People, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    header, *indicators = SURVEY_SHEETS["indicators"]
    ranked = [[*row[:7], "sex"] if row[0] == "wishes" else [*row[:7], "area_id"] for row in indicators]
    monkeypatch.setitem(SURVEY_SHEETS, "indicators", [header, *ranked])
    publish_here(services.store, survey_workbook(), "voices.xlsx", {"areas.csv": AREAS.encode()}, at=people.clock.now)

    page = parsed(Reader(people, app).browser(Role.LEAD).get("/forms/voices?table=sex").text)

    assert page.xpath("//select[@id='table']/option/@value") == ["total", "area_id"]


def test_rates_of_the_fieldwork_are_shares_of_visits_and_miss_no_interval(
    people: People, app: FastAPI, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    header, *indicators = SURVEY_SHEETS["indicators"]
    visits = [[*header, "unit"], *([*row, *[""] * (len(header) - len(row)), "attempts"] for row in indicators[:1])]
    monkeypatch.setitem(SURVEY_SHEETS, "indicators", visits)
    with opened(Settings(project=tmp_path, database_url=None)) as project:
        publish_here(
            project.store, survey_workbook(), "voices.xlsx", {"areas.csv": AREAS.encode()}, at=people.clock.now
        )
        build(project, as_of=people.clock.now.date())

    page = parsed(Reader(people, app).browser(Role.ANALYST, "fr").get("/forms/voices?table=area_id").text)

    section = words(page.xpath("//section[@id='trusting']")[0])
    assert "Part des visites" in section
    assert "Taux de terrain, sur toutes les visites : sans pondération ni intervalle." in section
    assert "cet échantillon" not in section


def test_figures_of_a_chosen_sample_are_shares_of_what_was_collected_and_claim_nothing_for_others(
    people: People, app: FastAPI, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    purposive = [["key", "value"], ["kind", "purposive"], ["records", "${consent} = 1"], ["geography", "area_id"]]
    monkeypatch.setitem(SURVEY_SHEETS, "design", purposive)
    with opened(Settings(project=tmp_path, database_url=None)) as project:
        publish_here(
            project.store, survey_workbook(), "voices.xlsx", {"areas.csv": AREAS.encode()}, at=people.clock.now
        )
        build(project, as_of=people.clock.now.date())

    page = words(parsed(Reader(people, app).browser(Role.ANALYST).get("/forms/voices").text))

    assert "Share of the records collected" in page
    assert "nothing follows for others" in page
    assert "Share of people" not in page
    assert "100 people in the population" not in page
    assert "How many records the figure stands on" in page
    assert "How many people" not in page
    assert "95 out of 100 such intervals" not in page


def test_the_page_names_the_round_and_the_table_under_its_title(reader: Reader) -> None:
    browser = reader.browser(Role.LEAD, "fr")

    seen = {table: parsed(browser.get(f"/forms/voices?table={table}&round=r1").text) for table in ("area_id", "total")}

    views = {table: words(page.xpath("//h1/following-sibling::p[@class='view']")[0]) for table, page in seen.items()}
    assert views == {"area_id": "Janvier 2026 · Chiffres selon : Zone", "total": "Janvier 2026 · Ensemble"}
    assert views["area_id"] in words(seen["area_id"].xpath("//title")[0])


def test_a_lead_is_told_that_bases_are_rounded_and_an_analyst_is_not(reader: Reader) -> None:
    told = {role: reader.browser(role).get("/forms/voices").text for role in (Role.LEAD, Role.ANALYST)}

    assert "Bases are rounded to the nearest 5." in told[Role.LEAD]
    assert "Bases are rounded" not in told[Role.ANALYST]


def test_only_who_publishes_forms_is_told_how(reader: Reader) -> None:
    told = {role: reader.browser(role).get("/forms/nowhere") for role in (Role.LEAD, Role.MANAGER)}

    assert [answer.status_code for answer in told.values()] == [404, 404]
    assert "The start page lists the forms of this project." in told[Role.LEAD].text
    assert "jekafo form publish" not in told[Role.LEAD].text
    assert "jekafo form publish" in told[Role.MANAGER].text


def test_a_chart_has_the_size_that_the_page_keeps_free_for_it(reader: Reader) -> None:
    browser = reader.browser(Role.LEAD)

    pictures = parsed(browser.get("/forms/voices").text).xpath("//picture")

    for picture in pictures:
        wide, narrow = picture.xpath(".//img")[0], picture.xpath(".//source")[0]
        for kept, address in ((wide, wide.get("src")), (narrow, narrow.get("srcset"))):
            drawn = html.fromstring(browser.get(address).content)
            assert (kept.get("width"), kept.get("height")) == (drawn.get("width"), drawn.get("height"))


def test_the_picker_offers_what_the_role_may_see_and_keeps_what_was_picked(reader: Reader) -> None:
    def options(role: Role, name: str) -> list[str]:
        page = parsed(reader.browser(role).get("/forms/voices?table=sex&round=r1").text)
        assert page.xpath("//select[@id='table']/option[@selected]/@value") == ["sex"]
        assert page.xpath("//select[@id='round']/option[@selected]/@value") == ["r1"]
        found: list[str] = page.xpath(f"//select[@id='{name}']/option/@value")
        return found

    assert options(Role.LEAD, "table") == ["total", "area_id", "sex"]
    assert options(Role.ANALYST, "table") == ["total", "area_id", "sex", "area_id*sex"]
    assert options(Role.LEAD, "round") == ["r1", "r2"]
    assert options(Role.ANALYST, "round") == ["all", "r1", "r2"]


@pytest.mark.parametrize("query", ["?table=village", "?table=area_id*sex", "?round=r9", "?round=all", "?table=%00'\""])
def test_a_table_or_round_that_is_not_offered_gives_way_to_one_that_is(reader: Reader, query: str) -> None:
    page = parsed(reader.browser(Role.LEAD).get(f"/forms/voices{query}").text)

    assert page.xpath("//select[@id='round']/option[@selected]/@value") == ["r2"]
    assert page.xpath("//select[@id='table']/option[@selected]/@value") == ["area_id"]


def test_every_table_has_a_caption_scopes_and_a_chart_that_says_what_it_shows(reader: Reader) -> None:
    page = parsed(reader.browser(Role.LEAD).get("/forms/voices").text)

    sections = page.xpath("//section[contains(@class, 'indicator')]")
    assert len(sections) == 5
    for section in sections:
        title = words(section.xpath(".//h2")[0])
        assert words(section.xpath(".//caption")[0]) == f"Table: {title}"
        assert not section.xpath(".//th[not(@scope)]")
        assert section.xpath(".//img/@alt") == [f"Chart of the table beside it: {title}"]
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))


def test_labels_of_the_workbook_are_never_read_as_html(reader: Reader) -> None:
    text = reader.browser(Role.LEAD).get("/forms/voices?table=area_id").text

    assert "School &lt;b&gt;&amp; canteen&lt;/b&gt;" in text
    assert "<b>" not in text


def test_a_manager_sees_in_numbers_what_waits_for_a_person(reader: Reader, survey: Services) -> None:
    aside = Quarantined(
        raw=b"<voices>what somebody said</voices>",
        reason="answers_differ",
        message=Bilingual("other answers", "autres réponses"),
        submitter=None,
        device_id=None,
        at=datetime(2026, 3, 2, tzinfo=UTC),
        form_id="voices",
    )
    survey.store.database.write(lambda connection: set_aside(connection, aside))

    seen = {
        role: parsed(reader.browser(role).get("/forms/voices").text) for role in (Role.LEAD, Role.ANALYST, Role.MANAGER)
    }

    facts = {role: words(page.xpath("//dl[contains(@class, 'facts')]")[0]) for role, page in seen.items()}
    assert "In quarantine 1 Values that do not fit 1" in facts[Role.MANAGER]
    assert "what somebody said" not in words(seen[Role.MANAGER])
    assert "quarantine" not in facts[Role.LEAD] + facts[Role.ANALYST]


def test_before_the_first_build_the_page_says_so_and_the_api_asks_to_come_back(
    services: Services, people: People, app: FastAPI
) -> None:
    publish_here(services.store, survey_workbook(), "voices.xlsx", {"areas.csv": AREAS.encode()}, at=people.clock.now)
    unbuilt = Reader(people, app)

    page = unbuilt.browser(Role.MANAGER).get("/forms/voices")
    answer = unbuilt.program(Role.LEAD).get("/api/v1/forms/voices/estimates/trusting")

    assert page.status_code == 200
    assert "The figures are not computed yet" in page.text
    assert "Last received none yet" in words(parsed(page.text))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")


def test_no_template_holds_a_script_a_style_or_an_event_and_nothing_comes_from_elsewhere() -> None:
    for template in TEMPLATE_FOLDER.glob("*.html"):
        source = template.read_text()
        assert not re.search(r"<script|\son\w+=|\sstyle=|<style|https?://", source), template.name
    assert not re.search(r"@import|https?://", (STATIC_FOLDER / "jekafo.css").read_text())


def test_the_style_sheet_is_served_under_an_address_that_changes_with_it(anonymous: TestClient) -> None:
    href = parsed(anonymous.get("/sign-in").text).xpath("//link[@rel='stylesheet']/@href")[0]

    answer = anonymous.get(href)

    assert re.fullmatch(r"/static/jekafo\.css\?v=[0-9a-f]{12}", href)
    assert answer.headers["content-type"] == "text/css; charset=utf-8"


def test_the_heartbeat_says_ok_and_nothing_else(anonymous: TestClient) -> None:
    assert anonymous.get("/healthz").text == "ok\n"
    assert anonymous.head("/healthz").status_code == 200
