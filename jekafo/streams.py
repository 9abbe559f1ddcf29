"""What goes out on a terminal that does not speak UTF-8 (LANG=C, an old Windows console), and to programs."""

import io
import sys

import typer


def show_what_can_be_shown() -> None:
    """Let signs that the terminal lacks come out as `?`, instead of ending the command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def print_for_programs(text: str) -> None:
    """Print JSON or Markdown in UTF-8, whatever the terminal speaks: RFC 8259 knows no other."""
    typer.echo(text.encode(errors="replace"), nl=not text.endswith("\n"))
