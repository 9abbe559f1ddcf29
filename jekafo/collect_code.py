"""The QR code that sets up ODK Collect: settings as JSON, zlib and base64, as its scanner expects.

Source: ODK Collect, "Configuring the app with QR codes"; keys as in its settings import.
"""

import json
import zlib
from base64 import b64encode
from pathlib import Path

import segno


def collect_settings(server_url: str, project_name: str) -> str:
    """Return what the code holds: the server, forms that follow it exactly, and submissions sent by themselves."""
    settings = {
        "general": {
            "server_url": server_url,
            "form_update_mode": "match_exactly",
            "autosend": "wifi_and_cellular",
        },
        "admin": {},
        "project": {"name": project_name},
    }
    return b64encode(zlib.compress(json.dumps(settings).encode())).decode("ascii")


def write_collect_code(path: Path, server_url: str, project_name: str) -> None:
    """Write the code as a PNG or SVG, by the file's ending. It is a key: whoever scans it may send submissions."""
    segno.make(collect_settings(server_url, project_name), error="l", micro=False).save(str(path), scale=6, border=4)
