"""Where simulated interviews take place: in central Mali, or near the place whose row of a file was chosen."""

import csv
import io
import json
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from forms.form import Form

CENTRAL_MALI = (14.5, -4.2)
_FAR, _NEAR = 0.6, 0.02
_LATITUDES = ("latitude", "lat", "gps_latitude", "y")
_LONGITUDES = ("longitude", "lon", "lng", "long", "gps_longitude", "x")


@dataclass(frozen=True, slots=True)
class Place:
    """A point on the map, in degrees, and how far around it an interview may be."""

    latitude: float
    longitude: float
    spread: float = _NEAR


HERE = Place(*CENTRAL_MALI, spread=_FAR)
"""Where nothing else is known."""

Places = Mapping[str, Mapping[str, Place]]
"""List name (or file stem) to choice name to its place; only lists with coordinates."""


def known_places(form: Form, files: Mapping[str, bytes]) -> Places:
    """Return the places of choices that carry coordinates, in the form's own lists and in its CSV and GeoJSON files."""
    places = {
        list_name: _placed((choice.name, choice.columns) for choice in choices)
        for list_name, choices in form.lists.items()
    }
    for file_name, content in files.items():
        stem, _, extension = file_name.rpartition(".")
        if extension.casefold() == "csv":
            rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig", errors="replace")))
            places[stem] = _placed(
                ((row.get("name") or "").strip(), {key: text for key, text in row.items() if isinstance(text, str)})
                for row in rows
            )
        elif extension.casefold() == "geojson":
            places[stem] = _placed(_features(content))
    return {name: placed for name, placed in places.items() if placed}


def point(place: Place, dice: random.Random) -> str:
    """Return a geopoint near the place: latitude, longitude, altitude and accuracy in metres."""
    latitude, longitude = _somewhere(place, dice)
    return f"{latitude:.6f} {longitude:.6f} {dice.randint(250, 320)}.0 {dice.randint(30, 90) / 10}"


def path(place: Place, dice: random.Random, *, closed: bool) -> str:
    """Return a geotrace of four points a few hundred metres long, or closed a geoshape around a field."""
    latitude, longitude = _somewhere(place, dice)
    size = dice.uniform(0.0005, 0.002)
    corners = [(0.0, 0.0), (size, 0.0), (size, size), (0.0, size)]
    if closed:
        corners.append(corners[0])
    return "; ".join(f"{latitude + north:.6f} {longitude + east:.6f} 0.0 0.0" for north, east in corners)


def _somewhere(place: Place, dice: random.Random) -> tuple[float, float]:
    return (
        place.latitude + dice.uniform(-place.spread, place.spread),
        place.longitude + dice.uniform(-place.spread, place.spread),
    )


def _placed(rows: Iterable[tuple[str, Mapping[str, str]]]) -> dict[str, Place]:
    placed = {}
    for name, columns in rows:
        by_key = {key.strip().casefold(): text for key, text in columns.items() if key}
        latitude, longitude = _degree(by_key, _LATITUDES, 90), _degree(by_key, _LONGITUDES, 180)
        if name and latitude is not None and longitude is not None:
            placed[name] = Place(latitude, longitude)
    return placed


def _degree(columns: Mapping[str, str], headers: tuple[str, ...], largest: float) -> float | None:
    for header in headers:
        try:
            degree = float(columns.get(header, "").replace(",", "."))
        except ValueError:
            continue
        return degree if abs(degree) <= largest else None
    return None


def _features(content: bytes) -> Iterable[tuple[str, Mapping[str, str]]]:
    try:
        features = json.loads(content)["features"]
        for feature in features:
            longitude, latitude = feature["geometry"]["coordinates"][:2]
            name = feature.get("id") or feature["properties"].get("id") or feature["properties"]["name"]
            yield str(name), {"latitude": str(latitude), "longitude": str(longitude)}
    except (ValueError, KeyError, TypeError):
        return  # JavaRosa says what is wrong with the file; here its features only have no place
