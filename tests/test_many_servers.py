"""The recipe for several servers names each of them, and says what a websocket and a large upload need."""

import re

from docs.many_servers import configuration


def test_every_server_stands_behind_the_one_address() -> None:
    told = configuration(9000, [9001, 9002, 9003])
    assert re.findall(r"^ *server ([\w.:]+)", told, re.M) == [f"127.0.0.1:{port}" for port in (9001, 9002, 9003)]
    assert re.findall(r"listen (\d+);", told) == ["9000"]
    assert "lab:8501" not in told


def test_visitor_stays_by_a_cookie_and_websockets_and_large_files_pass() -> None:
    told = configuration(9000, [9001])
    for needed in (
        "hash $lab consistent;",
        "Upgrade $http_upgrade",
        "proxy_next_upstream error",
        "add_header Set-Cookie",
    ):
        assert needed in told
    assert int(re.findall(r"client_max_body_size (\d+)m", told)[0]) >= 500
