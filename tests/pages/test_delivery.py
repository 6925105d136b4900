"""What goes with every answer, as a plain HTTP client gets it from a running server."""

import asyncio
import base64
import gzip
import hashlib
import http.client
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from urllib.parse import urlsplit

import pytest
from starlette.responses import FileResponse
from starlette.staticfiles import StaticFiles

from pages.shared import delivery
from pages.shared.delivery import INDEX, Compressed, content_policy, headers
from tests.browser.conftest import running_server

SCRIPT = max((INDEX.parent / "static/js").glob("index.*.js"), key=lambda file: file.stat().st_size)
ADDRESS = f"/static/js/{SCRIPT.name}"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with running_server() as address:
        yield address


def answer(server: str, path: str, method: str = "GET", **asked: str) -> tuple[int, dict[str, str], bytes]:
    with closing(http.client.HTTPConnection(urlsplit(server).netloc, timeout=60)) as connection:
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in asked.items()})
        got = connection.getresponse()
        return got.status, {name.lower(): value for name, value in got.getheaders()}, got.read()


def test_own_script_comes_compressed_to_who_takes_it_and_whole_to_who_does_not(server: str) -> None:
    whole = SCRIPT.read_bytes()
    status, told, body = answer(server, ADDRESS, accept_encoding="br, gzip")
    assert (status, told["content-encoding"], told["vary"]) == (200, "gzip", "Accept-Encoding")
    assert gzip.decompress(body) == whole
    assert len(body) == int(told["content-length"]) < 0.4 * len(whole)
    assert "immutable" in told["cache-control"]
    for asked in ({}, {"accept_encoding": "gzip;q=0, br"}, {"accept_encoding": "identity"}):
        status, told, body = answer(server, ADDRESS, **asked)
        assert (status, told.get("content-encoding"), body) == (200, None, whole)


def test_index_is_compressed_once_at_every_address(server: str) -> None:
    for path in ("/", "/threshold?b=1"):
        status, told, body = answer(server, path, accept_encoding="gzip")
        assert (status, told["content-encoding"]) == (200, "gzip")
        assert gzip.decompress(body) == INDEX.read_bytes()


def test_ranges_other_methods_and_unchanged_files_pass_as_they_are(server: str) -> None:
    status, told, body = answer(server, ADDRESS, accept_encoding="gzip", range="bytes=5-14")
    assert (status, body) == (206, SCRIPT.read_bytes()[5:15])
    assert "content-encoding" not in told
    status, told, body = answer(server, ADDRESS, "HEAD", accept_encoding="gzip")
    assert (status, int(told["content-length"]), body) == (200, SCRIPT.stat().st_size, b"")
    tag = answer(server, ADDRESS, accept_encoding="gzip")[1]["etag"]
    assert answer(server, ADDRESS, accept_encoding="gzip", if_none_match=tag)[::2] == (304, b"")


def test_font_is_left_as_it_is(server: str) -> None:
    font = next((INDEX.parent / "static/media").glob("SourceSansVF-Upright*.woff2"))
    told, body = answer(server, f"/static/media/{font.name}", accept_encoding="gzip")[1:]
    assert ("content-encoding" not in told, body) == (True, font.read_bytes())


def test_every_answer_carries_the_headers(server: str) -> None:
    for path in ("/", "/norms", ADDRESS, "/static/no_such_file.js", "/_stcore/health", "/media/no_such_file.csv"):
        told = answer(server, path)[1]
        assert {name.lower(): value for name, value in headers({}).items()}.items() <= told.items()
        assert "x-frame-options" not in told


def test_policy_runs_no_code_from_strings_and_no_script_from_elsewhere() -> None:
    rules = dict(rule.split(" ", 1) for rule in content_policy("").split("; "))
    assert rules["script-src"] == "'self' blob:"
    assert rules["default-src"] == rules["connect-src"] == "'self'"
    assert "unsafe-eval" not in content_policy(INDEX.read_text(encoding="utf-8"))


def test_policy_allows_each_inline_script_by_its_hash() -> None:
    index = '<script>\n  one()\n</script><script src="a.js"></script><script>two()</script>'
    for script in (b"\n  one()\n", b"two()"):
        assert f"'sha256-{base64.b64encode(hashlib.sha256(script).digest()).decode()}'" in content_policy(index)
    assert content_policy(index).count("sha256-") == 2


@pytest.mark.parametrize(
    ("allowed", "older"),
    [("'none'", "DENY"), ("'self'", "SAMEORIGIN"), ("'self' https://school.example https://*.hf.space", None)],
)
def test_frames_are_for_those_whom_the_setting_names(allowed: str, older: str | None) -> None:
    found = headers({delivery.FRAMES: allowed})
    assert found["Content-Security-Policy"].endswith(f"; frame-ancestors {allowed}")
    assert found.get("X-Frame-Options") == older


def test_setting_of_frames_that_would_write_another_rule_ends_in_a_sentence() -> None:
    with pytest.raises(ValueError, match="BIAS_LAB_FRAME_ANCESTORS must be sources of a content policy, as in"):
        headers({delivery.FRAMES: "'self'; script-src *"})


def test_file_is_compressed_once_and_a_visitors_file_never(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[int] = []
    compress = gzip.compress
    monkeypatch.setattr(delivery.gzip, "compress", lambda *body, **how: done.append(1) or compress(*body, **how))

    def ask(app: Compressed, own: bool) -> bytes:
        sent: list[dict] = []
        scope = {"type": "http", "method": "GET", "path": "/a", "headers": [(b"accept-encoding", b"gzip")]}
        if own:
            scope["endpoint"] = StaticFiles(directory=INDEX.parent)

        async def send(message: dict) -> None:
            sent.append(message)

        with ThreadPoolExecutor() as beside:  # where a browser's test may have left a loop running in this one
            beside.submit(lambda: asyncio.run(app(scope, asyncio.Event().wait, send))).result()
        return b"".join(message.get("body", b"") for message in sent)

    app = Compressed(FileResponse(SCRIPT))
    assert gzip.decompress(ask(app, True)) == gzip.decompress(ask(app, True)) == SCRIPT.read_bytes()
    assert len(done) == 1
    assert ask(app, False) == SCRIPT.read_bytes()
    assert len(done) == 1
