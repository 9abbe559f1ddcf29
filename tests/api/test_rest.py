"""The JSON API: forms, indicators, and estimates as far as a role goes."""

import pytest
from visitors import Reader

from store.people import Role

ESTIMATES = "/api/v1/forms/voices/estimates"
HIDDEN = {"shown": False, "value": None, "interval": None, "base": None, "imprecise": False, "bound": None}


def test_every_reader_sees_the_forms_with_their_counts(reader: Reader) -> None:
    for role in (Role.LEAD, Role.ANALYST, Role.MANAGER):
        assert reader.program(role).get("/api/v1/forms").json() == {
            "forms": [
                {
                    "form_id": "voices",
                    "title": "Voices & places",
                    "version": "2026010101",
                    "published_at": "2026-03-01T09:30:00Z",
                    "submissions": 2 * (4 * 12 + 4 * 12 + 2 * 4 + 5 * 12 + 4 * 12) + 1,
                    "last_received": "2026-03-01T09:30:00Z",
                }
            ]
        }


def test_a_form_tells_its_versions_languages_and_rounds(reader: Reader) -> None:
    form = reader.program(Role.LEAD).get("/api/v1/forms/voices").json()

    assert form["versions"] == ["2026010101"]
    assert form["languages"] == ["English (en)", "Français (fr)"]
    assert form["rounds"] == ["r1", "r2"]


def test_indicators_are_listed_with_the_tables_that_the_asker_may_ask_for(reader: Reader) -> None:
    def trusting(role: Role) -> dict[str, object]:
        found: dict[str, object] = reader.program(role).get("/api/v1/forms/voices/indicators").json()["indicators"][0]
        return found

    assert trusting(Role.LEAD)["by"] == [[], ["area_id"], ["sex"]]
    assert trusting(Role.ANALYST)["by"] == [[], ["area_id"], ["sex"], ["area_id", "sex"]]


def test_labels_are_in_the_language_of_the_asker(reader: Reader) -> None:
    program = reader.program(Role.LEAD)

    by_header = program.get(f"{ESTIMATES}/trusting?by=sex", headers={"Accept-Language": "fr"}).json()
    by_address = program.get(f"{ESTIMATES}/trusting?by=sex&lang=en").json()

    assert by_header["label"] == "Font confiance à la gendarmerie"
    assert by_header["by"] == [{"name": "sex", "label": "Sexe"}]
    assert [figure["labels"] for figure in by_header["figures"]] == [{}, {"sex": "Femmes"}, {"sex": "Hommes"}]
    assert by_address["figures"][1]["labels"] == {"sex": "Women"}


def test_choices_kept_in_a_csv_have_their_labels_too(reader: Reader) -> None:
    figures = reader.program(Role.LEAD).get(f"{ESTIMATES}/trusting?by=area_id").json()["figures"]

    assert [figure["labels"].get("area_id") for figure in figures] == [
        None, "Djenné", "Mopti", "Koro", "Macina", "Ténenkou"
    ]  # fmt: skip


def test_a_lead_sees_a_hidden_figure_as_nothing_but_where_to_look_instead(reader: Reader) -> None:
    answer = reader.program(Role.LEAD).get(f"{ESTIMATES}/trusting?by=area_id&round=r1")

    figures = {figure["domain"].get("area_id", ""): figure for figure in answer.json()["figures"]}
    assert answer.status_code == 200
    # Area c has two villages. Its eight people alone could be worked out from the total and the four other areas,
    # so one more area is hidden with it.
    assert figures["c"] == {
        "domain": {"area_id": "c"}, "labels": {"area_id": "Koro"}, "answer": None, **HIDDEN, "see": "total"
    }  # fmt: skip
    assert [area for area, figure in figures.items() if not figure["shown"]] == ["a", "c"]
    assert figures[""]["value"] is not None


def test_a_lead_gets_rounded_figures_and_nothing_that_tells_more_digits(reader: Reader) -> None:
    lead = reader.program(Role.LEAD).get(f"{ESTIMATES}/trusting?by=area_id&round=r1").json()["figures"]
    analyst = reader.program(Role.ANALYST).get(f"{ESTIMATES}/trusting?by=area_id&round=r1").json()["figures"]

    for seen, full in zip(lead, analyst, strict=True):
        assert set(full) - set(seen) == {"standard_error", "design_effect", "psus", "degrees_of_freedom"}
        assert full["shown"]
        if seen["shown"]:
            assert seen["value"] == pytest.approx(round(full["value"], 2))
            assert seen["base"] % 5 == 0
            assert seen["interval"][0] <= full["interval"][0]
            assert seen["interval"][1] >= full["interval"][1]


def test_the_share_an_analyst_gets_is_that_of_the_answers(reader: Reader) -> None:
    figures = reader.program(Role.ANALYST).get(f"{ESTIMATES}/trusting?by=area_id&round=r1").json()["figures"]

    # Area e, round 1: turn = person + village, 12 people in each of 4 villages of weight 10 + village. Trust is
    # "12343241"[turn % 8], but "does not know" at turns 0 and 11, which leave the base; 3 and 4 count.
    counted = base = rows = 0
    for village in range(4):
        for turn in range(village, village + 12):
            if turn % 11:
                rows += 1
                base += 10 + village
                counted += (10 + village) * ("12343241"[turn % 8] in "34")
    assert figures[5]["value"] == pytest.approx(counted / base, abs=1e-12)
    assert figures[5]["base"] == rows


def test_without_a_round_the_newest_is_given_to_everybody(reader: Reader) -> None:
    for role in (Role.LEAD, Role.ANALYST):
        program = reader.program(role)
        assert program.get(f"{ESTIMATES}/trusting").json()["round"] == "r2"
        assert program.get(f"{ESTIMATES}/trusting").json() == program.get(f"{ESTIMATES}/trusting?round=r2").json()


def test_only_analysts_and_managers_may_pool_the_rounds(reader: Reader) -> None:
    answers = {
        role: reader.program(role).get(f"{ESTIMATES}/trusting?round=all")
        for role in (Role.LEAD, Role.ANALYST, Role.MANAGER)
    }

    assert {role: answer.status_code for role, answer in answers.items()} == {
        Role.LEAD: 422, Role.ANALYST: 200, Role.MANAGER: 200
    }  # fmt: skip
    assert answers[Role.ANALYST].json()["round"] is None


def test_a_crossed_table_is_for_analysts_and_its_variables_may_come_in_any_order(reader: Reader) -> None:
    refused = reader.program(Role.LEAD).get(f"{ESTIMATES}/trusting?by=sex&by=area_id")
    crossed = reader.program(Role.ANALYST).get(f"{ESTIMATES}/trusting?by=sex&by=area_id").json()

    assert refused.status_code == 422
    assert "total, area_id, sex." in refused.json()["detail"]
    assert "area_id*sex" not in refused.json()["detail"].partition("ask for:")[2]
    assert crossed["table"] == "area_id*sex"
    assert len(crossed["figures"]) == 1 + 5 * 2


def test_a_distribution_has_a_figure_for_each_answer_of_each_domain(reader: Reader) -> None:
    table = reader.program(Role.LEAD).get(f"{ESTIMATES}/trust_levels?by=area_id&lang=fr").json()

    assert table["answers"][3] == {"name": "4", "label": "Tout à fait"}
    assert [answer["name"] for answer in table["answers"]] == ["1", "2", "3", "4"]
    assert len(table["figures"]) == 4 * 6
    assert [figure["answer"] for figure in table["figures"][:4]] == ["1", "2", "3", "4"]


def test_the_etag_changes_with_what_is_shown_and_with_nothing_else(reader: Reader) -> None:
    program = reader.program(Role.LEAD)
    first, again = (program.get(f"{ESTIMATES}/trusting?by=area_id") for _ in range(2))
    others = [
        program.get(f"{ESTIMATES}/trusting?by=sex"),
        program.get(f"{ESTIMATES}/trusting?by=area_id&lang=fr"),
        reader.program(Role.ANALYST).get(f"{ESTIMATES}/trusting?by=area_id"),
    ]

    assert first.headers["etag"] == again.headers["etag"]
    assert len({answer.headers["etag"] for answer in (first, *others)}) == 4
    unchanged = program.get(f"{ESTIMATES}/trusting?by=area_id", headers={"If-None-Match": first.headers["etag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")


def test_figures_may_be_kept_by_no_cache_and_depend_on_who_asks(reader: Reader) -> None:
    answer = reader.program(Role.LEAD).get(f"{ESTIMATES}/trusting")

    assert answer.headers["cache-control"] == "no-store"
    assert {"Accept-Language", "Authorization", "Cookie"} <= set(answer.headers["vary"].split(", "))


def test_a_person_who_is_signed_in_may_read_the_api_with_the_same_limits(reader: Reader) -> None:
    browser, program = reader.browser(Role.LEAD), reader.program(Role.LEAD)

    path = f"{ESTIMATES}/trusting?by=area_id"

    assert browser.get(path).json() == program.get(path, headers={"Accept-Language": "en"}).json()


def test_an_indicator_that_reads_an_identifier_is_refused_to_all_and_unknown_to_leads(reader: Reader) -> None:
    for role in (Role.LEAD, Role.ANALYST, Role.MANAGER):
        answer = reader.program(role).get(f"{ESTIMATES}/leaders")
        assert (answer.status_code, answer.json()["type"]) == (404, "urn:jekafo:problem:indicator-unknown")
    lead = reader.program(Role.LEAD)
    assert "leaders" not in lead.get("/api/v1/forms/voices/indicators").text
    assert "leaders" not in lead.get(f"{ESTIMATES}/nothing").json()["detail"]


def test_the_schema_describes_every_answer_of_the_api(reader: Reader) -> None:
    schema = reader.app.openapi()

    for path, route in schema["paths"].items():
        if path.startswith("/api/v1"):
            content = route["get"]["responses"]["200"]["content"]["application/json"]["schema"]
            assert content["$ref"].startswith("#/components/schemas/"), path
    figure = schema["components"]["schemas"]["FigureOut"]["properties"]
    assert {"shown", "value", "interval", "base", "see"} <= set(figure)
