"""A group of commands that are imported when they are asked for.

Checking a workbook needs neither the database nor the statistics; importing every command took three seconds.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from jekafo.streams import show_what_can_be_shown


def group_of(commands: Mapping[str, str]) -> type[TyperGroup]:
    """Return the class of a group with these commands: name to `module:function` within jekafo.commands."""

    class CommandsOnDemand(TyperGroup):
        def main(self, *args: Any, **options: Any) -> Any:
            show_what_can_be_shown()
            return super().main(*args, **options)

        def list_commands(self, ctx: Any) -> list[str]:
            return [*commands, *super().list_commands(ctx)]

        def get_command(self, ctx: Any, cmd_name: str) -> Any:
            if cmd_name not in commands:
                return super().get_command(ctx, cmd_name)
            return _imported(cmd_name, commands[cmd_name])

    return CommandsOnDemand


def _imported(name: str, place: str) -> Any:
    module, _, function = place.partition(":")
    single = typer.Typer(add_completion=False)
    single.command(name)(getattr(import_module(f"jekafo.commands.{module}"), function))
    return get_command(single)
