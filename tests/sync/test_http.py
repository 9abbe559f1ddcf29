"""How servers are asked over HTTP: patience, refusals, redirects, and what never shows."""

import gzip
import json
import logging
import socket
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any, Self

import pytest
import requests
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse
from urllib3.exceptions import MaxRetryError, NewConnectionError

from sync.errors import SourceError, SourceRefused, SourceReplyTooLarge, SourceReplyUnexpected, SourceUnavailable
from sync.http.client import HttpClient
from sync.http.exchange import Limits
from sync.http.failures import retry_after
from sync.http.redaction import redacted, spoken_path
from sync.wires import Wires

BASE = "https://kf.example.org"
TOKEN = "f00dfeedc0ffee1234567890"
AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
Answer = Callable[[requests.PreparedRequest], requests.Response]


def reply(
    status: int = 200, body: Any = b"{}", headers: Mapping[str, str] | None = None, cut_at: int | None = None
) -> Answer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = {"Content-Type": "application/json", "Content-Length": str(len(content)), **(headers or {})}

    def answer(request: requests.PreparedRequest) -> requests.Response:
        response = requests.Response()
        response.status_code = status
        response.headers.update(sent)
        response.raw = HTTPResponse(
            BytesIO(content[:cut_at]), headers=sent, status=status, preload_content=False, request_method="GET"
        )
        response.request, response.url = request, request.url or ""
        return response

    return answer


def unreachable() -> requests.ConnectionError:
    error = NewConnectionError(None, "refused")  # type: ignore[arg-type] # no pool is needed to be refused
    return requests.ConnectionError(MaxRetryError(None, "/", error))  # type: ignore[arg-type] # as above


class Script(BaseAdapter):
    """Answers in the order of its steps, the last one for ever, and notes what it was asked."""

    def __init__(self, *steps: Answer | Exception) -> None:
        super().__init__()
        self.steps = list(steps)
        self.asked: list[requests.PreparedRequest] = []

    def send(self, request: requests.PreparedRequest, *_arguments: Any, **_options: Any) -> requests.Response:
        self.asked.append(request)
        step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
        if isinstance(step, Exception):
            raise step
        return step(request)

    def close(self) -> None:
        """Nothing is open."""


class Time:
    """A clock that moves when somebody sleeps."""

    def __init__(self) -> None:
        self.at = AT
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += timedelta(seconds=seconds)


@pytest.fixture
def time() -> Time:
    return Time()


def client(script: Script, time: Time | None = None, **options: Any) -> HttpClient:
    time = time or Time()
    wires = Wires(clock=time.now, sleep=time.sleep, chance=lambda: 1.0, adapter=lambda: script)
    credential = {"headers": lambda: {"Authorization": f"Token {TOKEN}"}, "name": "ministry"}
    return HttpClient(**({"base": BASE, "wires": wires} | credential | options))


def said(error: SourceError) -> str:
    return f"{error} {error.message.en} {error.message.fr} {error!r} {error.detail}"


# What is sent


def test_a_json_reply_is_returned_and_the_request_carries_the_credential():
    script = Script(reply(body={"count": 3}))
    http = client(script)
    assert http.get_json("/api/v2/assets/", {"limit": "1"}) == {"count": 3}
    assert script.asked[0].url == f"{BASE}/api/v2/assets/?limit=1"
    assert script.asked[0].headers["Authorization"] == f"Token {TOKEN}"
    assert script.asked[0].headers["Accept"] == "application/json"
    assert http.requests_made == 1


def test_a_path_is_below_the_address_even_where_that_has_a_path_or_the_path_looks_like_a_host():
    script = Script(reply())
    http = client(script, base=f"{BASE}/odk/")
    http.get_json("v1/projects")
    http.get_json("//evil.example.net/v1/projects")
    assert [asked.url for asked in script.asked] == [
        f"{BASE}/odk/v1/projects",
        f"{BASE}/odk/evil.example.net/v1/projects",
    ]


def test_a_record_id_with_a_colon_is_a_path_and_not_a_url():
    script = Script(reply())
    client(script).get_json("uuid:1111/attachments")
    assert script.asked[0].url == f"{BASE}/uuid:1111/attachments"


def test_the_proxy_and_the_certificates_that_the_environment_names_are_used(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.org:3128")
    monkeypatch.setenv("NO_PROXY", "kc.example.org")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/etc/ssl/ministry.pem")
    sent: list[Any] = []

    class Noting(Script):
        def send(self, request: requests.PreparedRequest, *arguments: Any, **options: Any) -> requests.Response:
            sent.append((options["proxies"].get("https"), options["verify"]))
            return super().send(request, *arguments, **options)

    http = client(Noting(reply()), hosts=("kc.example.org",))
    http.get_json("/one")
    http.get_json("https://kc.example.org/two")
    assert sent == [("http://proxy.example.org:3128", "/etc/ssl/ministry.pem"), (None, "/etc/ssl/ministry.pem")]


def test_the_sign_in_of_a_netrc_file_never_replaces_the_credential(tmp_path: Any, monkeypatch: pytest.MonkeyPatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine kf.example.org login somebody password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    script = Script(reply())
    client(script).get_json("/api/v2/assets/")
    assert script.asked[0].headers["Authorization"] == f"Token {TOKEN}"


def test_a_form_with_files_goes_out_as_multipart_and_bytes_go_out_as_they_are():
    script = Script(reply(201, {"uid": "a1"}))
    http = client(script)
    assert http.post_form("/imports/", {"name": "Élevage"}, {"file": ("f.xlsx", b"PK", "application/zip")})
    assert script.asked[0].headers["Content-Type"].startswith("multipart/form-data")
    assert "Élevage".encode() in (script.asked[0].body or b"")
    http.post_file("/forms", b"<h:html/>", "application/xml", params={"publish": "false"})
    assert script.asked[1].body == b"<h:html/>"
    assert script.asked[1].headers["Content-Type"] == "application/xml"
    assert script.asked[1].url == f"{BASE}/forms?publish=false"


def test_an_empty_reply_to_a_write_is_none():
    assert client(Script(reply(204, b""))).send_json("DELETE", "/x") is None


def test_each_thread_has_a_session_of_its_own_and_all_requests_are_counted():
    made: list[Script] = []

    def adapter() -> Script:
        made.append(Script(reply()))
        return made[-1]

    http = HttpClient(base=BASE, wires=Wires(adapter=adapter))
    threads = [threading.Thread(target=lambda: [http.get_json("/x") for _ in range(50)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert http.requests_made == 400
    assert sorted(len(script.asked) for script in made if script.asked) == [50] * 8


# What passes is asked again


@pytest.mark.parametrize("status", [408, 429, 502, 503, 504, 507, 522])
def test_what_passes_is_asked_again_with_growing_waits(status: int, time: Time):
    script = Script(*(reply(status) for _ in range(3)), reply(body=[1]))
    assert client(script, time).get_json("/x") == [1]
    assert time.slept == [1, 2, 4]


def test_waits_are_drawn_between_nothing_and_the_longest(time: Time):
    script = Script(reply(503), reply(503), reply())
    drawn = iter([0.25, 0.5])
    wires = Wires(clock=time.now, sleep=time.sleep, chance=lambda: next(drawn), adapter=lambda: script)
    HttpClient(base=BASE, wires=wires).get_json("/x")
    assert time.slept == [0.25, 1.0]


@pytest.mark.parametrize(
    "broken",
    [
        requests.ConnectionError("reset"),
        requests.ReadTimeout("late"),
        ConnectionResetError(),
        unreachable(),
        reply(body={"results": ["long"]}, cut_at=7),
        reply(body=b'{"results": [{"a":'),
        reply(body=b'{"results": [{"a": "b"}'),
        reply(body=b""),
        reply(body=b'{"name": "\xc3'),
    ],
)
def test_a_broken_connection_or_a_reply_cut_short_is_asked_again(broken: Any, time: Time):
    assert client(Script(broken, reply(body={"whole": True})), time).get_json("/x") == {"whole": True}
    assert time.slept == [1]


def test_after_five_tries_it_is_unavailable(time: Time):
    http = client(Script(reply(503)), time)
    with pytest.raises(SourceUnavailable, match="5 times") as raised:
        http.get_json("/api/v2/assets/")
    assert raised.value.status == 503
    assert http.requests_made == 5
    assert "5 fois" in raised.value.message.fr
    assert len(time.slept) == 4


def test_a_500_is_asked_again_only_once(time: Time):
    http = client(Script(reply(500, {"message": "Completely unhandled exception"})), time)
    with pytest.raises(SourceUnavailable, match="Completely unhandled exception") as raised:
        http.get_json("/x")
    assert http.requests_made == 2
    assert raised.value.detail == "Completely unhandled exception"


def test_retry_after_is_waited_for(time: Time):
    date = (AT + timedelta(seconds=30)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    steps = [reply(429, headers={"Retry-After": "7"}), reply(503, headers={"Retry-After": date}), reply()]
    script = Script(*steps)
    wires = Wires(clock=time.now, sleep=time.sleep, chance=lambda: 0.0, adapter=lambda: script)
    HttpClient(base=BASE, wires=wires).get_json("/x")
    assert time.slept == [7, 23]


def test_a_retry_after_beyond_patience_is_told_and_not_waited_for(time: Time):
    http = client(Script(reply(429, headers={"Retry-After": "3600"})), time)
    with pytest.raises(SourceUnavailable, match="2026-11-22 09:00 UTC"):
        http.get_json("/x")
    assert time.slept == []


@pytest.mark.parametrize(
    ("value", "seconds"), [(None, None), ("5", 5), ("soon", None), ("-1", None), ("", None), ("9" * 400, 2_592_000)]
)
def test_a_retry_after_that_says_nothing_is_none(value: str | None, seconds: float | None):
    assert retry_after(value, AT) == seconds


def test_a_date_in_the_past_asks_for_no_wait():
    assert retry_after("Sun, 22 Nov 2020 08:00:00 GMT", AT) == 0


# Writes


@pytest.mark.parametrize("step", [reply(503), reply(500), requests.ReadTimeout("late"), requests.ConnectionError("x")])
def test_a_write_that_may_have_been_done_is_not_repeated_and_says_so(step: Any, time: Time):
    http = client(Script(step), time)
    with pytest.raises(SourceUnavailable, match="may have been done") as raised:
        http.send_json("POST", "/x", {})
    assert http.requests_made == 1
    assert "vérifiez avant de recommencer" in raised.value.message.fr


@pytest.mark.parametrize("step", [unreachable(), requests.ConnectTimeout("x"), reply(429)])
def test_a_write_that_did_not_reach_the_server_is_sent_again(step: Any, time: Time):
    assert client(Script(step, reply(201, {"id": 1})), time).send_json("POST", "/x", {}) == {"id": 1}


def test_a_write_that_does_no_harm_twice_is_sent_again(time: Time):
    script = Script(reply(502), requests.ReadTimeout("late"), reply(body={"done": 1}))
    assert client(script, time).send_json("PATCH", "/x", {"a": 1}, idempotent=True) == {"done": 1}
    assert [asked.body for asked in script.asked] == [b'{"a": 1}'] * 3


# What a person must act on


@pytest.mark.parametrize(
    ("status", "words"),
    [(400, "400"), (401, "key or password is wrong"), (403, "no right"), (404, "nothing under"), (409, "409")],
)
def test_a_refusal_is_told_at_once_with_the_servers_words(status: int, words: str, time: Time):
    http = client(Script(reply(status, {"detail": "The specified asset\nhas not been deployed"})), time)
    with pytest.raises(SourceRefused, match=words) as raised:
        http.get_json("/api/v2/assets/aXyz/data/", {"query": "secret answer"})
    assert raised.value.status == status
    assert raised.value.detail == "The specified asset has not been deployed"
    assert "ministry (kf.example.org)" in raised.value.message.fr
    assert "GET /api/v2/assets/aXyz/data/" in raised.value.message.en
    assert "secret" not in said(raised.value)
    assert http.requests_made == 1


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"query": "Value must be valid JSON."}, "query: Value must be valid JSON."),
        ({"payload": ["Confirmation is required"]}, "payload: Confirmation is required"),
        ({"message": "Could not find it.", "code": 404.1}, "Could not find it."),
        ({"messages": {"error": "bad type"}}, "bad type"),
        ([], None),
        (b"<html>no</html>", None),
        ({"detail": "x" * 1000}, "x" * 299 + "…"),
    ],
)
def test_the_servers_words_are_found_and_shortened(body: Any, detail: str | None):
    with pytest.raises(SourceRefused) as raised:
        client(Script(reply(400, body))).get_json("/x")
    assert raised.value.detail == detail


@pytest.mark.parametrize("status", [304, 410, 501])
def test_another_api_is_told_as_such(status: int):
    with pytest.raises(SourceReplyUnexpected, match="API") as raised:
        client(Script(reply(status))).get_json("/api/v1/data")
    assert raised.value.status == status


@pytest.mark.parametrize(
    "body",
    [
        b'{"count": NaN}',
        b'{"count": -Infinity}',
        b'["\\ud800"]',
        b'{"\\uDC00\\ud83d": 1}',
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    ],
    ids=["NaN", "infinity", "half a character", "half a name", "lists without end", "objects without end"],
)
def test_json_that_nothing_can_be_made_of_is_unexpected_and_not_asked_again(body: bytes, time: Time):
    script = Script(reply(200, body))
    with pytest.raises(SourceReplyUnexpected, match="JSON"):
        client(script, time).get_json("/me/")
    assert len(script.asked) == 1


def test_pairs_of_surrogates_are_the_characters_they_mean():
    assert client(Script(reply(200, b'["\\ud83d\\ude00"]'))).get_json("/me/") == ["\U0001f600"]


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"detail": "\\ud800"}', b'{"detail": NaN}'])
def test_a_refusal_in_crooked_json_is_a_refusal_without_words(body: bytes):
    with pytest.raises(SourceRefused) as refused:
        client(Script(reply(403, body))).get_json("/me/")
    assert refused.value.detail is None


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_a_reply_that_would_fill_the_memory_is_left_alone_also_where_it_comes_packed_small(encoding: str):
    body = b'"' + b"x" * 3_000_000 + b'"'
    sent = gzip.compress(body) if encoding == "gzip" else body
    script = Script(reply(200, sent, {"Content-Encoding": encoding}))
    asking = client(script, limits=Limits(most_bytes=1_000_000))
    with pytest.raises(SourceReplyTooLarge):
        asking.get_json("/me/")
    with pytest.raises(SourceReplyTooLarge):
        asking.get_bytes("/me/", accept="application/xml")
    assert len(script.asked) == 2


def test_a_length_that_is_no_length_promises_nothing():
    assert client(Script(reply(200, b"[]", {"Content-Length": "9" * 5000}))).get_json("/me/") == []


def test_the_name_of_a_submitted_file_shows_nowhere():
    url = f"{BASE}/v1/projects/8/forms/hiv/submissions/uuid%3A1/attachments/positive%20Awa.pdf"
    with pytest.raises(SourceRefused) as refused:
        client(Script(reply(404))).stream(url)
    assert "Awa" not in said(refused.value)
    assert "uuid%3A1/attachments/…" in said(refused.value)
    assert "Awa" not in redacted(f"GET {url} 404")
    assert spoken_path("/v1/projects/8/forms/hiv/attachments/clinics.csv").endswith("clinics.csv")


@pytest.mark.parametrize("kind", ["json", "bytes", "write"])
def test_a_login_page_is_no_data(kind: str):
    http = client(Script(reply(body=b"<!DOCTYPE html><html>", headers={"Content-Type": "text/html; charset=utf-8"})))
    ask: dict[str, Callable[[], Any]] = {
        "json": lambda: http.get_json("/x"),
        "bytes": lambda: http.get_bytes("/x", accept="application/xml"),
        "write": lambda: http.send_json("POST", "/x", {}),
    }
    with pytest.raises(SourceReplyUnexpected, match="login page"):
        ask[kind]()
    assert http.requests_made == 1


def test_a_page_without_its_content_type_is_no_data_either():
    with pytest.raises(SourceReplyUnexpected):
        client(Script(reply(body=b"<!DOCTYPE html>"))).get_json("/x")


def test_an_address_that_is_none_is_refused_without_showing_a_password():
    for address in ("kf.example.org", "ftp://kf.example.org", "https://me:hunter2@kf.example.org", "https://"):
        with pytest.raises(SourceRefused) as raised:
            HttpClient(base=address, wires=Wires())
        assert "hunter2" not in said(raised.value)


# The credential


def test_an_expired_credential_is_renewed_once(time: Time):
    keys = ["old"]
    script = Script(reply(401), reply(body={"ok": 1}))

    def renew() -> bool:
        keys.append("new")
        return True

    http = client(script, time, headers=lambda: {"Authorization": f"Bearer {keys[-1]}"}, on_unauthorized=renew)
    assert http.get_json("/x") == {"ok": 1}
    assert [asked.headers["Authorization"] for asked in script.asked] == ["Bearer old", "Bearer new"]
    assert time.slept == []


def test_a_credential_that_stays_wrong_is_renewed_only_once():
    renewals: list[int] = []

    def renew() -> bool:
        renewals.append(1)
        return True

    http = client(Script(reply(401)), on_unauthorized=renew)
    with pytest.raises(SourceRefused):
        http.get_json("/x")
    assert renewals == [1]
    assert http.requests_made == 2


def test_a_renewal_that_is_refused_itself_does_not_renew_again():
    http: HttpClient

    def renew() -> bool:
        http.send_json("POST", "/v1/sessions", {})
        return True

    http = client(Script(reply(401)), on_unauthorized=renew)
    with pytest.raises(SourceRefused, match="POST /v1/sessions"):
        http.get_json("/x")
    assert http.requests_made == 2


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example.net/next",
        "https://kf.example.org.evil.example.net/next",
        "https://kf.example.org@evil.example.net/next",
        "https://evil.example.net\\@kf.example.org/next",
        "https://kf.example.org:8443/next",
        "http://kf.example.org/next",
        "https://user:word@kf.example.org/next",
        "HTTPS://EVIL.example.net/next",
        "https:/evil.example.net/next",
        "file:///etc/passwd",
    ],
)
def test_a_link_that_leads_elsewhere_is_refused_and_nothing_is_sent(url: str):
    http = client(Script(reply()))
    assert not http.allowed(url)
    for ask in (http.get_json, http.stream):
        with pytest.raises(SourceRefused) as raised:
            ask(url)
        assert "/next" not in said(raised.value)
        assert "word" not in raised.value.message.fr
    assert http.requests_made == 0


@pytest.mark.parametrize(
    "url",
    [
        "https://kf.example.org/a",
        "HTTPS://KF.example.org:443/a",
        "https://kc.example.org/a",
        "https://m.example.org:8443/",
    ],
)
def test_links_to_the_servers_own_hosts_are_followed(url: str):
    http = client(Script(reply(body=[7])), hosts=("kc.example.org", "m.example.org:8443"))
    assert http.get_json(url) == [7]


def test_https_of_the_same_host_is_allowed_from_http():
    http = client(Script(reply()), base="http://kf.example.org")
    assert http.allowed("https://kf.example.org/a")
    assert http.allowed("http://kf.example.org/a")


def test_a_redirect_within_the_server_is_followed_with_the_credential_and_without_the_old_query():
    script = Script(reply(301, b"", {"Location": "/v1/versions/2"}), reply(body={"v": 2}))
    http = client(script)
    assert http.get_json("/v1/x", {"a": "1"}) == {"v": 2}
    assert script.asked[1].url == f"{BASE}/v1/versions/2"
    assert script.asked[1].headers["Authorization"] == f"Token {TOKEN}"
    assert http.requests_made == 2


@pytest.mark.parametrize(
    "target", ["https://evil.example.net/?token=t0psecret", "http://kf.example.org/x", "//evil.example.net"]
)
def test_a_redirect_elsewhere_is_refused(target: str):
    script = Script(reply(302, b"", {"Location": target}))
    with pytest.raises(SourceRefused) as raised:
        client(script).stream("/media/1")
    assert len(script.asked) == 1
    assert "t0psecret" not in said(raised.value)


def test_a_download_goes_on_to_the_servers_store_without_the_credential():
    signed = "https://s3.example.com/bucket/1?X-Amz-Signature=abc"
    script = Script(reply(307, b"", {"Location": signed}), reply(206, b"photo"))
    http = client(script, stores=("s3.example.com",))
    assert b"".join(http.stream("/m", headers={"Range": "bytes=2-"}).chunks) == b"photo"
    assert script.asked[1].url == signed
    assert "Authorization" not in script.asked[1].headers
    assert script.asked[1].headers["Range"] == "bytes=2-"


def test_a_store_is_for_downloads_that_the_server_sends_there_alone():
    script = Script(reply(307, b"", {"Location": "https://s3.example.com/x"}))
    http = client(script, stores=("s3.example.com",))
    with pytest.raises(SourceRefused):
        http.get_json("/x")
    with pytest.raises(SourceRefused):
        http.stream("https://s3.example.com/x")
    assert not http.allowed("https://s3.example.com/x")
    assert len(script.asked) == 1


def test_from_a_store_the_way_back_is_signed_no_more():
    script = Script(
        reply(307, b"", {"Location": "https://s3.example.com/x"}),
        reply(307, b"", {"Location": f"{BASE}/y"}),
        reply(200, b"photo"),
    )
    client(script, stores=("s3.example.com",)).stream("/m")
    assert ["Authorization" in asked.headers for asked in script.asked] == [True, False, False]


def test_a_redirect_in_circles_ends():
    http = client(Script(reply(302, b"", {"Location": "/x"})))
    with pytest.raises(SourceReplyUnexpected, match="without end"):
        http.get_json("/x")
    assert http.requests_made == 6


def test_a_write_is_not_redirected():
    script = Script(reply(308, b"", {"Location": "/new/"}))
    with pytest.raises(SourceRefused, match="Nothing was written"):
        client(script).send_json("POST", "/x", {})
    assert len(script.asked) == 1


# Downloads


def test_a_download_comes_uncompressed_with_its_headers():
    script = Script(reply(206, b"photo", {"ETag": '"e"'}))
    with client(script).stream("/m", headers={"Range": "bytes=2-"}) as download:
        assert b"".join(download.chunks) == b"photo"
        assert (download.status, download.headers["etag"]) == (206, '"e"')
    assert script.asked[0].headers["Accept-Encoding"] == "identity"
    assert script.asked[0].headers["Range"] == "bytes=2-"


def test_a_download_that_breaks_off_is_unavailable_and_not_begun_again():
    http = client(Script(reply(200, b"photograph", cut_at=5)))
    received: list[bytes] = []
    with pytest.raises(SourceUnavailable) as raised:
        received.extend(http.stream("/m").chunks)
    assert b"".join(received) == b"photo"
    assert raised.value.__context__ is None
    assert http.requests_made == 1


def test_the_beginning_of_a_download_is_tried_again():
    http = client(Script(reply(503), reply(200, b"photo")))
    assert b"".join(http.stream("/m").chunks) == b"photo"


def test_a_missing_medium_is_refused_with_its_status():
    with pytest.raises(SourceRefused) as raised:
        client(Script(reply(404))).stream("/m")
    assert raised.value.status == 404


# What never shows


def test_secrets_show_in_no_error():
    words = f"Token {TOKEN} and hunter2 and https://me:pass@x/ and /v1/key/abcdef123/forms?st=zzz99"
    for status in (400, 401, 403, 404, 410, 500):
        http = client(Script(reply(status, {"detail": words})), secrets=lambda: ("hunter2",))
        with pytest.raises(SourceError) as raised:
            http.get_json("/v1/key/abcdef123/x?st=zzz99&token=qqq77")
        for secret in (TOKEN, "hunter2", "me:pass", "abcdef123", "zzz99", "qqq77"):
            assert secret not in said(raised.value)
        assert raised.value.__cause__ is None
        assert raised.value.__context__ is None


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer S3cretS3cret",
        "Token S3cretS3cret",
        "https://h/v1/key/S3cretS3cret/formList",
        "https://h/x?st=S3cretS3cret",
        '{"password": "S3cretS3cret"}',
        "https://me:S3cretS3cret@h/",
        "mine is S3cretS3cret%21",
    ],
)
def test_secrets_are_found_by_where_they_stand_or_by_what_they_are(text: str):
    assert "S3cretS3cret" not in redacted(text, ("S3cretS3cret!",))


def test_plain_words_are_left_as_they_are():
    for words in ("Invalid token.", "Authentication token required", "Value must be valid JSON.", "St: Mary"):
        assert redacted(words, ("",)) == words


# On the wire


class Server:
    """A loopback server that answers each connection with the next script of bytes; None: it hangs up at once."""

    def __init__(self, *answers: bytes | None, drip: bytes | None = None, keep: bool = False) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        self.over = threading.Event()
        self.connections = 0
        self.received: list[bytes] = []
        self._answers, self._drip, self._keep = answers, drip, keep
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        for answer in self._answers:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.connections += 1
            with connection:
                if answer is None:
                    continue
                self.received.append(connection.recv(65_536))
                try:
                    connection.sendall(answer)
                    while self._keep and connection.recv(65_536):
                        connection.sendall(answer)
                    while self._drip is not None and not self.over.wait(0.005):
                        connection.sendall(self._drip)
                except OSError:
                    continue

    def close(self) -> None:
        self.over.set()
        self.socket.close()
        self._thread.join(timeout=5)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


def whole(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


HASTY = Limits(connect_seconds=0.5, read_seconds=0.05, total_seconds=0.1, tries=2, first_wait_seconds=0)
CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"


def wired(address: str, limits: Limits = HASTY) -> HttpClient:
    credential = {"Authorization": f"Token {TOKEN}"}
    return HttpClient(base=address, wires=Wires(), headers=lambda: credential, limits=limits)


@pytest.mark.parametrize(
    "cut",
    [
        None,
        whole(b'{"a": 1}')[:-3],
        CHUNKED + b'4\r\n{"a"\r\n',
        CHUNKED + b'40\r\n{"a"',
        CHUNKED + b'8\r\n{"a": 1}\r\n',
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\njunk",
        b"HTTP/1.1 200",
        b"",
    ],
)
def test_on_the_wire_a_reply_that_is_cut_is_asked_again(cut: bytes | None):
    with Server(cut, whole(b'{"a": 1}')) as server:
        http = wired(server.address)
        assert http.get_json("/x") == {"a": 1}
        assert http.requests_made == 2


def test_on_the_wire_cookies_of_the_server_are_not_sent_back():
    cookie = whole(b"{}").replace(b"Content-Type", b"Set-Cookie: session=abc; path=/\r\nContent-Type")
    with Server(cookie, whole(b"{}")) as server:
        http = wired(server.address)
        http.get_json("/a")
        http.get_json("/b")
    assert b"Authorization" in server.received[1]
    assert b"cookie" not in server.received[1].lower()


def test_on_the_wire_one_connection_serves_many_requests():
    with Server(whole(b"{}"), keep=True) as server:
        http = wired(server.address)
        assert [http.get_json("/a") for _ in range(5)] == [{}] * 5
        assert b"".join(http.stream("/m").chunks) == b"{}"
        assert server.connections == 1
        http.close()


def test_on_the_wire_a_server_that_is_not_there_is_unavailable():
    with socket.create_server(("127.0.0.1", 0)) as closed:
        address = f"http://127.0.0.1:{closed.getsockname()[1]}"
    with pytest.raises(SourceUnavailable, match="no connection"):
        wired(address).send_json("POST", "/x", {})


def test_on_the_wire_a_server_that_says_nothing_is_given_up():
    with Server(b"", b"", drip=b"") as server, pytest.raises(SourceUnavailable, match="no answer in time"):
        wired(server.address, Limits(connect_seconds=0.5, read_seconds=0.02, tries=1)).get_json("/x")


def test_on_the_wire_a_reply_that_drips_for_ever_is_cut():
    with Server(CHUNKED, drip=b"1\r\n \r\n") as server, pytest.raises(SourceUnavailable, match="broke"):
        wired(server.address, Limits(read_seconds=5, total_seconds=0.05, tries=1)).get_json("/x")


def test_on_the_wire_a_download_that_hardly_moves_is_cut():
    with Server(CHUNKED, drip=b"1\r\nx\r\n") as server:
        download = wired(server.address, Limits(read_seconds=0.05, tries=1)).stream("/m")
        with pytest.raises(SourceUnavailable):
            for _ in download.chunks:
                pass


def test_on_the_wire_no_log_holds_a_key_or_a_query(caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    path = "/v1/key/S3cretS3cret/x"
    refused = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 28\r\n\r\n" + b'{"detail": "S3cretS3cret 1"}'
    with Server(None, whole(b"{}"), whole(b"{}")[:-1], whole(b"{}")[:-1], refused) as server:
        http = wired(server.address)
        http.get_json(path, {"st": "zzz99"})
        for _ in range(2):
            with pytest.raises(SourceError):
                http.get_json(path, {"st": "zzz99"})
    assert "GET /v1/key/" in caplog.text
    for secret in ("S3cretS3cret", "zzz99", TOKEN):
        assert secret not in caplog.text
