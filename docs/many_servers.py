"""Several servers of the dashboard behind one address, without an engine: `python docs/many_servers.py 2`.

One process has one core; so many visitors need several. Starts them, and Debian's nginx (`apt install nginx-light`) in
front of them as `nginx.conf` says, all of it until Ctrl-C; one that dies is started again. With `--port 8500`, the
visitors' address, the servers are at the ports after it.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
CONFIGURATION = Path(__file__).with_name("nginx.conf")
ONE = "    server lab:8501 max_fails=1 fail_timeout=5s;\n"


def configuration(port: int, servers: list[int]) -> str:
    """What nginx is told, for so many servers on this machine."""
    each = "".join(ONE.replace("lab:8501", f"127.0.0.1:{server}") for server in servers)
    return CONFIGURATION.read_text().replace(ONE, each).replace("listen 8500", f"listen {port}")


def streamlit(port: int) -> list[str]:
    """The command of one server."""
    place = ["--server.port", str(port), "--server.address", "127.0.0.1", "--server.headless", "true"]
    return [sys.executable, "-m", "streamlit", "run", "dashboard.py", *place]


def main() -> None:
    """Run them all until Ctrl-C."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("servers", type=int, choices=range(1, 65), metavar="SERVERS", help="1 to 64; as many as cores")
    asked.add_argument("--port", type=int, default=8500)
    given = asked.parse_args()
    nginx = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if nginx is None:
        asked.error("nginx is not installed: `apt install nginx-light`, then start again")
    ports = list(range(given.port + 1, given.port + 1 + given.servers))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "nginx.conf").write_text(configuration(given.port, ports))
        front = [nginx, "-p", folder, "-c", "nginx.conf", "-e", "stderr", "-g", "daemon off;"]
        keep_running([*map(streamlit, ports), front])


def keep_running(commands: list[list[str]]) -> None:
    """Run them, and whichever ends once more, until this program ends."""
    running = [start(command) for command in commands]
    try:
        while True:
            time.sleep(1)
            running = [start(commands[at]) if one.poll() is not None else one for at, one in enumerate(running)]
    finally:
        for one in running:
            one.terminate()
        for one in running:
            one.wait()


def start(command: list[str]) -> subprocess.Popen[bytes]:
    """One of them, in the folder of the dashboard."""
    return subprocess.Popen(command, cwd=ROOT)  # noqa: S603 (ours, no shell)


if __name__ == "__main__":
    main()
