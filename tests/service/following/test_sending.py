"""Sending to a service that is away, busy, strict or somebody else."""

import json
import socket
from pathlib import Path
from typing import Any

import pytest

from service.errors import ServiceError, SettingsError
from service.following.messages import Message
from service.following.sending import LONGEST_WAIT, STREAMS_OFF, Sender
from tests.service.following.receiver import Answer, Line, Receiver, receiving


def messages(count: int) -> list[Message]:
    lines = [{"id": str(number), "text": f"第{number}条"} for number in range(count)]
    return [Message(json.dumps(line).encode(), number, Path("c.csv"), number) for number, line in enumerate(lines)]


def sender(url: str, said: list[str] | None = None, **more: Any) -> Sender:
    return Sender(url, "剧/一", more.pop("key", None), (said if said is not None else []).append, **more)


def test_comments_go_to_their_stream_in_requests_of_at_most_500(receiver: Receiver) -> None:
    with sender(receiver.url) as out:
        receipt = out.send(messages(1001))
    assert [len(batch) for batch in receiver.requests] == [500, 500, 1]
    assert receiver.ids == [str(number) for number in range(1001)]
    assert (receipt.accepted, receipt.duplicates, receipt.late, receipt.refused) == (1001, 0, 0, [])
    assert set(receiver.paths) == {"/streams/%E5%89%A7%2F%E4%B8%80/comments"}
    assert receiver.headers[0]["Content-Type"] == "application/x-ndjson"


def test_the_key_is_sent_where_there_is_one(receiver: Receiver) -> None:
    with sender(receiver.url, key="geheim") as out:
        out.send(messages(1))
    with sender(receiver.url) as out:
        out.send(messages(1))
    assert [headers.get("Authorization") for headers in receiver.headers] == ["Bearer geheim", None]


def test_comments_the_service_names_are_refused_and_the_others_taken(receiver: Receiver) -> None:
    def answer(lines: list[Line]) -> Answer:
        errors = [{"index": 1, "field": "text", "value": '""', "message": "text is too long."}]
        return 200, {"stream": "s", "accepted": 1, "duplicates": 1, "late": 1, "rejected": 1, "errors": errors}

    receiver.answer = answer
    with sender(receiver.url) as out:
        receipt = out.send(messages(3))
    assert [(each.number, reason) for each, reason in receipt.refused] == [(1, "text is too long.")]
    assert (receipt.accepted, receipt.duplicates, receipt.late) == (1, 1, 1)


@pytest.mark.parametrize("status", [400, 413, 422])
def test_the_comment_for_which_a_whole_request_is_refused_is_found(receiver: Receiver, status: int) -> None:
    bad = {"17", "40"}
    receiver.answer = lambda lines: (status, {"detail": "So not."}) if any(e["id"] in bad for e in lines) else None
    with sender(receiver.url) as out:
        receipt = out.send(messages(60))
    assert {each.number for each, _ in receipt.refused} == {17, 40}
    assert receipt.refused[0][1] == f"{status}: So not."
    assert sorted(receiver.ids, key=int) == [str(number) for number in range(60) if str(number) not in bad]


@pytest.mark.parametrize("status", [401, 404, 302])
def test_a_refusal_that_lies_in_no_comment_ends_the_sending(receiver: Receiver, status: int) -> None:
    receiver.answer = lambda lines: (status, {"detail": "Nothing here."})
    with sender(receiver.url) as out, pytest.raises(ServiceError, match="POQUAN_API_KEY" if status == 401 else "--to"):
        out.send(messages(2))


def test_another_server_at_the_address_is_told(receiver: Receiver) -> None:
    receiver.answer = lambda lines: (200, {"hello": "world"})
    with sender(receiver.url) as out, pytest.raises(ServiceError, match="is not this service"):
        out.send(messages(1))


def test_a_busy_service_is_asked_again_with_growing_waits_and_told_of_once(receiver: Receiver) -> None:
    waits: list[float] = []
    said: list[str] = []
    receiver.answer = lambda lines: (503, {"detail": "Too many wait."}) if len(waits) < 8 else None
    with sender(receiver.url, said, sleep=waits.append) as out:
        assert out.send(messages(2)).accepted == 2
    assert waits == [1, 2, 4, 8, 16, 32, LONGEST_WAIT, LONGEST_WAIT]
    assert len(said) == 2
    assert "Too many wait." in said[0]
    assert "again" in said[1]


@pytest.mark.parametrize("patience", [30.0, float("inf")])
def test_streams_that_are_off_end_the_sending_at_once(receiver: Receiver, patience: float) -> None:
    waits: list[float] = []
    receiver.answer = lambda lines: (503, {"type": STREAMS_OFF, "detail": "The streams are off in this process."})
    with (
        sender(receiver.url, sleep=waits.append, patience=patience) as out,
        pytest.raises(ServiceError, match=r"streams are off in this process.*POQUAN_STREAMS true and one worker"),
    ):
        out.send(messages(1))
    assert waits == []


def test_patience_with_a_service_that_is_off_ends() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    waits: list[float] = []
    said: list[str] = []
    with sender(url, said, sleep=waits.append, patience=30.0) as out, pytest.raises(ServiceError, match="for 31 s"):
        out.send(messages(1))
    assert waits == [1, 2, 4, 8, 16]
    assert len(said) == 1


@pytest.mark.parametrize(("status", "kind"), [(503, "busy"), (503, "too-far-behind"), (429, "any")])
def test_patience_with_a_service_that_has_too_much_to_do_does_not_end(
    receiver: Receiver, status: int, kind: str
) -> None:
    waits: list[float] = []
    busy = (status, {"type": f"urn:poquan:problem:{kind}", "detail": "Later."})
    receiver.answer = lambda lines: busy if len(waits) < 8 else None
    with sender(receiver.url, sleep=waits.append, patience=30.0) as out:
        assert out.send(messages(2)).accepted == 2


def test_the_making_of_a_stream_is_asked_for(receiver: Receiver) -> None:
    with sender(receiver.url) as out:
        assert out.created() is None
        out.send(messages(1))
        assert out.created() == receiver.created is not None


@pytest.mark.parametrize("answer", [(404, {"detail": "Not Found"}), (200, {"hello": "world"}), (200, [])])
def test_another_server_does_not_pass_for_a_stream_that_is_gone(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch, answer: Answer
) -> None:
    monkeypatch.setattr(receiver, "tell", lambda: answer)
    with sender(receiver.url) as out, pytest.raises(ServiceError, match="--to"):
        out.created()


def test_a_service_that_is_not_up_yet_is_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    said: list[str] = []
    up: list[Receiver] = []
    service = receiving(port)

    def sleep(_: float) -> None:
        up.append(service.__enter__())

    try:
        with sender(f"http://127.0.0.1:{port}", said, sleep=sleep) as out:
            assert out.send(messages(3)).accepted == 3
    finally:
        service.__exit__(None, None, None)
    assert up[0].ids == ["0", "1", "2"]
    assert len(said) == 2


@pytest.mark.parametrize("url", ["127.0.0.1:8000", "ftp://host", "http://", ""])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="is no address"):
        sender(url)
