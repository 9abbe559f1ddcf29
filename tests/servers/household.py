"""The household form that was recorded (13b), and interviews of it: what most tests of a simulated KoboToolbox need."""

import copy
import json
import uuid
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from servers.kobo_asset import Asset
from servers.kobo_content import Content

REPLIES = Path(__file__).resolve().parent.parent / "replies" / "kobo"


@cache
def recorded(name: str) -> Any:
    """An exchange: `{request, response}`. name: of its file, or its number alone."""
    path = REPLIES / f"{name}.json"
    return json.loads((path if path.is_file() else next(REPLIES.glob(f"{name}-*.json"))).read_text())


def household_content() -> Content:
    """`content` of the first version; the caller may change it."""
    return copy.deepcopy(recorded("13b")["response"]["body"]["content"])


def household_content_2() -> Content:
    """`content` of the second version, which asks `followup` too."""
    return copy.deepcopy(recorded("73")["response"]["body"]["content"])


def household_xml(
    asset: Asset,
    number: int,
    *,
    size: int = 5,
    photo: str = "",
    instance_id: str | None = None,
    replaces: str | None = None,
    root: str | None = None,
    submission_date: str | None = None,
) -> bytes:
    """An interview as a tablet sends it (30). The same number gives the same interview and the same instanceID.

    replaces: the uuid of the version that this one edits. root, submission_date: as KoboToolbox reads them.
    """
    uid, version = asset.uid, asset.deployed[0].uid
    this = instance_id or str(uuid.uuid5(uuid.NAMESPACE_OID, f"{uid}/{number}"))
    date = f' submissionDate="{submission_date}"' if submission_date else ""
    deprecated = f"<deprecatedID>uuid:{replaces}</deprecatedID>" if replaces else ""
    first = f"<rootUuid>uuid:{root}</rootUuid>" if root else ""
    return (
        f'<?xml version="1.0" ?><{uid} id="{uid}"{date} version="1 (2026-11-22 00:44:26)">'
        f"<formhub><uuid>{asset.form_uuid}</uuid></formhub><start>2026-11-20T08:00:00.000+00:00</start>"
        "<end>2026-11-20T08:20:00.000+00:00</end><today>2026-11-20</today><deviceid>collect:abc123</deviceid>"
        f"<username>enumerator1</username><hh><hh_id>HH-{number:03}</hh_id>"
        f"<district>{'north' if number % 2 else 'south'}</district><loc><gps>5.5500 -0.2000 10.0 5.0</gps></loc>"
        f"<hh_size>{size}</hh_size></hh><needs>water food</needs><needs_other></needs_other><consent>yes</consent>"
        "<member><m_name>Ama</m_name><m_age>34</m_age><m_sex>f</m_sex><visit><v_date>2026-01-02</v_date></visit>"
        "<visit><v_date>2026-02-03</v_date></visit></member><member><m_name>Ben</m_name><m_age>9</m_age>"
        "<m_sex>m</m_sex><visit><v_date/></visit></member><n_adults>1</n_adults>"
        f"<photo>{escape(photo)}</photo><income>120.5</income><thanks/><__version__>{version}</__version__>"
        f"<meta><instanceID>uuid:{this}</instanceID>{deprecated}{first}</meta></{uid}>"
    ).encode()
