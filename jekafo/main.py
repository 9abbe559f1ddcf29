"""The command `jekafo`: every command is one file of jekafo/commands, imported when it is called."""

import os

import typer

from jekafo.command_group import group_of

COMMANDS = {
    "demo": "demo:demo",
    "simulate": "simulate:simulate",
    "serve": "serve:serve",
    "pull": "pull:pull",
    "review": "review:review",
    "build": "build:build_command",
    "estimate": "estimate:estimate_command",
    "status": "status:status",
}
FORM_COMMANDS = {
    "new": "form_new:new",
    "check": "form_check:check",
    "codes": "form_codes:codes",
    "show": "form_show:show",
    "print": "form_print:print_form",
    "translate": "form_translate:translate",
    "diff": "form_diff:diff",
    "publish": "form_publish:publish",
    "list": "form_list:list_forms",
}
SOURCE_COMMANDS = {
    "add": "source_add:add",
    "list": "source_list:list_sources",
    "remove": "source_remove:remove",
}
USER_COMMANDS = {
    "add": "user_add:add",
    "list": "user_list:list_users",
    "disable": "user_disable:disable",
    "token": "user_token:token",
}

app = typer.Typer(
    name="jekafo",
    cls=group_of(COMMANDS),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,  # they hold keys and answers
    help="From an XLSForm workbook to published, protected survey estimates. "
    "D'un classeur XLSForm à des estimations publiées et protégées.",
)
form = typer.Typer(
    cls=group_of(FORM_COMMANDS), no_args_is_help=True, help="Workbooks: make, check, read, translate, compare, publish."
)
source = typer.Typer(
    cls=group_of(SOURCE_COMMANDS), no_args_is_help=True, help="Servers that submissions are pulled from."
)
user = typer.Typer(cls=group_of(USER_COMMANDS), no_args_is_help=True, help="People and tablets that may sign in.")
app.add_typer(form, name="form")
app.add_typer(source, name="source")
app.add_typer(user, name="user")


@app.callback()
def keep_to_the_owner() -> None:
    """What a command writes (answers, keys, media) may be read by the owner of the process only."""
    os.umask(0o077)
