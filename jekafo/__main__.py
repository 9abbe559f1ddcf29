"""`python -m jekafo` is the command `jekafo`."""

from jekafo.main import app

app()
