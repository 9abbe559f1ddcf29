"""What goes out on a terminal: other people's words give it no orders, and a full disk is told as one."""

import errno
import io
from typing import NoReturn

import pytest
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from jekafo import terminal
from jekafo.terminal import FAILED, reported, say

ORDERS = "\x1b[31mred\x1b]0;title\x07 \x9b2J \u202eright to left\x08"


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What both consoles write, on a terminal that knows colours."""
    written = io.StringIO()
    for name in ("out", "err"):
        console = type(getattr(terminal, name))(
            file=written, highlight=False, force_terminal=True, color_system=None, width=200
        )
        monkeypatch.setattr(terminal, name, console)
    return written


def test_words_of_strangers_give_the_terminal_no_orders(shown: io.StringIO) -> None:
    say(ORDERS, ORDERS)
    terminal.complain(ORDERS)
    terminal.out.print(Text(ORDERS))
    table = Table("a")
    table.add_row(ORDERS)
    terminal.out.print(table)
    assert isinstance(terminal.out, Console)
    said = shown.getvalue()
    assert said.count("red") == 4
    assert not set(said) & set("\x1b\x07\x9b\u202e\x08")


def test_colours_of_our_own_still_show(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.StringIO()
    console = type(terminal.err)(file=written, force_terminal=True, color_system="standard")
    monkeypatch.setattr(terminal, "err", console)
    terminal.complain("wrong")
    assert "\x1b[1;31mwrong" in written.getvalue()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_is_told_and_not_traced(number: int, shown: io.StringIO) -> None:
    @reported
    def command() -> NoReturn:
        raise OSError(number, "No space left on device")

    with pytest.raises(typer.Exit) as ended:
        command()
    assert ended.value.exit_code == FAILED
    assert "disk is full" in shown.getvalue() or "disque est plein" in shown.getvalue()
