"""The recipes for several servers: what nginx is told keeps a visitor on one, and the containers fit to it."""

import os
import re
import shutil
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from docs.many_servers import CONFIGURATION, configuration

ROOT = Path(__file__).parents[1]
COMPOSE = (ROOT / "docs/compose.yaml").read_text()
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


def test_every_server_stands_behind_the_one_address() -> None:
    told = configuration(9000, [9001, 9002, 9003])
    assert re.findall(r"^ *server ([\w.:]+)", told, re.M) == [f"127.0.0.1:{port}" for port in (9001, 9002, 9003)]
    assert re.findall(r"listen (\d+);", told) == ["9000"]
    assert "lab:8501" not in told


def test_visitor_stays_by_a_cookie_and_websockets_and_large_files_pass_without_a_file_of_nginxs() -> None:
    told = configuration(9000, [9001])
    for needed in (
        "hash $lab;",
        "Upgrade $http_upgrade",
        "proxy_next_upstream error",
        "add_header Set-Cookie",
        "proxy_request_buffering off;",
        "proxy_max_temp_file_size 0;",
    ):
        assert needed in told
    assert int(re.findall(r"client_max_body_size (\d+)m", told)[0]) >= 500


def test_containers_have_the_names_and_ports_that_nginx_is_told() -> None:
    told = CONFIGURATION.read_text()
    (name, port), (listens,) = re.findall(r"server (\w+):(\d+)", told)[0], re.findall(r"listen (\d+);", told)
    assert name in re.findall(r"^  (\w+):$", COMPOSE, re.M)
    assert f'ports: ["{listens}:{listens}"]' in COMPOSE
    assert f"EXPOSE {port}\n" in (ROOT / "Dockerfile").read_text()
    (mounted,) = re.findall(r'volumes: \["([^:]+):/etc/nginx/nginx.conf:ro"\]', COMPOSE)
    assert (ROOT / "docs" / mounted).samefile(CONFIGURATION)
    (context,) = re.findall(r"build: (\S+)", COMPOSE)
    assert (ROOT / "docs" / context / "Dockerfile").is_file()


def test_image_holds_what_the_pages_read_and_nothing_that_was_not_named() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    named = {line[1:] for line in lines if line.startswith("!")}
    assert "*" in lines
    assert "**/__pycache__" in lines
    assert all((ROOT / name).exists() for name in named)
    sources = "".join(path.read_text() for path in [*(ROOT / "pages").rglob("*.py"), *(ROOT / "core").rglob("*.py")])
    read = set(re.findall(r'\bROOT / f?"([\w.]+)', sources))
    assert read >= {"pages", "teach.md"}
    assert named >= read | {".streamlit", "core", "dashboard.py", "requirements.txt"}
    assert not {name for name in named if name.startswith((".git", ".venv", "tests"))}


class Named(BaseHTTPRequestHandler):
    """A server that answers with its own address."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.connection.getsockname()[0].encode())

    def log_message(self, *_: object) -> None:
        pass


class Pair:
    """nginx as the containers have it, before two servers of one name; `127.0.0.2` and `127.0.0.3` are theirs."""

    def __init__(self, folder: Path) -> None:
        self.closing = ExitStack()
        first = self.serve("127.0.0.2", 0)
        self.servers = [first, self.serve("127.0.0.3", first.server_port)]
        with ThreadingHTTPServer(("127.0.0.1", 0), Named) as probe:
            self.port = probe.server_port
        told = CONFIGURATION.read_text().replace("lab:8501", f"lab:{first.server_port}")
        (folder / "nginx.conf").write_text(told.replace("listen 8500", f"listen 127.0.0.1:{self.port}"))
        (folder / "hosts").write_text("127.0.0.2 lab\n127.0.0.3 lab\n")
        hosts = ["unshare", "--mount", "sh", "-c", 'mount --bind hosts /etc/hosts && exec "$@"', "sh"]
        front = [str(NGINX), "-p", str(folder), "-c", "nginx.conf", "-e", "stderr", "-g", "daemon off;"]
        nginx = subprocess.Popen([*hosts, *front], cwd=folder)
        self.closing.callback(nginx.wait, 10)
        self.closing.callback(nginx.terminate)
        for _ in range(100):
            try:
                self.ask("")
                return
            except OSError:
                time.sleep(0.05)

    def serve(self, address: str, port: int) -> ThreadingHTTPServer:
        server = self.closing.enter_context(ThreadingHTTPServer((address, port), Named))
        self.closing.callback(server.shutdown)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server

    def ask(self, cookie: str, browser: str = "one") -> tuple[str, str]:
        """Who answers, and the cookie that it sets."""
        headers = {"User-Agent": browser} | ({"Cookie": f"lab={cookie}"} if cookie else {})
        asked = urllib.request.Request(f"http://127.0.0.1:{self.port}/", headers=headers)
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return answer.read().decode(), answer.headers.get("Set-Cookie", "")


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    own_hosts = shutil.which("unshare") and subprocess.run(["unshare", "--mount", "true"], capture_output=True)
    if NGINX is None or not own_hosts or own_hosts.returncode:
        pytest.skip("needs nginx, and the right to give one name two addresses")
    started = Pair(tmp_path)
    yield started
    started.closing.close()


def test_one_name_of_two_servers_keeps_a_visitor_on_one_and_passes_to_the_other(pair: Pair) -> None:
    of = {str(cookie): {pair.ask(str(cookie))[0] for _ in range(8)} for cookie in range(16)}
    assert all(len(answered) == 1 for answered in of.values())
    assert set.union(*of.values()) == {"127.0.0.2", "127.0.0.3"}
    assert all(pair.ask(cookie)[1] == "" for cookie in of)
    in_frames = [pair.ask("", "framed") for _ in range(8)]
    assert len({server for server, _ in in_frames}) == 1
    assert len({cookie for _, cookie in in_frames}) == 8
    gone = pair.servers[0]
    gone.shutdown()
    gone.server_close()
    assert {pair.ask(cookie)[0] for cookie in of} == {"127.0.0.3"}
