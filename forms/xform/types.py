"""Which XLSForm type a node of an XForm has: read off its bind, its control and what fills it without asking.

The words are XLSForm's (xlsform.org); the marks are the ODK XForms specification's.
"""

from collections.abc import Mapping

from lxml import etree

from forms.xml import local_name

_TYPED_INPUT = {
    "int": "integer",
    "integer": "integer",
    "decimal": "decimal",
    "date": "date",
    "time": "time",
    "dateTime": "datetime",
    "geopoint": "geopoint",
    "geotrace": "geotrace",
    "geoshape": "geoshape",
    "barcode": "barcode",
    "binary": "file",
    "select1": "select_one",
    "select": "select_multiple",
}
_BY_CONTROL = {
    "select1": "select_one",
    "select": "select_multiple",
    "rank": "rank",
    "range": "range",
    "trigger": "acknowledge",
}
_MEDIA = {"image": "image", "audio": "audio", "video": "video", "osm": "osm"}
# jr:preload, jr:preloadParams to the XLSForm type
_PRELOADED = {
    ("timestamp", "start"): "start",
    ("timestamp", "end"): "end",
    ("date", "today"): "today",
    ("property", "deviceid"): "deviceid",
    ("property", "subscriberid"): "subscriberid",
    ("property", "simserial"): "simserial",
    ("property", "phonenumber"): "phonenumber",
    ("property", "phone number"): "phonenumber",
    ("property", "username"): "username",
    ("property", "email"): "email",
    ("uid", ""): "hidden",
}
_BY_ACTION = {"setgeopoint": "start-geopoint", "recordaudio": "background-audio"}
JAVAROSA = "{http://openrosa.org/javarosa}"


def question_type(
    path: str, bind: Mapping[str, str], control: etree._Element | None, *, is_calculated: bool, action: str | None
) -> str:
    """Return the XLSForm word for a node.

    is_calculated: an expression fills it, from its bind or a `setvalue`. action: what fills it without asking.
    """
    if path.endswith("meta/audit"):
        return "audit"
    if control is None:
        return _unasked_type(bind, is_calculated=is_calculated, action=action)
    name = local_name(control)
    if name == "upload":
        return _MEDIA.get((control.get("mediatype") or "").split("/")[0].strip(), "file")
    if name in _BY_CONTROL:
        return _BY_CONTROL[name]
    return "select_one_external" if control.get("query") else _input_type(bind, is_calculated=is_calculated)


def _input_type(bind: Mapping[str, str], *, is_calculated: bool) -> str:
    data_type = bare_type(bind.get("type") or "string")
    if data_type != "string":
        return _TYPED_INPUT.get(data_type, "text")
    is_note = bind.get("readonly", "").strip() == "true()" and not is_calculated
    return "note" if is_note else "text"


def _unasked_type(bind: Mapping[str, str], *, is_calculated: bool, action: str | None) -> str:
    preload = (bind.get(f"{JAVAROSA}preload", ""), bind.get(f"{JAVAROSA}preloadParams", ""))
    if preload in _PRELOADED:
        return _PRELOADED[preload]
    if action is not None:
        return _BY_ACTION.get(action, "hidden")
    return "calculate" if is_calculated else "hidden"


def bare_type(data_type: str) -> str:
    """A bind's type without the schema's prefix; `odk:rank` keeps its own."""
    return data_type.removeprefix("xsd:").removeprefix("xs:").strip()
