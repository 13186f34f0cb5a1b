import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.readers import open_dump
from service.monitor.comments import joined
from service.monitor.expectations import Expectations
from service.replay.document import document
from service.replay.dump import Comments, read_streams
from service.replay.kept import KeptHistory
from service.replay.replay import Replayed, replay, scored_from, usual_bucket
from service.replay.report import render_report
from service.replay.truth import TruthColumn
from service.store.comments import NewComment
from service.store.intake import Incoming
from service.store.store import open_store
from service.streams.engine import Engine
from service.streams.history import ReadHistory
from tests.service.batch.scored import FACETS
from tests.service.replay.staged import NOON, course, dump, rows_of, staged_scorer

TURN = course((400, 0.1), (300, 0.6), (400, 0.05))


def comments_of(folder: Path, texts: list[str], truth: str | None = None, **more: Any) -> Comments:
    rows = rows_of(texts, **more)
    for row in rows:
        row["star"] = 1 if row["content"][0] == "差" else 5
    column = None if truth is None else TruthColumn(truth, "auto")
    [comments] = read_streams(open_dump(dump(folder, rows)), truth=column).streams
    return comments


@pytest.fixture(scope="module")
def turned(tmp_path_factory: pytest.TempPathFactory) -> Replayed:
    """A stream that turns at comment 401 and comes back at 701."""
    comments = comments_of(tmp_path_factory.mktemp("turned"), TURN, "star", title="年夜饭")
    return replay(comments, staged_scorer(), Expectations(work="年夜饭"), 3600)


def overall(replayed: Replayed) -> dict[str, Any]:
    [alert] = [alert for alert in replayed.alerts if alert["labels"] | {"severity": ""} == _OVERALL]
    return alert


_OVERALL = {"alertname": "backlash", "stream": "年夜饭", "signal": "negative", "severity": ""}


def test_a_turn_is_told_once_with_the_comments_it_began_and_was_seen_at(turned: Replayed) -> None:
    alert = overall(turned)
    assert abs(alert["onset"]["comment"] - 401) <= 5
    assert 401 < alert["detected"]["comment"] < 470
    assert alert["startsAt"] == alert["detected"]["time"]


def test_an_alert_that_is_over_tells_its_end_and_still_when_it_was_seen(turned: Replayed) -> None:
    alert = overall(turned)
    assert alert["state"] == "resolved"
    assert 701 < alert["resolved"]["comment"] < 900
    assert alert["endsAt"] == alert["resolved"]["time"] > alert["startsAt"]
    assert alert["explanation"]["after"]["value"] > 0.4  # of the turn, not of the return


def test_a_steady_stream_has_no_alert(tmp_path: Path) -> None:
    assert replay(comments_of(tmp_path, course((900, 0.1))), staged_scorer(), Expectations(), 3600).alerts == []


def test_the_series_counts_every_comment_in_buckets_of_the_size_asked_for(tmp_path: Path) -> None:
    comments = comments_of(tmp_path, course((150, 0.1)))
    for bucket, counts in ((1800, [30] * 5), (3600, [60, 60, 30]), (86_400, [150])):
        replayed = replay(comments, staged_scorer(), Expectations(), bucket)
        assert [point["comments"] for point in replayed.points] == counts


def test_the_bucket_follows_the_time_spanned(tmp_path: Path) -> None:
    for days, bucket in ((1, "10m"), (10, "1h"), (100, "1d")):
        rows = [{"id": str(at), "content": "好", "time": NOON + at * 86_400} for at in (0, days)]
        [comments] = read_streams(open_dump(dump(tmp_path, rows))).streams
        assert usual_bucket(comments) == bucket


def test_a_replay_tells_what_the_running_service_would_have_told(tmp_path: Path, turned: Replayed) -> None:
    past = turned.comments
    incoming = [
        NewComment(id=str(place), time=float(past.time[place]), text=text, author=past.author[place])
        for place, text in enumerate(past.text)
    ]
    with open_store(f"sqlite:///{tmp_path / 'poquan.db'}") as store:
        store.find_or_create_stream("年夜饭", {"work": "年夜饭"}, 0.0)
        store.accept([Incoming("年夜饭", incoming, lateness=600.0)], 0.0)
        engine = Engine(store)
        while engine.step(staged_scorer(), limit=300):
            pass
        fired = [event.document for event in store.events_after(None, 0, 1_000) if event.kind == "alert.firing"]
    alike = ("labels", "annotations", "startsAt", "fingerprint", "id", "detected", "signal", "explanation")
    assert fired
    assert [{name: alert[name] for name in alike} for alert in turned.alerts] == [
        {name: alert[name] for name in alike} for alert in fired
    ]


@pytest.fixture(scope="module")
def histories(turned: Replayed) -> tuple[KeptHistory, ReadHistory]:
    kept, scored = KeptHistory(turned.comments, FACETS), []
    for start in (0, 250, 700):
        rows = range(start, {0: 250, 250: 700, 700: 1_000}[start])
        copy = np.arange(start, rows.stop) % 3 == 0
        scored.append(replace(scored_from(turned.comments, rows, staged_scorer()), copy=copy))
        kept.add(scored[-1])
    return kept, ReadHistory(joined(scored))


@given(first=st.integers(0, 1_100), length=st.integers(-5, 1_100), limit=st.integers(1, 300))
def test_what_is_kept_comes_back_to_the_last_bit(
    histories: tuple[KeptHistory, ReadHistory], first: int, length: int, limit: int
) -> None:
    kept, read = (history.between(first, first + length, limit) for history in histories)
    assert (kept is None) == (read is None)
    if kept is not None and read is not None:
        for name in ("seq", "time", "likes", "polarity", "facets", "decided", "vectors", "copy"):
            assert np.array_equal(getattr(kept, name), getattr(read, name)), name
        for name in ("text", "author", "thread", "platform", "gender"):
            assert list(getattr(kept, name)) == list(getattr(read, name)), name


def test_texts_are_found_by_their_number(histories: tuple[KeptHistory, ReadHistory], turned: Replayed) -> None:
    kept, _ = histories
    assert kept.at(np.array([1, 3])) == [turned.comments.text[0], turned.comments.text[2]]


def test_with_a_truth_the_monitor_and_the_others_are_judged_on_the_same_stream(turned: Replayed) -> None:
    truth = document(turned, "night.jsonl", "1h", "staged")["truth"]
    [episode] = truth["episodes"]
    assert abs(episode["comment"] - 401) <= 5 and abs(episode["last_comment"] - 700) <= 5
    found = {each["name"]: each for each in truth["detectors"]}
    assert found["poquan"]["alarms"] == [overall(turned)["detected"]["comment"]]
    assert (found["poquan"]["episodes_found"], found["poquan"]["false_alarms"]) == (1, 0)
    always = found["always, every 100th"]
    assert always["alarms"] == list(range(100, 1_101, 100))
    inside = range(episode["comment"], episode["last_comment"] + 1)
    assert always["false_alarms"] == sum(alarm not in inside for alarm in always["alarms"]) > 0
    assert found["vendor rule, mean + 3 sd"]["episodes_found"] == 0  # it has no seven windows before comment 700


def test_without_river_its_detectors_are_named_with_what_to_install(
    turned: Replayed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "river.drift", None)
    missing = document(turned, "night.jsonl", "1h", "staged")["truth"]["not_run"]
    assert [each["name"] for each in missing] == ["river ADWIN", "river PageHinkley"]
    assert all("pip install 'poquan[bench]'" in each["reason"] for each in missing)


def test_the_document_draws_a_report(turned: Replayed) -> None:
    told = document(turned, "night.jsonl", "1h", "staged")
    assert told["comments"] == 1_100
    assert (told["from"], told["to"]) == ("2019-02-05T04:00:00+00:00", "2019-02-05T22:19:00+00:00")
    page = render_report(told)
    assert "年夜饭" in page and "vendor rule" in page


def test_without_a_truth_nothing_is_judged(tmp_path: Path) -> None:
    replayed = replay(comments_of(tmp_path, course((40, 0.1))), staged_scorer(), Expectations(), 3600)
    assert "truth" not in document(replayed, "night.jsonl", "1h", "staged")
