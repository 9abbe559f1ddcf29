"""`jekafo pull`: what is kept becomes equal to what the servers hold."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated

import typer

from forms.text import Bilingual
from jekafo.commands.options import ProjectOption, settings_for
from jekafo.interruption import INTERRUPTED, interruptible
from jekafo.interval import interval_text, interval_text_fr, read_interval
from jekafo.project import opened
from jekafo.pulls.bars import BarDisplay, NoDisplay
from jekafo.pulls.pace import Pace
from jekafo.pulls.puller import Pulled, Puller, Unpulled, Wanted
from jekafo.pulls.words import as_json, failure_line, further_lines, has_changed, lines_to_choose_from, report_line
from jekafo.settings import terminal_language
from jekafo.sources.configured import ConfiguredSource
from jekafo.sources.settings import NONE_YET, configured_sources
from jekafo.sources.wires import wires_for
from jekafo.streams import print_for_programs
from jekafo.terminal import FAILED, FINDINGS, err, fail, reported, say, stamped, words
from sync.pull import Media, PullReport


class Log(StrEnum):
    """Which lines of a pull a log shows: one a form, or one a form that changed."""

    ALL = "all"
    CHANGES = "changes"


@reported
def pull(
    sources: Annotated[list[str] | None, typer.Argument(help="Names of sources; all of them without any.")] = None,
    form: Annotated[
        list[str] | None, typer.Option("--form", help="A form, by its id there or here; may be given several times.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every form that the account sees.")] = False,
    media: Annotated[
        Media | None, typer.Option("--media", help="Photos and recordings: none, a list of them, or all.")
    ] = None,
    sweep: Annotated[
        bool, typer.Option("--sweep", help="Compare everything, whatever the server says changed.")
    ] = False,
    every: Annotated[str | None, typer.Option("--every", help="Again and again: every 30s, 5m, 1h.")] = None,
    as_objects: Annotated[bool, typer.Option("--json", help="One JSON object a form.")] = False,
    log: Annotated[Log | None, typer.Option("--log", help="For a log: times and no bars.", hidden=True)] = None,
    project: ProjectOption = None,
) -> None:
    """Bring what is kept up to what the servers hold; exit 1 where a person is needed, 3 where a pull failed."""
    if form and everything:
        raise typer.BadParameter(
            words("--form names forms and --all means every one: use one of them", "choisissez entre --form et --all"),
            param_hint="--all",
        )
    interval = _interval(every)
    settings = settings_for(project)
    configured = configured_sources(settings)
    chosen = [configured.named(name) for name in dict.fromkeys(sources or sorted(configured.by_name))]
    if not chosen:
        for error in configured.unusable.values():
            raise error
        fail(NONE_YET.in_language(terminal_language()))
    wanted = Wanted(tuple(form or ()), everything, media, sweep)
    with opened(settings) as open_project:
        display = BarDisplay(err) if err.is_terminal and log is None else NoDisplay()
        wires = wires_for(settings)
        puller = Puller(open_project.folder, open_project.store, wires, display)
        clock = None if interval is None and log is None else wires.clock
        teller = _Teller(as_objects=as_objects, only_changes=log is Log.CHANGES, clock=clock)
        try:
            with interruptible():
                if interval is None:
                    teller.tell_all(puller, chosen, wanted)
                else:
                    _again_and_again(puller, chosen, wanted, interval, teller)
        except KeyboardInterrupt:
            teller.tell_on_err(Bilingual("Stopped; nothing is lost.", "Arrêté ; rien n'est perdu."))
            raise typer.Exit(INTERRUPTED if interval is None else 0) from None
    raise typer.Exit(teller.exit_code)


def _interval(every: str | None) -> timedelta | None:
    if every is None:
        return None
    interval = read_interval(every)
    if interval is None:
        raise typer.BadParameter(
            words("write 30s, 5m or 1h; 10 s at least", "écrivez 30s, 5m ou 1h ; au moins 10 s"), param_hint="--every"
        )
    return interval


def _again_and_again(
    puller: Puller, sources: Sequence[ConfiguredSource], wanted: Wanted, interval: timedelta, teller: "_Teller"
) -> None:
    """Pull each source at its pace until somebody interrupts."""
    clock, sleep = puller.wires.clock, puller.wires.sleep
    paces = {source.name: Pace(interval) for source in sources}
    while True:
        due = [source for source in sources if paces[source.name].is_due(clock())]
        failed = teller.tell_all(puller, due, wanted)
        for source in due:
            pace = paces[source.name]
            pace.done(clock(), failed=source.name in failed)
            if source.name in failed:
                teller.tell_on_err(_pause(source.name, pace.left(clock())))
        at = clock()
        sleep(max(0.1, min(pace.left(at) for pace in paces.values()).total_seconds()))


def _pause(name: str, left: timedelta) -> Bilingual:
    pause = timedelta(seconds=round(left.total_seconds()))
    return Bilingual(
        f"{name}: next try in {interval_text(pause)}.", f"{name} : prochain essai dans {interval_text_fr(pause)}."
    )


class _Teller:
    """Says what becomes of each form as soon as it is known, and remembers how it went on the whole.

    only_changes: no line for a form where all is as it was. clock: puts the time before each line.
    """

    def __init__(self, *, as_objects: bool, only_changes: bool, clock: Callable[[], datetime] | None) -> None:
        self._as_objects = as_objects
        self._only_changes = only_changes
        self._clock = clock
        self._has_failed = False
        self._needs_person = False

    @property
    def exit_code(self) -> int:
        """3 where anything failed, 1 where a person is needed, else 0."""
        return FAILED if self._has_failed else FINDINGS if self._needs_person else 0

    def tell_all(self, puller: Puller, sources: Sequence[ConfiguredSource], wanted: Wanted) -> frozenset[str]:
        """Pull a round and tell about it; return the names of the sources that failed."""
        failed: set[str] = set()
        for outcome in puller.round(sources, wanted):
            if outcome.error is not None:
                failed.add(outcome.source)
            self._tell(outcome)
        self._has_failed |= bool(failed)
        return frozenset(failed)

    def _tell(self, outcome: Pulled | Unpulled) -> None:
        if self._as_objects:
            for line in as_json(outcome):
                print_for_programs(line)
        if outcome.error is not None:
            self.tell_on_err(failure_line(outcome, outcome.error.message), style="bold red")
        elif isinstance(outcome, Unpulled):
            self._needs_person = True
            if not self._as_objects:
                self._say(*lines_to_choose_from(outcome.source, outcome.forms))
        elif outcome.report is not None:
            self._needs_person |= bool(outcome.report.needs_person)
            self._tell_report(outcome.report)

    def _tell_report(self, report: PullReport) -> None:
        needed = [Bilingual(f"  for you: {line.en}", f"  à vous : {line.fr}") for line in report.needs_person]
        if self._as_objects:
            for sentence in needed:  # whoever reads the objects has it there; a log keeps it too
                self.tell_on_err(sentence)
        elif has_changed(report) or not self._only_changes:
            further = (Bilingual(f"  {line.en}", f"  {line.fr}") for line in further_lines(report))
            self._say(report_line(report), *further, *needed)

    def tell_on_err(self, line: Bilingual, *, style: str | None = None) -> None:
        """Say what is no result: failures, and what becomes of the pulling itself."""
        text = self._stamped(line).in_language(terminal_language())
        err.print(text, style=style, markup=False, soft_wrap=True)

    def _say(self, *lines: Bilingual) -> None:
        for line in map(self._stamped, lines):
            say(line.en, line.fr)

    def _stamped(self, line: Bilingual) -> Bilingual:
        return line if self._clock is None else stamped(line, self._clock())
