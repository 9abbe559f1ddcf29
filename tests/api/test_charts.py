"""Charts: what is drawn, what is left out, and who may ask for one."""

import re
from dataclasses import replace

import pytest
from lxml import etree
from visitors import Reader

from api.charts import Chart, Drawings, Mark, Panel, Scale, draw, size_of
from store.people import Role

SVG = "{http://www.w3.org/2000/svg}"
TOTAL = Mark("Ensemble", 0.5, 0.4, 0.6, is_total=True)
DJENNE = Mark("Djenné", 0.25, 0.1, 0.4, is_total=False)
KORO = Mark("Koro", None, None, None, is_total=False)
CHART = Chart("L'État & <nous>", "Un point par valeur.", Scale.SHARE, (Panel("", (TOTAL, DJENNE, KORO)),), "fr")


def texts(svg: str) -> list[str]:
    return ["".join(text.itertext()) for text in etree.fromstring(svg.encode()).iter(f"{SVG}text")]


def dots(svg: str) -> list[tuple[float, float]]:
    """Places of the points, from left and top within the plot."""
    found = re.findall(r'class="mark-symbol[^"]*"[^>]*>(.*?)</g>', svg)
    return [
        (float(x), float(y))
        for group in found
        for x, y in re.findall(r'transform="translate\(([\d.]+),([\d.]+)\)"', group)
    ]


def test_a_chart_has_a_title_and_a_description_in_its_language() -> None:
    root = etree.fromstring(draw(CHART).encode())

    assert root.get("role") == "img"
    assert root.get("lang") == "fr"
    assert root.findtext(f"{SVG}title") == "L'État & <nous>"
    assert root.findtext(f"{SVG}desc") == "Un point par valeur."
    assert root.get("aria-labelledby") == "title description"


def test_a_figure_that_is_not_shown_keeps_its_row_and_leaves_a_gap() -> None:
    svg = draw(CHART)

    assert [label for label in texts(svg) if label[0].isalpha()] == ["Ensemble", "Djenné", "Koro"]
    assert len(dots(svg)) == 2


def test_points_stand_where_their_values_are() -> None:
    (total_x, total_y), (djenne_x, djenne_y) = dots(draw(CHART))

    # The plot is 300 pixels wide for 0 to 100 %, each row 28 pixels high.
    assert (total_x, djenne_x) == (150, 75)
    assert djenne_y - total_y == pytest.approx(28, abs=0.5)


def test_a_hidden_figure_leaves_no_trace_of_its_kind_in_the_drawing() -> None:
    empty = replace(CHART, panels=(Panel("", (TOTAL, DJENNE, Mark("Koro", None, None, None, is_total=False))),))

    assert draw(CHART) == draw(empty)


@pytest.mark.parametrize(
    ("scale", "language", "ticks"),
    [
        (Scale.SHARE, "fr", ["0 %", "25 %", "50 %", "75 %", "100 %"]),
        (Scale.SHARE, "en", ["0%", "25%", "50%", "75%", "100%"]),
        (Scale.BALANCE, "fr", ["−100", "−50", "0", "+50", "+100"]),
        (Scale.SCORE, "en", ["0", "2", "4", "6", "8", "10"]),
    ],
)
def test_axes_are_written_in_the_language_of_the_page(scale: Scale, language: str, ticks: list[str]) -> None:
    svg = draw(replace(CHART, scale=scale, language="fr" if language == "fr" else "en"))

    found = [re.sub(r"\s", " ", text) for text in texts(svg) if not text[0].isalpha()]
    assert found == [re.sub(r"\s", " ", tick) for tick in ticks]


def test_an_answer_each_has_a_panel_of_its_own() -> None:
    marks = (TOTAL, DJENNE, KORO)
    chart = replace(CHART, panels=tuple(Panel(f"Réponse {number}", marks) for number in range(4)))

    svg = draw(chart)

    assert [text for text in texts(svg) if text.startswith("Réponse")] == [f"Réponse {number}" for number in range(4)]
    assert len(dots(svg)) == 4 * 2


@pytest.mark.parametrize("is_narrow", [False, True])
@pytest.mark.parametrize("panels", [1, 2, 3, 7])
@pytest.mark.parametrize("label", ["A", "Une réponse si longue qu'il faut deux lignes pour la dire"])
def test_the_size_of_a_drawing_is_known_before_it_is_drawn(label: str, panels: int, *, is_narrow: bool) -> None:
    marks = tuple(replace(DJENNE, label=label) for _ in range(4))
    chart = replace(
        CHART, panels=tuple(Panel(label if panels > 1 else "", marks) for _ in range(panels)), is_narrow=is_narrow
    )

    root = etree.fromstring(draw(chart).encode())

    size = size_of(chart)
    assert (root.get("width"), root.get("height")) == (str(size.width), str(size.height))
    # Nothing had to shrink: a pixel of the drawing is a pixel of the page.
    assert root.get("viewBox") == f"0 0 {size.width} {size.height}"


def test_labels_are_text_whatever_they_hold() -> None:
    hostile = "</text><script>alert(1)</script> \"' \\ ${x} datum.label"
    marks = (replace(DJENNE, label=hostile), replace(DJENNE, label='"] + 1'))

    svg = draw(replace(CHART, panels=(Panel("", marks),), title="</title><script>", description="--> ]]>"))

    root = etree.fromstring(svg.encode())
    assert not list(root.iter(f"{SVG}script"))
    assert root.findtext(f"{SVG}title") == "</title><script>"
    assert '"] + 1' in texts(svg)


def test_a_figure_without_an_interval_is_drawn_as_a_point() -> None:
    svg = draw(replace(CHART, panels=(Panel("", (replace(DJENNE, low=None, high=None),)),)))

    assert len(dots(svg)) == 1


def test_a_limit_is_drawn_as_a_bar_without_a_point_that_would_be_read_as_the_value() -> None:
    at_most = replace(CHART, panels=(Panel("", (TOTAL, Mark("Koro", None, 0.0, 0.25, is_total=False))),))
    nothing = replace(CHART, panels=(Panel("", (TOTAL, KORO)),))

    assert len(dots(draw(at_most))) == 1
    # The bar of Koro, from 0 to 25 % of 300 pixels, is the one line more.
    assert draw(at_most).count("<line ") == draw(nothing).count("<line ") + 1
    assert 'x2="75"' in draw(at_most) or 'x2="-75"' in draw(at_most)


def test_nothing_to_show_is_drawn_as_rows_without_points() -> None:
    svg = draw(replace(CHART, panels=(Panel("", (replace(TOTAL, value=None, low=None, high=None), KORO)),)))

    assert dots(svg) == []
    assert "Koro" in texts(svg)


def test_a_drawing_is_made_once_for_the_same_content(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[Chart] = []
    monkeypatch.setattr("api.charts.draw", lambda chart: drawn.append(chart) or "<svg/>")
    drawings = Drawings()

    for chart in (CHART, replace(CHART), replace(CHART, language="en"), CHART):
        drawings.svg(chart)

    assert [chart.language for chart in drawn] == ["fr", "en"]


def test_a_lead_gets_a_chart_without_what_is_hidden(reader: Reader) -> None:
    path = "/forms/voices/charts/trusting.svg?table=area_id&round=r1&lang=fr"

    lead, analyst = reader.browser(Role.LEAD).get(path), reader.browser(Role.ANALYST).get(path)

    assert lead.headers["content-type"] == "image/svg+xml"
    assert lead.headers["cache-control"] == "no-store"
    assert {"Ensemble", "Djenné", "Mopti", "Koro"} <= set(texts(lead.text))
    assert (len(dots(lead.text)), len(dots(analyst.text))) == (4, 6)


@pytest.mark.parametrize("query", ["table=area_id*sex", "table=village", "round=all", "round=r9"])
def test_a_lead_gets_no_chart_of_what_is_not_for_leads(reader: Reader, query: str) -> None:
    assert reader.browser(Role.LEAD).get(f"/forms/voices/charts/trusting.svg?{query}").status_code == 422
