"""Load at a constant rate: requests are sent when they are due, and each latency counts from then."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Sequence

CONNECTIONS = 32

_HEAD = "POST {target} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"


async def at_rate(port: int, requests: Sequence[bytes], rate: float, seconds: float) -> tuple[list[float], list[float]]:
    """Send so many requests a second; give the latencies and how far behind its plan the sender was."""
    connections = [await Connection.opened(port) for _ in range(CONNECTIONS)]
    latencies: list[float] = []
    lags: list[float] = []
    begun = time.perf_counter() + 0.1
    for number in range(int(rate * seconds)):
        due = begun + number / rate
        if (early := due - time.perf_counter()) > 0:
            await asyncio.sleep(early)
        lags.append(time.perf_counter() - due)
        connections[number % CONNECTIONS].send(requests[number % len(requests)], due, latencies)
    while any(connection.due for connection in connections):
        await asyncio.sleep(0.01)
    for connection in connections:
        connection.close()
    return latencies, lags


class Connection(asyncio.Protocol):
    """One connection of HTTP/1.1 that counts whole replies; a request waits for the one before on it, and its latency
    goes on counting."""

    def __init__(self) -> None:
        self.due: list[tuple[bytes, float, list[float]]] = []
        self._got = b""
        self._transport: asyncio.Transport | None = None

    @classmethod
    async def opened(cls, port: int) -> Connection:
        """Give one that is open."""
        _, connection = await asyncio.get_running_loop().create_connection(cls, "127.0.0.1", port)
        return connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def send(self, request: bytes, due: float, latencies: list[float]) -> None:
        """Send a request now, or when the ones before are answered."""
        self.due.append((request, due, latencies))
        if len(self.due) == 1 and self._transport is not None:
            self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._got += data
        head, parted, body = self._got.partition(b"\r\n\r\n")
        if not parted:
            return
        length = re.search(rb"(?i)content-length: (\d+)", head)
        if length is None or not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"An answer was not what was asked for: {head[:200]!r}")
        if len(body) < int(length[1]):
            return
        self._got = b""
        _, due, latencies = self.due.pop(0)
        latencies.append(time.perf_counter() - due)
        if self.due and self._transport is not None:
            self._transport.write(self.due[0][0])

    def close(self) -> None:
        """Close it."""
        if self._transport is not None:
            self._transport.close()


def request_of(target: str, content: bytes) -> bytes:
    """Give a request that posts JSON."""
    return _HEAD.format(target=target, length=len(content)).encode() + content
