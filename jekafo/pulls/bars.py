"""How a pull shows on a terminal: a bar for what it is doing, how fast it goes, and how long the rest takes."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bars
from rich.text import Text

from jekafo.terminal import words
from sync.pull import Progress, Stage
from sync.source import RemoteForm


class SpeedColumn(ProgressColumn):
    """How many a second."""

    def render(self, task: Task) -> Text:
        """Return the speed, blank at the start."""
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:,.0f}/s", style="progress.data.speed")


class BarDisplay:
    """A bar a stage, for a terminal. They vanish at the end: the line about the form says what came of it."""

    def __init__(self, console: Console) -> None:
        self._console = console

    @contextmanager
    def form(self, source: str, form: RemoteForm, held: int | None) -> Iterator[Progress]:
        """Show one form's pull."""
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            SpeedColumn(),
            TimeRemainingColumn(),
        )
        name = f"{source} {form.proposed_form_id}"
        # Only some pulls learn from the server how many records there are; what it had last time will do for a bar.
        expected = {Stage.LOOKING: form.submissions or held, Stage.FETCHING: form.submissions}
        with Bars(*columns, console=self._console, transient=True) as bars:
            waiting = bars.add_task(name, total=None)
            tasks: dict[Stage, TaskID] = {}

            def progress(stage: Stage, done: int, total: int | None) -> None:
                if stage not in tasks:
                    bars.update(waiting, visible=False)
                    tasks[stage] = bars.add_task(f"{name} {_doing(stage)}", total=None)
                known = [number for number in (total, expected.get(stage)) if number is not None]
                bars.update(tasks[stage], completed=done, total=max(*known, done) if known else None)

            yield progress


class NoDisplay:
    """For a pull that nobody watches."""

    @contextmanager
    def form(self, source: str, form: RemoteForm, held: int | None) -> Iterator[Progress]:  # noqa: ARG002 - a Display
        """Show nothing."""
        yield lambda _stage, _done, _total: None


def _doing(stage: Stage) -> str:
    return {
        Stage.LOOKING: words("comparing", "comparaison"),
        Stage.FETCHING: words("fetching submissions", "récupération des soumissions"),
        Stage.MEDIA: words("fetching media", "récupération des médias"),
    }[stage]
