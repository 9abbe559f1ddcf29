"""What a measurement ran on: printed above every result."""

import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path


def described(*packages: str) -> str:
    """One line: processor, cores, memory, Python and the versions of the packages that matter."""
    cpu = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.processor(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    return f"{cpu}, {os.cpu_count()} cores, {memory:.0f} GiB, Python {sys.version.split()[0]}, {versions}"
