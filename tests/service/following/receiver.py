"""A service that only takes comments: what was sent to it is kept, and how it answers can be chosen."""

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
    """`requests` are the batches that were taken, `answer` may refuse one by giving a status and a document."""

    url: str = ""
    requests: list[list[Line]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    answer: Callable[[list[Line]], Answer | None] = lambda lines: None
    taken: set[str] = field(default_factory=set)
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
            self.requests.append(lines)
            new = {line["id"] for line in lines} - self.taken
            self.taken |= new
            counts = {"accepted": len(new), "duplicates": len(lines) - len(new), "late": 0, "rejected": 0}
            return 200, {"stream": "s", **counts, "errors": []}


@contextmanager
def receiving(port: int = 0) -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.paths.append(self.path)
            receiver.headers.append(dict(self.headers))
            status, document = receiver.take([json.loads(line) for line in body.splitlines()])
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
