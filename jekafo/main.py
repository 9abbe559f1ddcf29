"""The command `jekafo`: every command is one file of jekafo/commands."""

import os

import typer

from jekafo.commands import (
    build,
    demo,
    estimate,
    form_check,
    form_list,
    form_publish,
    serve,
    status,
    user_add,
    user_disable,
    user_list,
    user_token,
)

app = typer.Typer(
    name="jekafo",
    no_args_is_help=True,
    add_completion=False,
    help="From an XLSForm workbook to published, protected survey estimates. "
    "D'un classeur XLSForm à des estimations publiées et protégées.",
)
form = typer.Typer(no_args_is_help=True, help="Workbooks: check, publish, list.")
user = typer.Typer(no_args_is_help=True, help="People and tablets that may sign in.")
app.add_typer(form, name="form")
app.add_typer(user, name="user")


@app.callback()
def keep_to_the_owner() -> None:
    """What a command writes (answers, keys, media) may be read by the owner of the process only."""
    os.umask(0o077)


app.command("demo")(demo.demo)
app.command("serve")(serve.serve)
app.command("build")(build.build_command)
app.command("estimate")(estimate.estimate_command)
app.command("status")(status.status)
form.command("check")(form_check.check)
form.command("publish")(form_publish.publish)
form.command("list")(form_list.list_forms)
user.command("add")(user_add.add)
user.command("list")(user_list.list_users)
user.command("disable")(user_disable.disable)
user.command("token")(user_token.token)
