"""What goes with every answer of the server: headers that a browser keeps to, and Streamlit's own files compressed.

Streamlit leaves its files as they are, several megabytes of them, and sets no headers. What stands here wraps it
where it is started as an app (`dashboard.py`); nothing on a page depends on it.
"""

import base64
import gzip
import hashlib
import os
import re
from collections.abc import Mapping
from pathlib import Path

import streamlit
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

INDEX = Path(streamlit.__file__).parent / "static/index.html"
INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
FRAMES = "BIAS_LAB_FRAME_ANCESTORS"
"""The variable of the environment that says whose pages may show this one in a frame; all may, where it is unset."""

TEXT = ("text/", "application/javascript", "application/json", "image/svg")


def headers(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The headers of every answer; the policy allows the one inline script of Streamlit's installed index page."""
    found = {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    }
    allowed = environment.get(FRAMES, "").strip()
    if not re.fullmatch(r"[\w.:/*' \-]*", allowed):
        raise ValueError(f"{FRAMES} must be sources of a content policy, as in \"'self' https://school.example\"")
    policy = content_policy(INDEX.read_text(encoding="utf-8"))
    found["Content-Security-Policy"] = f"{policy}; frame-ancestors {allowed}" if allowed else policy
    older = {"'none'": "DENY", "'self'": "SAMEORIGIN"}.get(allowed)  # which knows no lists
    return found | ({"X-Frame-Options": older} if older else {})


def content_policy(index: str) -> str:
    """What a page may load and run: what comes from this server, and the inline scripts of its index page."""
    hashes = [base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in INLINE_SCRIPT.findall(index)]
    scripts = " ".join(f"'sha256-{one}'" for one in hashes)
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' blob: {scripts}".strip(),  # blob: the scripts of our own components
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",  # data: Streamlit's table brings one in its script
            "connect-src 'self'",  # its websocket too
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
        )
    )


class WithHeaders:
    """Every answer carries the headers."""

    def __init__(self, app: ASGIApp) -> None:
        self.app, self.headers = app, headers()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self.headers)
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)


class Compressed:
    """Streamlit's own text files go out compressed; each is compressed once, outside the event loop, and kept.

    Another method or status, a range, and all that is not one of these files, a visitor's above all, pass as they are.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.kept: dict[str, bytes] = {}  # by the file's tag, which changes with the file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or not _takes_gzip(Headers(scope=scope)):
            await self.app(scope, receive, send)
            return
        begun: Message | None = None
        body = bytearray()

        async def compress(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start" and _is_own_text(scope, message):
                begun = message
            elif begun is None:
                await send(message)
            else:
                body.extend(message.get("body", b""))
                if not message.get("more_body"):
                    await self._send(begun, bytes(body), send)

        await self.app(scope, receive, compress)

    async def _send(self, begun: Message, body: bytes, send: Send) -> None:
        told = MutableHeaders(scope=begun)
        tag = told["etag"]
        if tag not in self.kept:
            self.kept[tag] = await run_in_threadpool(gzip.compress, body, 9, mtime=0)
        told.update({"content-encoding": "gzip", "content-length": str(len(self.kept[tag])), "etag": f"W/{tag}"})
        told.add_vary_header("Accept-Encoding")
        await send(begun)
        await send({"type": "http.response.body", "body": self.kept[tag]})


def _takes_gzip(asked: Headers) -> bool:
    offered = re.search(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))", asked.get("accept-encoding", ""))
    return offered is not None and "range" not in asked


def _is_own_text(scope: Scope, begun: Message) -> bool:
    told = Headers(raw=begun["headers"])
    own = isinstance(scope.get("endpoint"), StaticFiles) and begun["status"] == 200
    own = own and "etag" in told and "content-encoding" not in told  # pages but the first: Streamlit compresses them
    return own and told.get("content-type", "").startswith(TEXT)


MIDDLEWARE = (Middleware(WithHeaders), Middleware(Compressed))
