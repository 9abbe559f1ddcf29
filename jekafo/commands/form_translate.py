"""`jekafo form translate`: what is missing in a language goes out to a translator, and comes back into the workbook."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from forms.sheets.survey_rows import survey_sheet
from forms.text import Bilingual
from forms.translation.acceptance import Remark, Why
from forms.translation.incoming import read_translation_file
from forms.translation.languages import default_language, language_named, languages, tag_of
from forms.translation.lay_in import LaidIn, form_id_of, lay_in, losses_of
from forms.translation.missing import OpenText, open_texts
from forms.translation.outgoing import translation_file
from forms.workbook.file import read_workbook
from forms.workbook.workbook import Workbook
from jekafo.settings import terminal_language
from jekafo.terminal import FINDINGS, fail, out, reported, say, words
from jekafo.whole_file import write_whole


@reported
def translate(
    file: Annotated[Path, typer.Argument(help="The workbook, an .xlsx.")],
    language: Annotated[
        str | None, typer.Argument(help='Into which language: fr, "Fulfulde (ffm)". A new one needs name and tag.')
    ] = None,
    lay: Annotated[Path | None, typer.Option("--lay-in", help="The translator's file, to be laid in.")] = None,
    to: Annotated[Path | None, typer.Option(help="The file to write.")] = None,
    source: Annotated[str | None, typer.Option("--from", help="From which language; else the default one.")] = None,
    since: Annotated[
        Path | None,
        typer.Option(help="An older workbook: what was changed since and not translated anew goes out too."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file, or into the workbook itself.")] = False,
) -> None:
    """Export what is missing or stale in a language for a translator; with --lay-in, take the answers back."""
    if lay is not None:
        if language is not None or source is not None or since is not None:
            raise typer.BadParameter(
                words(
                    "--lay-in reads the language from the translator's file: name no language, --from or --since.",
                    "--lay-in lit la langue dans le fichier du traducteur : retirez la langue, --from et --since.",
                )
            )
        _take_back(file, lay, to, force=force)
    elif language is None:
        raise typer.BadParameter(
            words(
                'Into which language? For example: fr, or "Fulfulde (ffm)".',
                "Dans quelle langue ? Par exemple : fr, ou « Fulfulde (ffm) ».",
            )
        )
    else:
        _send_out(file, language, source, since, to, force=force)


def _send_out(
    file: Path, language: str, source: str | None, since: Path | None, to: Path | None, *, force: bool
) -> None:
    raw = _content(file)
    losses_of(raw, file.name)
    workbook = read_workbook(raw, file.name)
    if survey_sheet(workbook) is None:
        fail(
            words(
                f"{file} has no sheet survey, so there is nothing to translate.",
                f"{file} n'a pas de feuille survey : il n'y a rien à traduire.",
            )
        )
    known = languages(workbook)
    source_language = language_named(source, known) if source is not None else default_language(workbook)
    wanted = language_named(language, known)
    if wanted == source_language:
        fail(
            words(
                f"{wanted} is the language translated from. Name another one, or the source with --from.",
                f"{wanted} est la langue de départ. Nommez-en une autre, ou la source avec --from.",
            )
        )
    older: Workbook | None = read_workbook(_content(since), since.name) if since is not None else None
    texts = open_texts(workbook, wanted, source_language, since=older)
    if not texts:
        say(f"{file}: nothing is missing in {wanted}.", f"{file} : rien ne manque en {wanted}.")
        return
    target = to or Path(f"{file.stem}-{tag_of(wanted)}.xlsx")
    _refuse_overwriting(target, force=force)
    _write(target, translation_file(texts, wanted, form_id_of(workbook)))
    stale = sum(bool(text.present) for text in texts)
    counts = _by_sheet(texts)
    again, filled = shlex.quote(str(file)), shlex.quote(str(target))
    say(
        f"{target}: {len(texts)} texts to translate into {wanted} ({counts}), {stale} of them stale. Send it to the "
        f"translator, then: jekafo form translate {again} --lay-in {filled}",
        f"{target} : {len(texts)} textes à traduire en {wanted} ({counts}), dont {stale} périmés. Envoyez-le au "
        f"traducteur, puis : jekafo form translate {again} --lay-in {filled}",
    )


def _take_back(file: Path, lay: Path, to: Path | None, *, force: bool) -> None:
    target = to or file
    raw = _content(file)
    if to is None and not force:
        raise typer.BadParameter(
            words(
                f"Name a new file with --to, or add --force to write into {file}.",
                f"Nommez un nouveau fichier avec --to, ou ajoutez --force pour écrire dans {file}.",
            )
        )
    if to is not None and not _is_same(to, file):
        _refuse_overwriting(to, force=force)
    elif to is not None and not force:
        _refuse_overwriting(to, force=False)
    if target.suffix.lower() != ".xlsx":
        fail(
            words(
                f"{target} must end in .xlsx: name one with --to. Macros are not kept.",
                f"{target} doit finir par .xlsx : nommez-en un avec --to. Les macros ne sont pas gardées.",
            )
        )
    lost = losses_of(raw, file.name)
    if lost and _is_same(target, file):
        fail(
            words(
                f"{file} would lose {_joined(lost, 'en')}. Name another file with --to, and keep this one.",
                f"{file} perdrait {_joined(lost, 'fr')}. Nommez un autre fichier avec --to et gardez celui-ci.",
            )
        )
    laid = lay_in(raw, file.name, read_translation_file(_content(lay), lay.name))
    if laid.laid:
        _write(target, laid.workbook)
    _tell(laid, lay, target)
    if laid.refused:
        raise typer.Exit(FINDINGS)


def _tell(laid: LaidIn, lay: Path, target: Path) -> None:
    language = terminal_language()
    for remark in (*laid.refused, *laid.remarks):
        if remark.why is not Why.ALREADY_THERE:
            out.print(_line(remark, lay, laid, language), markup=False, soft_wrap=True)
    for column in laid.new_columns:
        say(f"New column {column}", f"Nouvelle colonne {column}")
    if laid.lost:
        say(
            f"{target} lacks {_joined(laid.lost, 'en')}, which the workbook had.",
            f"Dans {target} manquent {_joined(laid.lost, 'fr')} que le classeur avait.",
        )
    already = sum(remark.why is Why.ALREADY_THERE for remark in laid.remarks)
    place = f"{target}: " if laid.laid else ""
    say(
        f"{place}{laid.laid} translations laid in, {len(laid.refused)} refused, {already} there already, "
        f"{laid.empty} left blank.",
        f"{place.replace(':', ' :')}{laid.laid} traductions reportées, {len(laid.refused)} refusées, {already} déjà "
        f"là, {laid.empty} laissées vides.",
    )


def _line(remark: Remark, lay: Path, laid: LaidIn, language: str) -> str:
    is_refused = remark in laid.refused
    what = Bilingual("refused", "refusée") if is_refused else Bilingual("remark", "remarque")
    row = Bilingual(f"row {remark.row}", f"ligne {remark.row}").in_language(language)
    colon = Bilingual(":", " :").in_language(language)
    return (
        f"{lay.name} {row} ({remark.place}){colon} {what.in_language(language)} {remark.why}{colon} "
        f"{remark.message.in_language(language)}"
    )


def _by_sheet(texts: tuple[OpenText, ...]) -> str:
    counts: dict[str, int] = {}
    for text in texts:
        counts[text.sheet] = counts.get(text.sheet, 0) + 1
    return ", ".join(f"{sheet} {count}" for sheet, count in counts.items())


def _joined(lost: tuple[Bilingual, ...], language: str) -> str:
    return ", ".join(what.in_language(language) for what in lost)


def _content(path: Path) -> bytes:
    if not path.is_file():
        fail(words(f"There is no file {path}.", f"Le fichier {path} n'existe pas."))
    return path.read_bytes()


def _is_same(one: Path, other: Path) -> bool:
    return one.resolve() == other.resolve()


def _refuse_overwriting(target: Path, *, force: bool) -> None:
    if target.is_dir():
        fail(
            words(
                f"{target} is a folder. Name a file with --to.",
                f"{target} est un dossier. Nommez un fichier avec --to.",
            )
        )
    if target.exists() and not force:
        fail(
            words(
                f"{target} is there already. Name another file with --to, or add --force.",
                f"{target} existe déjà. Nommez un autre fichier avec --to, ou ajoutez --force.",
            )
        )


def _write(target: Path, content: bytes) -> None:
    try:
        write_whole(target, content)
    except OSError as error:
        fail(
            words(
                f"{target} cannot be written: {error.strerror}.", f"{target} ne peut pas être écrit : {error.strerror}."
            )
        )
