"""Where the servers and the keys to them are found, and what is said when they are not as they should be."""

from datetime import timedelta
from pathlib import Path

import pytest

from jekafo.interval import interval_text, read_interval
from jekafo.settings import Settings
from jekafo.sources.configured import ConfiguredSource
from jekafo.sources.file import SourceSettingsInvalid, add_to_sources_file, remove_from_sources_file
from jekafo.sources.settings import ConfiguredSources, configured_sources, usable_sources
from sync.errors import SourceUnknown

SECRET = "0123456789abcdef0123456789abcdef01234567"
KOBO = f"""\
# our server
[sources.kobo]
kind = "kobo"
address = "https://kf.example.org/"
token = "{SECRET}"
"""
CENTRAL = """
[central]
base_url = "https://central.example.org"
username = "awa@example.org"
password = "seven quiet rivers"
default_project_id = 3
"""


@pytest.fixture(autouse=True)
def nothing_lies_around(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable, `.env` or pyODK configuration of whoever runs the tests."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.chdir(home)
    monkeypatch.setenv("HOME", str(home))
    for name in ("KOBOTOOLBOX_URL", "KOBOTOOLBOX_TOKEN", "PYODK_CONFIG_FILE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(f"JEKAFO_{name}", raising=False)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "project" / "sources.toml"


def write(file: Path, text: str, mode: int = 0o600) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)


def sources(file: Path) -> ConfiguredSources:
    return configured_sources(Settings(project=file.parent, database_url=None))


def source(file: Path, text: str, name: str = "kobo") -> ConfiguredSource:
    write(file, text)
    return sources(file).named(name)


def refusal(file: Path, text: str) -> SourceSettingsInvalid:
    write(file, text)
    with pytest.raises(SourceSettingsInvalid) as caught:
        sources(file)
    return caught.value


def test_a_project_without_any_source_has_none_and_says_how_to_add_one(file: Path) -> None:
    assert sources(file).by_name == {}
    with pytest.raises(SourceUnknown, match="jekafo source add"):
        sources(file).named("kobo")


def test_a_source_is_read_with_all_that_its_table_says(file: Path) -> None:
    found = source(
        file,
        KOBO
        + 'further_hosts = ["kc.example.org"]\nhook_secret = "made-by-chance-0123"\nmedia = "list"\nevery = "5m"\n',
    )
    settings = found.for_connecting()
    assert (settings.kind, settings.address, settings.token) == ("kobo", "https://kf.example.org", SECRET)
    assert (settings.further_hosts, settings.hook_secret) == (("kc.example.org",), "made-by-chance-0123")
    assert (found.media, found.every) == ("list", timedelta(minutes=5))


def test_secrets_stand_in_no_repr(file: Path) -> None:
    found = source(file, KOBO + 'hook_secret = "made-by-chance-0123"\n')
    for shown in (repr(found), repr(found.for_connecting()), str(sources(file))):
        assert SECRET not in shown
        assert "made-by-chance" not in shown


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_a_file_that_others_may_read_is_not_used(file: Path, mode: int) -> None:
    write(file, KOBO, mode)
    with pytest.raises(SourceSettingsInvalid, match="chmod 600"):
        sources(file)


def test_a_fault_in_the_toml_names_file_and_line_and_quotes_nothing(file: Path) -> None:
    error = refusal(file, KOBO + f'password = "{SECRET}\n')
    assert f"{file}, line 6" in error.message.en
    assert "ligne 6" in error.message.fr
    assert SECRET not in str(error)
    assert SECRET not in repr(error.__cause__)
    assert SECRET not in repr(error.__context__)


@pytest.mark.parametrize("fault", ["no TOML", "others may read it", "a folder"])
def test_who_has_other_work_gets_no_source_and_the_reason(
    file: Path, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What lies around must not take the place of a source that the file describes.
    monkeypatch.setenv("KOBOTOOLBOX_URL", "https://other.example.org")
    monkeypatch.setenv("KOBOTOOLBOX_TOKEN", "another")
    if fault == "a folder":
        file.mkdir(parents=True)
    else:
        write(file, "[sources.kobo" if fault == "no TOML" else KOBO, 0o644 if fault == "others may read it" else 0o600)
    found, reason = usable_sources(Settings(project=file.parent, database_url=None))
    assert found.by_name == {}
    assert reason is not None
    assert str(file) in reason.en


def test_an_unknown_kind_is_named_with_its_line_and_the_kinds_that_there_are(file: Path) -> None:
    error = refusal(file, KOBO.replace('kind = "kobo"', 'kind = "kobos"'))
    assert ": source kobo: the kind kobos is not known. Kinds: central, folder, kobo." in error.message.en
    assert f"{file}, line " in error.message.en


def test_an_unknown_key_is_named_with_its_line_and_the_keys_that_there_are(file: Path) -> None:
    error = refusal(file, KOBO + "tokn = 'x'\n")
    assert f"{file}, line 6: source kobo: the key tokn is not known. Keys: kind, address, token" in error.message.en


def test_a_missing_token_says_what_to_write_and_where_to_find_it(file: Path) -> None:
    error = refusal(file, KOBO.replace("token", "# token"))
    assert f"{file}, line 2" in error.message.en
    assert "token =" in error.message.en
    assert "KoboToolbox" in error.message.en


def test_a_central_without_a_password_says_what_to_write(file: Path) -> None:
    text = '[sources.mda]\nkind = "central"\naddress = "https://c.example.org"\nusername = "awa@example.org"\n'
    assert "password =" in refusal(file, text).message.en


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("project = 'three'", "project must be a number"),
        ("project = true", "project must be a number"),
        ("further_hosts = 'kc.example.org'", "further_hosts must be a list"),
        ("every = '5 parsecs'", "every must be a time"),
        ("every = '1s'", "every must be a time"),
        ("media = 'some'", "media must be none, list or all"),
        ("hook_secret = 'short'", "hook_secret must be 16 letters"),
        ("hook_secret = 'sixteen/or/more/but/slashes'", "hook_secret must be 16 letters"),
        ("username = 5", "username must be a text"),
    ],
)
def test_a_value_of_the_wrong_kind_is_named_with_its_line(file: Path, line: str, words: str) -> None:
    error = refusal(file, KOBO + line + "\n")
    assert f"{file}, line 6: source kobo: {words}" in error.message.en


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("kf.kobotoolbox.org", "not that of a server"),
        ("ftp://kf.kobotoolbox.org", "not that of a server"),
        ("https://kf.example.org:no", "not that of a server"),
        ("https://kf.example.org/?q=1", "not that of a server"),
        ("http://kf.example.org", "http://"),
        ("https://awa:pass@kf.example.org", "holds a name or password"),
    ],
)
def test_an_address_to_which_no_key_may_go_is_refused(file: Path, address: str, words: str) -> None:
    error = refusal(file, KOBO.replace("https://kf.example.org/", address))
    assert words in error.message.en
    assert "line 4" in error.message.en
    assert "pass" not in error.message.en.replace("password", "")


def test_a_server_on_this_very_machine_may_be_reached_without_https(file: Path) -> None:
    assert source(file, KOBO.replace("https://kf.example.org/", "http://127.0.0.1:9000")).address.endswith(":9000")


@pytest.mark.parametrize("name", ["here", "openrosa", "a/b", "A", "..", "-a"])
def test_a_name_that_means_something_else_or_no_file_could_have_is_refused(file: Path, name: str) -> None:
    assert name in refusal(file, KOBO.replace("sources.kobo", f'sources."{name}"')).message.en


def test_the_variables_of_other_tools_make_a_source(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOBOTOOLBOX_URL", "https://eu.kobotoolbox.org")
    monkeypatch.setenv("KOBOTOOLBOX_TOKEN", SECRET)
    found = sources(file).named("kobo")
    assert (found.address, found.for_connecting().token) == ("https://eu.kobotoolbox.org", SECRET)


def test_our_own_prefix_comes_before_theirs(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOBOTOOLBOX_URL", "https://eu.kobotoolbox.org")
    monkeypatch.setenv("JEKAFO_KOBOTOOLBOX_URL", "https://kf.kobotoolbox.org")
    monkeypatch.setenv("KOBOTOOLBOX_TOKEN", SECRET)
    assert sources(file).named("kobo").address == "https://kf.kobotoolbox.org"


def test_what_is_written_for_the_project_comes_before_the_variables_and_nothing_is_mixed(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KOBOTOOLBOX_URL", "https://eu.kobotoolbox.org")
    monkeypatch.setenv("KOBOTOOLBOX_TOKEN", "another token")
    found = source(file, KOBO)
    assert (found.address, found.for_connecting().token) == ("https://kf.example.org", SECRET)
    # A key for the one server never goes to the other.
    assert "token" in refusal(file, KOBO.replace("token", "# token")).message.en


def test_half_of_the_variables_stops_nobody_until_that_source_is_asked_for(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KOBOTOOLBOX_TOKEN", SECRET)
    assert sources(file).by_name == {}
    with pytest.raises(SourceSettingsInvalid, match="KOBOTOOLBOX_URL is not set"):
        sources(file).named("kobo")


def test_the_configuration_of_pyodk_makes_a_source(file: Path) -> None:
    Path.home().joinpath(".pyodk_config.toml").write_text(CENTRAL, encoding="utf-8")
    settings = sources(file).named("central").for_connecting()
    assert (settings.kind, settings.address, settings.project) == ("central", "https://central.example.org", 3)
    assert (settings.username, settings.password) == ("awa@example.org", "seven quiet rivers")


def test_another_configuration_of_pyodk_may_be_named(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pyodk.toml").write_text(CENTRAL, encoding="utf-8")
    monkeypatch.setenv("PYODK_CONFIG_FILE", str(tmp_path / "pyodk.toml"))
    assert sources(file).named("central").project == 3


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("password =", "pasword =", "password"),
        ("default_project_id = 3", "default_project_id = 'x'", "line 6: source central: default_project_id"),
        ("https://central", "http://central", "line 3: source central: the address"),
        ("[central]", "[central", "line 2"),
    ],
)
def test_a_fault_in_pyodk_s_file_is_told_in_its_own_words_and_only_when_it_matters(
    file: Path, old: str, new: str, words: str
) -> None:
    Path.home().joinpath(".pyodk_config.toml").write_text(CENTRAL.replace(old, new), encoding="utf-8")
    assert sources(file).by_name == {}
    with pytest.raises(SourceSettingsInvalid) as caught:
        sources(file).named("central")
    assert words in caught.value.message.en
    assert "rivers" not in caught.value.message.en


def test_an_added_source_is_read_back_and_the_file_is_the_owner_s_alone(file: Path) -> None:
    hard = 'a "quoted" \\ back\\slash – é'
    add_to_sources_file(file, "kobo", {"kind": "kobo", "address": "https://kf.example.org", "token": hard})
    add_to_sources_file(file, "mda", {"kind": "kobo", "address": "https://eu.example.org", "token": "x", "project": 3})
    assert sources(file).named("kobo").for_connecting().token == hard
    assert sources(file).named("mda").project == 3
    assert file.stat().st_mode & 0o077 == 0
    assert [path.name for path in file.parent.iterdir()] == ["sources.toml"]


def test_removing_a_source_leaves_the_others_and_what_people_noted(file: Path) -> None:
    other = '\n# the one in Geneva\n[sources.geneva]\nkind = "folder"\naddress = "/srv/geneva"\n'
    write(file, KOBO + other)
    remove_from_sources_file(file, "kobo")
    assert set(sources(file).by_name) == {"geneva"}
    assert "# the one in Geneva" in file.read_text(encoding="utf-8")
    remove_from_sources_file(file, "geneva")
    assert sources(file).by_name == {}


def test_a_source_written_in_an_unusual_way_is_removed_by_its_author(file: Path) -> None:
    text = '[sources]\ngeneva = { kind = "folder", address = "/srv/geneva" }\n'
    write(file, text)
    with pytest.raises(SourceSettingsInvalid, match="by hand"):
        remove_from_sources_file(file, "geneva")
    assert file.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(("text", "seconds"), [("30s", 30), ("5m", 300), ("1h", 3600), (" 2 D ", 172800)])
def test_a_span_is_read_as_people_type_it(text: str, seconds: int) -> None:
    span = read_interval(text)
    assert span == timedelta(seconds=seconds)
    assert read_interval(interval_text(span)) == span


@pytest.mark.parametrize("text", ["", "5", "m", "-5m", "5 weeks", "9s", "٥m", "9" * 30 + "d"])
def test_what_is_no_span_or_too_short_is_none(text: str) -> None:
    assert read_interval(text) is None
