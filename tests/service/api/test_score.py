import gzip
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model import POLARITIES, Scorer
from service.api.schema import LINES, ONE_COMMENT, SOME_COMMENTS, Result
from service.api.score import LINES_AT_ONCE
from tests.service.api.serving import Service, serving, settings_for
from tests.service.api.test_comments import REQUEST

NDJSON = {"Content-Type": "application/x-ndjson"}
JSON = {"Content-Type": "application/json"}


def as_lines(comments: list[dict[str, Any]]) -> bytes:
    return b"".join(orjson.dumps(comment) + b"\n" for comment in comments)


def read_lines(reply: httpx.Response) -> list[Any]:
    return [json.loads(line) for line in reply.text.splitlines()]


def test_one_comment_gives_one_result(client: httpx.Client) -> None:
    reply = client.post("/score", json={"text": "看到最后哭了，值得二刷", "platform": "douban"})
    result = reply.json()
    assert reply.status_code == 200
    assert list(result) == [
        *("index", "polarity", "polarity_score", "p_negative", "p_neutral", "p_positive"),
        *("circles", "aspects", "stage", "p_circles", "p_aspects", "p_stages", "model"),
    ]
    assert result["polarity"] in POLARITIES
    assert result["p_negative"] + result["p_neutral"] + result["p_positive"] == pytest.approx(1, abs=2e-4)
    assert result["polarity_score"] == pytest.approx(result["p_positive"] - result["p_negative"], abs=2e-4)


def test_the_reply_says_what_the_model_says(client: httpx.Client) -> None:
    texts = ["烂片，退票", "几点上映？", "神作！", "带着爸妈去看的，演技真好", ""]
    scores = Scorer.load().score(texts)
    comments = [{"text": text} for text in texts]
    results = client.post("/score", json={"comments": comments}).json()["results"]
    assert [result["polarity"] for result in results] == scores.polarity
    assert [result["polarity_score"] for result in results] == pytest.approx(scores.score.tolist(), abs=1e-4)
    assert [result["circles"] for result in results] == scores.facets.circles
    assert [result["aspects"] for result in results] == scores.facets.aspects
    assert [result["stage"] for result in results] == scores.facets.stage
    assert any(scores.facets.circles) and any(scores.facets.aspects) and any(scores.facets.stage)


def test_the_platform_changes_nothing_and_may_be_anything(client: httpx.Client) -> None:
    plain = client.post("/score", json={"text": "带着爸妈二刷"}).json()
    for platform in ("weibo", 5, {"name": "weibo"}):
        assert client.post("/score", json={"text": "带着爸妈二刷", "platform": platform}).json() == plain


def test_facets_come_with_the_probabilities_of_those_named(client: httpx.Client) -> None:
    named, plain = client.post("/score", json={"comments": [{"text": "带着爸妈二刷"}, {"text": ""}]}).json()["results"]
    assert list(named["p_circles"]) == named["circles"] == ["senior"]
    assert list(named["p_stages"]) == [named["stage"]] == ["rewatch"]
    assert 0 < named["p_circles"]["senior"] <= 1
    assert (plain["circles"], plain["aspects"], plain["stage"]) == ([], [], None)
    assert plain["p_circles"] == plain["p_aspects"] == plain["p_stages"] == {}


@pytest.mark.parametrize("form", ["one", "several", "lines"])
def test_with_probabilities_every_facet_has_its_own(client: httpx.Client, form: str) -> None:
    result = answered(client, "/score?probabilities=true", {"text": "带着爸妈二刷"}, form)
    scorer = Scorer.load()
    names, chances = scorer.facet_names, scorer.score(["带着爸妈二刷"]).facets.chances[0].tolist()
    told = [result["p_circles"], result["p_aspects"], result["p_stages"]]
    assert [tuple(kind) for kind in told] == [names.circles, names.aspects, names.stages]
    assert [chance for kind in told for chance in kind.values()] == pytest.approx(chances, abs=1e-4)
    assert result["circles"] == ["senior"]


def answered(client: httpx.Client, address: str, comment: dict[str, Any], form: str) -> dict[str, Any]:
    """The result of one comment, sent by itself, in a list or as a line."""
    body = {
        "one": orjson.dumps(comment),
        "several": orjson.dumps({"comments": [comment]}),
        "lines": as_lines([comment]),
    }
    reply = client.post(address, content=body[form], headers=NDJSON if form == "lines" else JSON).json()
    result: dict[str, Any] = reply["results"][0] if form == "several" else reply
    return result


def test_several_comments_keep_order_and_ids(client: httpx.Client) -> None:
    comments = [{"text": "好看", "id": "a"}, {"text": "难看"}, {"text": "", "id": 2**63, "likes": 5, "reply": {}}]
    reply = client.post("/score", json={"comments": comments}).json()
    assert [result["index"] for result in reply["results"]] == [0, 1, 2]
    assert [result.get("id") for result in reply["results"]] == ["a", None, 2**63]
    assert {result["model"] for result in reply["results"]} == {reply["model"]}
    assert "errors" not in reply


def test_no_comments_give_no_results(client: httpx.Client) -> None:
    assert client.post("/score", json={"comments": []}).json()["results"] == []
    assert client.post("/score", content=b"", headers=NDJSON).text == ""


def test_lines_come_back_line_by_line(client: httpx.Client) -> None:
    comments = [{"text": f"第{number}集好看", "id": number} for number in range(2 * LINES_AT_ONCE + 3)]
    with client.stream("POST", "/score", content=as_lines(comments), headers=NDJSON) as reply:
        results = [json.loads(line) for line in reply.iter_lines()]
    assert reply.headers["content-type"] == "application/x-ndjson"
    assert [result["id"] for result in results] == [comment["id"] for comment in comments]
    assert [result["index"] for result in results] == list(range(len(comments)))
    assert all(result["model"] for result in results)


@pytest.mark.parametrize("form", ["one", "several", "lines"])
def test_explain_adds_the_words_that_decided(client: httpx.Client, form: str) -> None:
    result = answered(client, "/score?explain=true", {"text": "烂片，浪费钱，退票！"}, form)
    assert result["words"]
    assert all(set(word) == {"word", "effect"} and -2 <= word["effect"] <= 2 for word in result["words"])
    assert set(result["facet_words"]) == {*result["circles"], *result["aspects"], result["stage"]}
    refund = result["facet_words"]["refund"]
    assert refund[0]["word"] == "退票" and refund[0]["effect"] > 0


def test_a_bad_comment_refuses_the_batch_and_is_named(client: httpx.Client) -> None:
    reply = client.post("/score", json={"comments": [{"text": "好看"}, {"text": None, "id": "b"}]})
    assert reply.status_code == 422
    assert reply.headers["content-type"] == "application/problem+json"
    problem = reply.json()
    assert problem["type"] == "urn:poquan:problem:bad-comments"
    assert problem["instance"] == "/score"
    assert "1 of 2 comments" in problem["detail"] and "on_error=skip" in problem["detail"]
    assert [(error["index"], error["field"], error["value"]) for error in problem["errors"]] == [(1, "text", "null")]


def test_with_skip_the_good_ones_are_scored_and_the_bad_ones_told(client: httpx.Client) -> None:
    body = rb'{"comments": [{"text": "\ud83d"}, {"text": NaN}, {"text": "ok", "id": "c"}, 7]}'
    reply = client.post("/score?on_error=skip", content=body, headers=JSON)
    assert reply.status_code == 200
    assert [result["index"] for result in reply.json()["results"]] == [0, 2]
    assert [error["index"] for error in reply.json()["errors"]] == [1, 3]


def test_with_skip_and_nothing_bad_the_list_of_errors_is_empty(client: httpx.Client) -> None:
    assert client.post("/score?on_error=skip", json={"comments": [{"text": "好看"}]}).json()["errors"] == []


def test_a_bad_comment_by_itself_is_refused_even_with_skip(client: httpx.Client) -> None:
    reply = client.post("/score?on_error=skip", json={"text": 5})
    assert reply.status_code == 422
    assert "on_error" not in reply.json()["detail"]


def test_a_bad_line_refuses_the_lines_before_any_is_answered(client: httpx.Client) -> None:
    reply = client.post("/score", content=b'{"text": "a"}\n{"text"\n', headers=NDJSON)
    assert reply.status_code == 422
    assert reply.json()["errors"][0]["index"] == 1


@pytest.mark.parametrize("bad", [[0], [1, 2], [LINES_AT_ONCE], [LINES_AT_ONCE + 1, 2 * LINES_AT_ONCE + 1]])
def test_with_skip_a_bad_line_has_its_line_in_the_answer(client: httpx.Client, bad: list[int]) -> None:
    count = 2 * LINES_AT_ONCE + 2
    lines = [b'{"id": "%d", "text": %s}\n' % (n, b"1" if n in bad else b'"a"') for n in range(count)]
    answers = read_lines(client.post("/score?on_error=skip", content=b"".join(lines), headers=NDJSON))
    assert [answer["index"] for answer in answers] == list(range(count))
    assert [answer["index"] for answer in answers if "error" in answer] == bad
    assert all(answer["id"] == str(answer["index"]) and answer["model"] for answer in answers)


@pytest.mark.parametrize(
    "text",
    ["", " ", "\x00\x00", "\ufffe", "好" * 33_000, "a" * 100_000, "!" * 100_000, "哈哈" * 50_000, "\u202e\u200b😂🏽"],
)
def test_odd_texts_are_scored(client: httpx.Client, text: str) -> None:
    reply = client.post("/score", json={"text": text})
    assert reply.status_code == 200
    assert reply.json()["polarity"] in POLARITIES


def test_malformed_json_is_refused_with_its_position(client: httpx.Client) -> None:
    reply = client.post("/score", content='{"comments": [\n{"text": "好看" "id": 1}]}'.encode(), headers=JSON)
    assert reply.status_code == 400
    assert reply.json()["type"] == "urn:poquan:problem:not-json"
    assert reply.json()["line"] == 2
    assert "line 2, column" in reply.json()["detail"]


@pytest.mark.parametrize(
    "media_type", ["", "text/plain", "application/x-www-form-urlencoded", "application/json; charset=gbk", "json"]
)
def test_another_media_type_is_refused_with_the_ones_taken(client: httpx.Client, media_type: str) -> None:
    reply = client.post("/score", content=b"{}", headers={"Content-Type": media_type})
    assert reply.status_code == 415
    assert reply.headers["accept"] == "application/json, application/x-ndjson"


@pytest.mark.parametrize(
    "media_type", ["application/json;charset=UTF-8", "Application/JSON", 'application/json; charset="utf-8"']
)
def test_the_media_type_is_read_as_http_writes_it(client: httpx.Client, media_type: str) -> None:
    assert client.post("/score", content=b'{"text": "a"}', headers={"Content-Type": media_type}).status_code == 200


@pytest.mark.parametrize("query", ["explain=perhaps", "probabilities=some", "on_error=ignore"])
def test_a_parameter_that_is_not_allowed_is_named(client: httpx.Client, query: str) -> None:
    reply = client.post(f"/score?{query}", json={"text": "a"})
    assert reply.status_code == 422
    assert reply.json()["errors"][0]["field"] == f"query.{query.split('=')[0]}"


@settings(deadline=None, max_examples=150)
@given(REQUEST, st.sampled_from(["fail", "skip"]), st.booleans())
def test_no_json_brings_the_service_down(client: httpx.Client, document: Any, on_error: str, lines: bool) -> None:
    headers = NDJSON if lines else JSON
    reply = client.post(f"/score?on_error={on_error}", content=json.dumps(document).encode(), headers=headers)
    assert reply.status_code in (200, 413, 422)


@settings(deadline=None, max_examples=50)
@given(st.binary(), st.sampled_from(sorted(JSON.items() | NDJSON.items())), st.sampled_from(["gzip", "identity"]))
def test_no_bytes_bring_the_service_down(
    client: httpx.Client, body: bytes, media_type: tuple[str, str], coding: str
) -> None:
    reply = client.post("/score", content=body, headers=dict([media_type]) | {"Content-Encoding": coding})
    assert reply.status_code in (200, 400, 413, 422)


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with serving(settings_for(tmp_path_factory.mktemp("narrow"), max_comments=3, max_bytes=1000)) as running:
        yield running.client


@pytest.mark.parametrize("lines", [True, False])
def test_too_many_comments_are_refused_with_the_bound(narrow: httpx.Client, lines: bool) -> None:
    comments = [{"text": "好"}] * 4
    content = as_lines(comments) if lines else orjson.dumps({"comments": comments})
    reply = narrow.post("/score?on_error=skip", content=content, headers=NDJSON if lines else JSON)
    assert reply.status_code == 413
    assert (reply.json()["max_comments"], reply.json()["comments"]) == (3, 4)


@pytest.mark.parametrize("way", ["declared", "chunked", "gzip"])
@pytest.mark.parametrize("size", [1000, 1001])
def test_too_many_bytes_are_refused_however_they_come(narrow: httpx.Client, way: str, size: int) -> None:
    body = b'{"text": "%s"}' % (b"a" * (size - 12))
    assert len(body) == size
    ways: dict[str, bytes | Iterator[bytes]] = {
        "declared": body,
        "chunked": iter([body[:500], body[500:]]),
        "gzip": gzip.compress(body),
    }
    headers = JSON | ({"Content-Encoding": "gzip"} if way == "gzip" else {})
    reply = narrow.post("/score", content=ways[way], headers=headers)
    assert reply.status_code == (200 if size == 1000 else 413)
    if size == 1001:
        assert reply.json()["max_bytes"] == 1000


def test_a_small_gzip_of_a_huge_body_is_refused(client: httpx.Client) -> None:
    body = gzip.compress(b'{"text": "' + b" " * 50_000_000)
    assert client.post("/score", content=body, headers=JSON | {"Content-Encoding": "gzip"}).status_code == 413


@pytest.mark.parametrize("body", [b"{}", gzip.compress(b'{"text": "a"}')[:-4]])
def test_a_body_that_is_no_whole_gzip_is_refused(client: httpx.Client, body: bytes) -> None:
    reply = client.post("/score", content=body, headers=JSON | {"Content-Encoding": "gzip"})
    assert (reply.status_code, reply.json()["type"]) == (400, "urn:poquan:problem:not-gzip")


def test_another_content_coding_is_refused(client: httpx.Client) -> None:
    reply = client.post("/score", content=b"{}", headers=JSON | {"Content-Encoding": "br"})
    assert (reply.status_code, reply.headers["accept-encoding"]) == (415, "gzip, identity")


def test_when_too_many_wait_the_next_is_asked_to_come_again(tmp_path: Path) -> None:
    with serving(settings_for(tmp_path)) as service:
        service.app.state.live.waiting = 0
        reply = service.client.post("/score", json={"text": "好看"})
    assert reply.status_code == 503
    assert reply.headers["retry-after"] == "1"
    assert reply.json()["type"] == "urn:poquan:problem:busy"


def test_probes_answer_while_comments_are_scored(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = threading.Event(), threading.Event()
    real = service.app.state.live.scorer

    class Slow:
        version = "slow"
        compiled = False

        def score(self, *args: Any, **options: Any) -> Any:
            begun.set()
            go_on.wait(10)
            return real.score(*args, **options)

    monkeypatch.setattr(service.app.state.live, "_scorer", Slow())
    replies: list[httpx.Response] = []
    url = service.client.base_url.join("/score")
    asking = threading.Thread(target=lambda: replies.append(httpx.post(url, json={"text": "好看"})))
    asking.start()
    begun.wait(10)
    assert service.client.get("/livez").status_code == 200
    assert not replies
    go_on.set()
    asking.join()
    assert replies[0].json()["model"] == "slow"


def test_requests_that_come_together_are_answered_as_alone(service: Service) -> None:
    texts = ["好看，值得二刷", "烂片，退票", "", "带着爸妈去看的", "ok", "剧情拖沓" * 30, "\U0001f602"]
    bodies: list[dict[str, Any]] = [{"text": texts[place % len(texts)], "id": place} for place in range(40)]
    bodies += [{"comments": bodies[:5]}, {"comments": []}, {"text": 5}, {"comments": [{"text": None}]}]
    url = str(service.client.base_url.join("/score?probabilities=true"))
    alone = [httpx.post(url, json=body) for body in bodies]
    together: dict[int, httpx.Response] = {}

    def ask(place: int) -> None:
        together[place] = httpx.post(url, json=bodies[place])

    asking = [threading.Thread(target=ask, args=(place,)) for place in range(len(bodies))]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    for place, reply in enumerate(alone):
        assert (together[place].status_code, together[place].content) == (reply.status_code, reply.content)


def test_small_requests_that_are_not_gathered_are_answered_alike(client: httpx.Client, tmp_path: Path) -> None:
    body = {"comments": [{"text": "好看，值得二刷"}, {"text": "烂片"}]}
    with serving(settings_for(tmp_path, gather=False)) as apart:
        assert apart.client.post("/score", json=body).content == client.post("/score", json=body).content


@pytest.mark.parametrize("query", ["", "explain=true", "on_error=skip&probabilities=true", "%65xplain=true"])
def test_a_plain_query_is_read_as_fastapi_reads_it(client: httpx.Client, query: str) -> None:
    body = {"comments": [{"text": "好看，值得二刷"}]}
    # A parameter that is not looked at leaves the reading to FastAPI.
    assert (
        client.post(f"/score?{query}", json=body).content == client.post(f"/score?{query}&other=1", json=body).content
    )


def test_the_examples_of_the_documentation_are_true(client: httpx.Client) -> None:
    one = client.post("/score", json=ONE_COMMENT).json()
    several = client.post("/score", json=SOME_COMMENTS).json()["results"]
    lines = read_lines(client.post("/score", content=LINES.encode(), headers=NDJSON))
    assert len(several) == len(lines) == 2
    full = client.post("/score?explain=true&probabilities=true", json=ONE_COMMENT).json()
    for result in [one, full, *several, *lines]:
        Result.model_validate(result, extra="forbid")
