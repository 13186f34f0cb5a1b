"""A service of one stream: what was sent to it is kept, and how it answers can be chosen."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Line = dict[str, Any]
Answer = tuple[int, dict[str, Any]]


@dataclass
class Receiver:
    """`requests` are the batches that were taken, `answer` may refuse one by giving a status and a document.

    `created` tells when the stream was made, which the first batch does, `made` how often.
    """

    url: str = ""
    requests: list[list[Line]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    answer: Callable[[list[Line]], Answer | None] = lambda lines: None
    taken: set[str] = field(default_factory=set)
    created: str | None = None
    made: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def ids(self) -> list[str]:
        return [line["id"] for batch in self.requests for line in batch]

    @property
    def texts(self) -> list[str]:
        return [line["text"] for batch in self.requests for line in batch]

    def take(self, lines: list[Line]) -> Answer:
        with self.lock:
            refusal = self.answer(lines)
            if refusal is not None:
                return refusal
            if self.created is None:
                self.created = f"2024-05-01T00:00:0{self.made}+00:00"
                self.made += 1
            self.requests.append(lines)
            new = {line["id"] for line in lines} - self.taken
            self.taken |= new
            counts = {"accepted": len(new), "duplicates": len(lines) - len(new), "late": 0, "rejected": 0}
            return 200, {"stream": "s", **counts, "errors": []}

    def tell(self) -> Answer:
        with self.lock:
            if self.created is None:
                return 404, {"type": "urn:poquan:problem:no-stream", "detail": "There is no such stream."}
            return 200, {"name": "s", "created": self.created}

    def delete(self) -> None:
        """Delete the stream, or give the service a new database."""
        with self.lock:
            self.created = None
            self.taken.clear()


@contextmanager
def receiving(port: int = 0) -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.paths.append(self.path)
            receiver.headers.append(dict(self.headers))
            self.reply(*receiver.take([json.loads(line) for line in body.splitlines()]))

        def do_GET(self) -> None:
            self.reply(*receiver.tell())

        def reply(self, status: int, document: dict[str, Any]) -> None:
            reply = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        receiver.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()
