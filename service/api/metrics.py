"""What the service counts about itself, in a registry of its own for each application."""

import time
from math import nan

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.scoring import LiveModel
from service.store.errors import StoreError
from service.store.store import Store
from service.streams.live import LiveStreams

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
DELAYS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
CLIENT_LEFT = 499
"""The status under which a request is counted whose client went away before an answer began."""


class Metrics:
    """The counters of one application."""

    def __init__(self, live: LiveModel, streams: LiveStreams) -> None:
        self.registry = CollectorRegistry()
        self.live = live
        self.streams = StreamMetrics(streams, self.registry)
        self.requests = Counter(
            "poquan_requests", "Requests answered.", ("method", "route", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "poquan_request_seconds",
            "Seconds from the head of a request to the end of its answer.",
            ("route",),
            buckets=BUCKETS,
            registry=self.registry,
        )
        self.scored = Counter("poquan_comments_scored", "Comments scored.", registry=self.registry)
        self.refused = Counter(
            "poquan_comments_refused", "Faulty comments left out by on_error=skip.", registry=self.registry
        )
        self.reloads = Counter(
            "poquan_model_reloads", "Loads of the model asked for over HTTP.", ("outcome",), registry=self.registry
        )
        self.model = Info("poquan_model", "The model that answers.", registry=self.registry)
        waiting = Gauge("poquan_requests_waiting", "Requests waiting for a scoring thread.", registry=self.registry)
        waiting.set_function(lambda: live.queue)
        ProcessCollector(registry=self.registry)

    async def refresh(self) -> None:
        """Take over what is known only at the moment of asking: the version of the live model, what the store holds."""
        self.model.info({"version": self.live.version or "none"})
        await self.streams.refresh()


class StreamMetrics:
    """What is counted of the streams that this process owns."""

    def __init__(self, streams: LiveStreams, registry: CollectorRegistry) -> None:
        self._streams = streams
        self.comments = Counter(
            "poquan_stream_comments",
            "Comments sent to streams; late ones are among the accepted.",
            ("outcome",),
            registry=registry,
        )
        self.watched = Counter("poquan_stream_comments_watched", "Comments scored and watched.", registry=registry)
        self.delay = Histogram(
            "poquan_stream_watch_delay_seconds",
            "Seconds from the acceptance of the oldest comment of a step until the step was recorded.",
            buckets=DELAYS,
            registry=registry,
        )
        behind = Gauge("poquan_stream_comments_behind", "Accepted comments that wait to be watched.", registry=registry)
        behind.set_function(lambda: streams.behind)
        hot = Gauge("poquan_stream_monitors_hot", "Monitors of streams in memory.", registry=registry)
        hot.set_function(lambda: streams.hot)
        self._kept = {
            name: Gauge(f"poquan_{name}", text, registry=registry)
            for name, text in {
                "streams": "Streams known.",
                "alerts_firing": "Alerts that fire.",
                "dead_letters": "Messages to webhooks that were given up.",
            }.items()
        }
        for outcome in ("accepted", "duplicate", "late", "rejected"):
            self.comments.labels(outcome)
        streams.on_step = self._step

    async def refresh(self) -> None:
        """Ask the store; where it cannot answer the numbers are not known (NaN)."""
        if not self._streams.is_open:
            return
        try:
            counts = await self._streams.ask(Store.counts)
            known: tuple[float, ...] = (counts.streams, counts.firing, counts.dead_letters)
        except StoreError:
            known = (nan, nan, nan)
        for gauge, value in zip(self._kept.values(), known, strict=True):
            gauge.set(value)

    def _step(self, comments: int, seconds: float) -> None:
        self.watched.inc(comments)
        self.delay.observe(seconds)


class Metered:
    """ASGI middleware: counts every request under its route and status, and times it to the end of its answer."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and count it when it is over."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status = CLIENT_LEFT
        start = time.perf_counter()

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noted)
        finally:
            route = getattr(scope.get("route"), "path", "other")
            method = scope["method"] if scope["method"] in METHODS else "other"
            self.metrics.requests.labels(method, route, status).inc()
            self.metrics.seconds.labels(route).observe(time.perf_counter() - start)
