"""A server on the loopback with OpenAI's interface, which can be told to misbehave."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "sk-very-s3cret"
Reply = tuple[int, dict[str, str], str]
"""Status, headers, body."""


@dataclass
class Server:
    """What it was asked, and how it answers."""

    url: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    """Bodies of the requests, with `at`, the moment, `path` and `key`."""
    trouble: Callable[[int, dict[str, Any]], Reply | None] = lambda number, body: None
    """Given the number of the request, from 1 on, and its body: what to send in place of an answer."""
    wants_key: bool = False
    gives_shares: bool = True
    stop: Callable[[], None] = lambda: None

    def texts(self) -> list[str]:
        """The reviews, in order."""
        return [text_of(body) for body in self.asked]

    def reply(self, path: str, key: str, body: dict[str, Any]) -> Reply:
        """To one request."""
        if path.endswith("/models"):
            return told(200, {"object": "list", "data": [model("small"), model("large")]})
        self.asked.append({**body, "at": time.monotonic(), "path": path, "key": key})
        trouble = self.trouble(len(self.asked), body)
        if trouble is not None:
            return trouble
        if self.wants_key and key != f"Bearer {KEY}":
            return told(401, {"error": {"message": f"Incorrect API key provided: {key}"}})
        if body["model"] not in ("small", "large"):
            return told(404, {"error": {"message": "The model does not exist."}})
        return told(200, self._completion(path, body))

    def _completion(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        word = "positive" if "good" in text_of(body) else "negative"
        best, other = -0.25, -2.0
        rival = {"positive": "Negative", "negative": " Positive"}[word]
        common = {"id": "x", "created": 0, "model": body["model"]}
        if path.endswith("/chat/completions"):
            top = [{"token": t, "logprob": p, "bytes": None} for t, p in ((word, best), (rival, other), ("the", -3.0))]
            shares = {"content": [{"token": word, "logprob": best, "bytes": None, "top_logprobs": top}]}
            choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": f" {word}."}}
            is_asked = body.get("logprobs") and self.gives_shares
            choice["logprobs"] = shares if is_asked else None
            return {**common, "object": "chat.completion", "choices": [choice]}
        top_tokens = [{word: best, rival: other}]
        choice = {"index": 0, "finish_reason": "stop", "text": f" {word}"}
        choice["logprobs"] = {
            "tokens": [word],
            "token_logprobs": [best],
            "top_logprobs": top_tokens,
            "text_offset": [0],
        }
        return {**common, "object": "text_completion", "choices": [choice]}


def text_of(body: dict[str, Any]) -> str:
    """What a request asks about, prompt and all."""
    return str(body["messages"][-1]["content"] if "messages" in body else body["prompt"])


def told(status: int, content: Any, **headers: str) -> Reply:
    """A reply in JSON."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return status, {"Content-Type": "application/json", **named}, json.dumps(content)


def model(name: str) -> dict[str, Any]:
    """A model as the interface lists it."""
    return {"id": name, "object": "model", "created": 0, "owned_by": "us"}


@contextmanager
def serving() -> Iterator[Server]:
    """The server, until the end of the block."""
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 2**16  # headers and body in one packet, or each reply waits for the other side's receipt

        def answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else {}
            body["headers"] = dict(self.headers)
            status, headers, content = state.reply(self.path, self.headers.get("Authorization", ""), body)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content.encode()))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content.encode())
            self.wfile.flush()

        do_GET = do_POST = answer

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()

    def stop() -> None:
        server.shutdown()
        server.server_close()

    state.stop = stop
    try:
        yield state
    finally:
        if thread.is_alive():
            stop()
