import gzip
import threading
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from service.api.comments import LISTED
from service.api.stream_replies import STREAM_COMMENTS, STREAM_LINES
from service.store.errors import StoreError
from service.streams.live import MOST_WAITING
from tests.service.api.serving import Service, serving, settings_for, wait_for

NDJSON = {"Content-Type": "application/x-ndjson"}
TIME = 1_738_152_900


def counts(reply: httpx.Response) -> tuple[int, ...]:
    assert reply.status_code == 200, reply.text
    document = reply.json()
    return tuple(document[name] for name in ("accepted", "duplicates", "late", "rejected"))


def send(client: httpx.Client, stream: str, *comments: dict[str, Any]) -> httpx.Response:
    return client.post(f"/streams/{stream}/comments", json={"comments": list(comments)})


def test_comments_make_their_stream_and_are_taken_once(client: httpx.Client) -> None:
    some = [{"id": "a", "text": "好看", "time": TIME}, {"id": "b", "text": "难看", "time": TIME}]
    reply = send(client, "once", *some)
    assert reply.json() == {
        "stream": "once",
        "accepted": 2,
        "duplicates": 0,
        "late": 0,
        "rejected": 0,
        "errors": [],
    }
    assert counts(send(client, "once", *some, {"id": "c", "text": "还行", "time": TIME})) == (1, 2, 0, 0)
    assert client.get("/streams/once").json()["comments"] == 3


def test_the_same_id_in_two_streams_is_two_comments(client: httpx.Client) -> None:
    for stream in ("left", "right"):
        assert counts(send(client, stream, {"id": 1, "text": "好看"})) == (1, 0, 0, 0)


def test_without_an_id_the_content_tells_that_it_is_the_same(client: httpx.Client) -> None:
    comment = {"text": "好看", "author": "42"}
    assert counts(send(client, "nameless", comment, comment, comment | {"author": "43"})) == (2, 1, 0, 0)
    assert counts(send(client, "nameless", comment)) == (0, 1, 0, 0)


def test_one_comment_may_come_by_itself_and_lines_as_well(client: httpx.Client) -> None:
    assert counts(client.post("/streams/alone/comments", json={"text": "好看"})) == (1, 0, 0, 0)
    lines = b'{"text": "a"}\n\n{"text": "b"}\n'
    packed = gzip.compress(lines)
    url, gzipped = "/streams/lines/comments", NDJSON | {"Content-Encoding": "gzip"}
    assert counts(client.post(url, content=lines, headers=NDJSON)) == (2, 0, 0, 0)
    assert counts(client.post(url, content=packed, headers=gzipped)) == (0, 2, 0, 0)


def test_no_comments_make_a_stream(client: httpx.Client) -> None:
    assert counts(send(client, "empty")) == (0, 0, 0, 0)
    assert client.get("/streams/empty").json()["watermark"] is None


def test_a_comment_far_behind_the_newest_is_late_and_counts_in_its_hour(client: httpx.Client) -> None:
    send(client, "late", {"id": "new", "text": "好看", "time": TIME})
    on_time, too_late = {"text": "a", "time": TIME - 600}, {"text": "b", "time": TIME - 601}
    assert counts(send(client, "late", on_time, too_late)) == (2, 0, 1, 0)
    wait_for(lambda: sum(point["late"] for point in client.get("/streams/late/series").json()["points"]) == 1)
    assert client.get("/streams/late").json()["late"] == 1


def test_the_good_are_taken_though_others_are_faulty(client: httpx.Client) -> None:
    reply = send(client, "mixed", {"text": "好看"}, {"text": 5, "id": "x"}, {"text": "好", "time": "4025-01-01"})
    assert counts(reply) == (1, 0, 0, 2)
    assert [(error["index"], error["field"]) for error in reply.json()["errors"]] == [(1, "text"), (2, "time")]
    assert reply.json()["errors"][0]["id"] == "x"


def test_where_all_are_faulty_nothing_is_made(client: httpx.Client) -> None:
    reply = send(client, "faulty", *[{"text": None}] * (LISTED + 1))
    assert (reply.status_code, reply.json()["type"]) == (422, "urn:poquan:problem:bad-comments")
    assert (len(reply.json()["errors"]), reply.json()["rejected"]) == (LISTED, LISTED + 1)
    assert client.get("/streams/faulty").status_code == 404


def test_the_author_is_nowhere_to_be_found(tmp_path: Path) -> None:
    with serving(settings_for(tmp_path)) as service:
        send(service.client, "private", {"text": "好看", "author": "somebody-114514"})
    kept = [path.read_bytes() for path in tmp_path.iterdir() if path.is_file()]
    assert kept and not any(b"somebody-114514" in content for content in kept)


@pytest.mark.parametrize("name", ["%0A", "a%00b", "%20", "x" * 201, "a%2Fb", "a%2fcomments"])
def test_a_name_no_stream_can_have_is_refused(client: httpx.Client, name: str) -> None:
    reply = client.post(f"/streams/{name}/comments", json={"text": "好看"})
    assert (reply.status_code, reply.json()["type"]) == (422, "urn:poquan:problem:parameter-not-allowed")


def test_a_stream_may_have_any_other_name(client: httpx.Client) -> None:
    assert send(client, "第九枚卫星 · 点映%3F%25", {"text": "好看"}).status_code == 200
    assert client.get("/streams/第九枚卫星 · 点映%3F%25").json()["name"] == "第九枚卫星 · 点映?%"


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{", {"Content-Type": "application/json"}, 400),
        (b"[]", {"Content-Type": "application/json"}, 422),
        (b"text=a", {"Content-Type": "application/x-www-form-urlencoded"}, 415),
        (orjson.dumps({"comments": [{"text": "a"}] * 1001}), {"Content-Type": "application/json"}, 413),
        (b'{"text": "%s"}' % (b"a" * 2_000_000), {"Content-Type": "application/json"}, 413),
    ],
)
def test_a_body_that_cannot_be_used_is_a_problem(
    client: httpx.Client, body: bytes, headers: dict[str, str], status: int
) -> None:
    reply = client.post("/streams/s/comments", content=body, headers=headers)
    assert (reply.status_code, reply.headers["content-type"]) == (status, "application/problem+json")


def test_when_too_many_wait_to_be_watched_more_are_refused_for_a_while(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        service.app.state.streams, "last_watched", service.app.state.streams.last_accepted - MOST_WAITING
    )
    reply = send(service.client, "behind", {"text": "好看"})
    assert (reply.status_code, reply.headers["retry-after"]) == (503, "5")
    assert reply.json()["type"] == "urn:poquan:problem:too-far-behind"


def test_a_database_that_fails_is_told_and_nothing_is_acknowledged(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise StoreError("The database comments.db cannot be used (disk is full); make room.")

    with monkeypatch.context() as patched:
        patched.setattr(service.app.state.streams.store, "accept", full)
        reply = send(service.client, "full", {"text": "好看"})
    assert (reply.status_code, reply.json()["type"]) == (503, "urn:poquan:problem:store")
    assert "disk is full" in reply.json()["detail"]
    assert send(service.client, "full", {"text": "好看"}).status_code == 200


def test_of_requests_taken_together_only_the_one_at_fault_fails(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = service.app.state.streams.store
    accept, begun, go_on = store.accept, threading.Event(), threading.Event()

    def poisoned(batches: Any, now: float) -> Any:
        begun.set()
        go_on.wait(10)
        if any(comment.text == "毒" for batch in batches for comment in batch.comments):
            raise ZeroDivisionError
        return accept(batches, now)

    monkeypatch.setattr(store, "accept", poisoned)
    statuses: dict[str, int] = {}

    def ask(text: str) -> None:
        url = service.client.base_url.join("/streams/together/comments")
        statuses[text] = httpx.post(url, json={"text": text}, timeout=60).status_code

    asking = [threading.Thread(target=ask, args=(text,)) for text in ("先", "毒", "后")]
    asking[0].start()
    begun.wait(10)
    for thread in asking[1:]:
        thread.start()
    wait_for(lambda: len(service.app.state.streams._accepting._requests) == 2)
    go_on.set()
    for thread in asking:
        thread.join()
    assert statuses == {"先": 200, "毒": 500, "后": 200}


def test_what_became_of_comments_is_counted(service: Service) -> None:
    def counted() -> dict[str, float]:
        lines = [line.split() for line in service.client.get("/metrics").text.splitlines()]
        return {name: float(value) for name, value in (line for line in lines if len(line) == 2)}

    wait_for(lambda: service.app.state.streams.behind == 0)
    before = counted()
    now = {"text": "好看", "id": 1, "time": TIME}
    send(service.client, "counted", now, now, {"text": 5})
    send(service.client, "counted", {"text": "好", "time": TIME - 5_000})
    wait_for(lambda: service.app.state.streams.behind == 0)
    after = counted()

    def grown(name: str) -> float:
        return after[name] - before[name]

    assert [
        grown(f'poquan_stream_comments_total{{outcome="{outcome}"}}')
        for outcome in ("accepted", "duplicate", "late", "rejected")
    ] == [2, 1, 1, 1]
    assert grown("poquan_stream_comments_watched_total") == 2
    assert grown("poquan_stream_watch_delay_seconds_count") >= 1
    assert after["poquan_stream_comments_behind"] == 0
    assert after["poquan_stream_monitors_hot"] >= 1
    assert after["poquan_streams"] == before["poquan_streams"] + 1


def test_the_examples_of_the_documentation_are_true(client: httpx.Client) -> None:
    assert counts(client.post("/streams/example/comments", json=STREAM_COMMENTS)) == (2, 0, 0, 0)
    lines = client.post("/streams/example/comments", content=STREAM_LINES.encode(), headers=NDJSON)
    assert counts(lines)[0] == 2
