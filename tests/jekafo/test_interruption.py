"""Ctrl-C during a pull: heard at once, harmless, and the second one waits for nothing."""

import os
import signal
import subprocess
import sys

import pytest

from jekafo.interruption import INTERRUPTED, interruptible

HANGING = """
import time
from jekafo.interruption import interruptible
with interruptible():
    try:
        print("waiting", flush=True)
        time.sleep(60)
    finally:
        print("heard", flush=True)
        time.sleep(60)  # as threads do that wait for a server
"""


def test_the_first_interruption_says_so_and_is_a_keyboard_interrupt(capfd: pytest.CaptureFixture[str]) -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), interruptible():
        os.kill(os.getpid(), signal.SIGINT)
    assert "nothing is lost" in capfd.readouterr().err
    assert signal.getsignal(signal.SIGINT) is before


def test_the_second_interruption_ends_what_would_still_wait() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HANGING], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as child:
        assert child.stdout is not None
        for word in ("waiting\n", "heard\n"):
            assert child.stdout.readline() == word
            child.send_signal(signal.SIGINT)
        assert child.wait(10) == INTERRUPTED
