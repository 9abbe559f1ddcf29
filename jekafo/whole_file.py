"""Write a file whole or not at all: it may be a designer's only copy, and a disk may be full."""

import os
import shutil
import tempfile
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Write a file, with the rights of the one it replaces; through a link into the file that it names.

    Raises OSError; then what was there is there still, and nothing else.
    """
    target = Path(os.path.realpath(path))
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".jekafo-", delete=False) as fresh:
        beside = Path(fresh.name)
        try:
            fresh.write(content)
            fresh.flush()
        except OSError:
            beside.unlink()
            raise
    if target.exists():
        shutil.copymode(target, beside)
    beside.replace(target)
