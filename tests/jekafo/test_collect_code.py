"""What ODK Collect reads from the QR code that sets it up."""

import json
import zlib
from base64 import b64decode
from pathlib import Path

from jekafo.collect_code import collect_settings, write_collect_code

ADDRESS = "https://data.example.org/key/abc"


def test_the_code_holds_the_server_address_as_collect_unpacks_it() -> None:
    settings = json.loads(zlib.decompress(b64decode(collect_settings(ADDRESS, "tablet-1"))))
    assert settings["general"]["server_url"] == ADDRESS
    assert settings["project"]["name"] == "tablet-1"
    # Collect refuses a code without this part, even an empty one.
    assert settings["admin"] == {}


def test_the_code_is_a_picture(tmp_path: Path) -> None:
    write_collect_code(tmp_path / "code.png", ADDRESS, "tablet-1")
    assert (tmp_path / "code.png").read_bytes().startswith(b"\x89PNG")
