import asyncio
import logging
from collections.abc import Awaitable, Callable

import pytest

from service.notify import Notifier
from service.notify.posting import open_client
from service.notify.retries import ATTEMPTS
from tests.service.notify.kept import MemoryOutbox
from tests.service.notify.receiver import Answer, Receiver, address_of_nobody


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def in_a_loop(
    outbox: MemoryOutbox, clock: Clock, act: Callable[[Notifier], Awaitable[object]], urls: set[str] | None = None
) -> None:
    async def run() -> None:
        addresses = {kept.delivery.url for kept in outbox.kept.values()} if urls is None else urls
        client = open_client(trust_env=False)
        notifier = Notifier(outbox, addresses, client=client, clock=clock, chance=lambda: 0.0)
        try:
            await act(notifier)
        finally:
            await notifier.aclose()

    asyncio.run(run())


def deliver_due(outbox: MemoryOutbox, clock: Clock, times: int = 1, urls: set[str] | None = None) -> None:
    async def act(notifier: Notifier) -> None:
        for _ in range(times):
            await notifier.deliver_due()

    in_a_loop(outbox, clock, act, urls)


def test_what_has_arrived_leaves_the_outbox() -> None:
    outbox = MemoryOutbox()
    with Receiver() as receiver:
        outbox.put(receiver.url, b"one")
        deliver_due(outbox, Clock())
    assert receiver.bodies == [b"one"]
    assert outbox.kept == {}


def test_a_flaky_receiver_gets_it_in_the_end_under_the_same_key() -> None:
    outbox, clock = MemoryOutbox(), Clock()
    with Receiver([Answer(503), Answer(500)]) as receiver:
        number = outbox.put(receiver.url, b"one")
        deliver_due(outbox, clock)
        assert (outbox.kept[number].next_at, outbox.kept[number].error) == (1001.0, "It answered 503.")
        deliver_due(outbox, clock)  # not yet
        assert len(receiver.received) == 1
        clock.now = 1001.0
        deliver_due(outbox, clock)
        assert outbox.kept[number].next_at == 1003.0
        clock.now = 1003.0
        deliver_due(outbox, clock)
    assert receiver.bodies == [b"one"] * 3
    assert len({request.headers["Idempotency-Key"] for request in receiver.received}) == 1
    assert outbox.kept == {}


def test_retry_after_is_honoured() -> None:
    outbox, clock = MemoryOutbox(), Clock()
    with Receiver([Answer(429, {"Retry-After": "600"})]) as receiver:
        number = outbox.put(receiver.url, b"one")
        deliver_due(outbox, clock)
    assert outbox.kept[number].next_at == 1600.0


def test_what_is_refused_is_dead_at_once_and_holds_up_nothing() -> None:
    outbox = MemoryOutbox()
    with Receiver([Answer(400, body=b"no such label")]) as receiver:
        refused = outbox.put(receiver.url, b"one")
        outbox.put(receiver.url, b"two")
        deliver_due(outbox, Clock(), times=2)
    assert receiver.bodies == [b"one", b"two"]
    assert list(outbox.kept) == [refused]
    assert outbox.kept[refused].dead
    assert outbox.kept[refused].error == "It answered 400. no such label"


def test_a_receiver_that_stays_away_is_given_up_after_the_last_attempt() -> None:
    outbox, clock = MemoryOutbox(), Clock()
    number = outbox.put(address_of_nobody(), b"one")
    for attempts in range(1, ATTEMPTS + 1):
        clock.now = outbox.kept[number].next_at
        deliver_due(outbox, clock)
        assert outbox.kept[number].delivery.attempts == attempts
        assert outbox.kept[number].dead == (attempts == ATTEMPTS)


def test_a_later_message_waits_for_the_earlier_of_its_receiver_and_no_other() -> None:
    outbox, clock = MemoryOutbox(), Clock()
    with Receiver([Answer(503)]) as flaky, Receiver() as well:
        for body in (b"one", b"two"):
            outbox.put(flaky.url, body)
            outbox.put(well.url, body)
        deliver_due(outbox, clock, times=2)
        assert (flaky.bodies, well.bodies) == ([b"one"], [b"one", b"two"])
        clock.now = 1001.0
        deliver_due(outbox, clock, times=2)
    assert flaky.bodies == [b"one", b"one", b"two"]


def test_an_address_that_left_the_settings_is_not_spoken_to() -> None:
    outbox = MemoryOutbox()
    with Receiver() as receiver:
        number = outbox.put(receiver.url, b"one")
        deliver_due(outbox, Clock(), urls=set())
    assert receiver.received == []
    assert outbox.kept[number].dead


def test_the_log_tells_of_a_failure_without_any_secret(caplog: pytest.LogCaptureFixture) -> None:
    outbox = MemoryOutbox()
    with Receiver([Answer(503, body=b"hunter2")]) as receiver, caplog.at_level(logging.DEBUG):
        outbox.put(f"http://user:hunter2@{receiver.host}/hook/hunter2?token=hunter2", b"hunter2")
        deliver_due(outbox, Clock())
    assert f"Delivery 1 to http://{receiver.host}/… failed 1 times" in caplog.text
    assert "hunter2" not in caplog.text


def test_it_runs_until_it_is_cancelled_and_delivers_all_in_order() -> None:
    outbox = MemoryOutbox()

    async def act(notifier: Notifier) -> None:
        running = asyncio.create_task(notifier.run())
        for _ in range(5):
            await asyncio.to_thread(receiver.arrived.acquire, timeout=30)
        outbox.put(receiver.url, b"late")
        notifier.wake()
        assert await asyncio.to_thread(receiver.arrived.acquire, timeout=30)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    with Receiver() as receiver:
        for number in range(5):
            outbox.put(receiver.url, b"%d" % number)
        in_a_loop(outbox, Clock(), act)
    assert receiver.bodies == [b"0", b"1", b"2", b"3", b"4", b"late"]


def test_it_outlives_an_outbox_that_cannot_be_read(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(MemoryOutbox):
        def due(self, now: float, limit: int) -> list[object]:  # type: ignore[override]
            raise OSError("the disk is full")

    deliver_due(Broken(), Clock())
    assert "The outbox cannot be read" in caplog.text
    assert "the disk is full" in caplog.text
