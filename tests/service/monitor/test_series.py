import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model import FacetNames
from service.monitor.comments import ScoredComments
from service.monitor.series import (
    BUCKET,
    BucketSums,
    SeriesLayout,
    SeriesPoint,
    add_up,
    merge,
    parse_bucket,
    read_series,
    sums_of,
)
from tests.service.monitor.said import NAMES, NOON, Said, scored

DAY = 86_400


def rows(comments: ScoredComments, late: tuple[int, ...] = (), copies: tuple[int, ...] = ()) -> list[BucketSums]:
    places = np.arange(len(comments))
    return sums_of(comments, ~np.isin(places, late), np.isin(places, copies))


def points(said: list[Said], bucket: int = DAY, core: tuple[str, ...] = ()) -> list[SeriesPoint]:
    return read_series(rows(scored(said)), NAMES, bucket, core)


def test_sums_are_by_ten_minutes_and_platform() -> None:
    said = [Said(time=NOON + 599, platform="weibo"), Said(time=NOON + 600), Said(time=NOON, platform="weibo")]
    found = [(each.start - NOON, each.platform, each.sums[0]) for each in rows(scored(said))]
    assert found == [(0, "weibo", 2), (BUCKET, "", 1)]


def test_every_figure_stands_in_its_named_column() -> None:
    said = [Said(negative=0.8, facets=("comedy", "story"), likes=7), Said(negative=0.2), Said(negative=0.9, likes=5)]
    (row,) = rows(scored(said), late=(1,), copies=(2,))
    figures = dict(zip(SeriesLayout(NAMES).columns, row.sums, strict=True))
    assert {name: figures[name] for name in ("comments", "organic", "copies", "late", "likes")} == {
        "comments": 3,
        "organic": 2,
        "copies": 1,
        "late": 1,
        "likes": 12,
    }
    assert figures["negative"] == 10_000 and figures["named_negative"] == 1 and figures["negative_squares"] == 6_800
    assert figures["with_circle"] == 1 and figures["chance:comedy"] == 9_200 and figures["named:comedy"] == 1
    assert figures["named:story"] == 1 and figures["chance:refund"] == 400
    assert figures["circles"] == 9_400 + 600


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 3000), st.sampled_from(["", "weibo"]))), st.integers(0, 40))
def test_how_the_comments_are_cut_over_batches_makes_no_difference(
    said: list[tuple[float, int, str]], cut: int
) -> None:
    comments = scored([Said(negative=p, time=NOON + late, platform=name or None) for p, late, name in said])
    assert add_up([*rows(comments[:cut]), *rows(comments[cut:])]) == rows(comments)


def test_no_comments_give_no_sums_and_no_points() -> None:
    assert rows(scored([])) == []
    assert read_series([], NAMES) == []


def test_days_begin_at_midnight_in_shanghai_by_default() -> None:
    midnight = NOON + DAY / 2
    first, second = points([Said(time=midnight - 1), Said(time=midnight)])
    assert (first.start, first.end, first.comments) == ("2019-02-05T00:00:00+08:00", "2019-02-06T00:00:00+08:00", 1)
    assert second.start == first.end
    (both,) = read_series(rows(scored([Said(time=midnight - 1), Said(time=midnight)])), NAMES, DAY, zone="UTC")
    assert both.start == "2019-02-05T00:00:00+00:00"


def test_a_day_of_a_zone_with_summer_time_lasts_from_midnight_to_midnight() -> None:
    night_before, evening = 1_553_986_800.0, 1_554_066_000.0  # 31 March 2019 in Berlin, 00:00 and 23:00: 23 hours
    series = read_series(rows(scored([Said(time=night_before), Said(time=evening)])), NAMES, DAY, zone="Europe/Berlin")
    assert [(each.start, each.end) for each in series] == [("2019-03-31T00:00:00+01:00", "2019-04-01T00:00:00+02:00")]


def test_weeks_begin_on_mondays() -> None:
    (week,) = points([Said()], 7 * DAY)
    assert week.start.startswith("2019-02-04")


def test_shares_are_of_the_organic_comments_with_their_interval() -> None:
    said = [Said(negative=1.0)] * 30 + [Said(negative=0.0)] * 70 + [Said(negative=1.0)] * 50
    (point,) = read_series(rows(scored(said), copies=tuple(range(100, 150))), NAMES, DAY)
    assert (point.comments, point.organic, point.copies) == (150, 100, 50)
    assert point.negative.value == pytest.approx(0.3)
    assert (point.negative.low, point.negative.high) == pytest.approx((0.219, 0.396), abs=0.001)
    assert point.positive.value == pytest.approx(0.35)


def test_a_bucket_of_copies_alone_tells_nothing_of_shares() -> None:
    (point,) = read_series(rows(scored([Said()] * 2), copies=(0, 1)), NAMES, DAY, ("comedy",))
    assert (point.negative.low, point.negative.high) == (0, 1)
    assert point.outside_core is None and point.effective_circles is None
    orjson.dumps(point.document())


def test_the_share_outside_the_core_is_that_of_the_voices_of_all_other_circles() -> None:
    said = [Said(facets=("comedy",))] * 60 + [Said(facets=("family",))] * 20
    (point,) = points(said, core=("comedy",))
    voices = {"comedy": 60 * 0.9 + 20 * 0.02, "family": 20 * 0.9 + 60 * 0.02, "cinephile": 80 * 0.02}
    outside = 1 - voices["comedy"] / sum(voices.values())
    assert point.outside_core is not None
    assert point.outside_core.value == pytest.approx(outside)
    assert 0.15 < point.outside_core.low < outside < point.outside_core.high < 0.45
    assert points(said)[0].outside_core is None


def test_the_effective_number_of_circles_is_one_for_one_and_all_for_all_alike() -> None:
    circles = NAMES.circles
    (one,), (three,) = points([Said(facets=("comedy",))] * 40), points([Said(facets=(name,)) for name in circles] * 20)
    assert one.effective_circles is not None and three.effective_circles is not None
    assert 1 <= one.effective_circles.low <= one.effective_circles.value < 1.3
    assert three.effective_circles.value == pytest.approx(3)


def test_penetration_is_the_share_so_far_and_speed_its_change_a_day() -> None:
    before = [Said(facets=("family",) if place < 10 else ()) for place in range(100)]
    after = [Said(facets=("family",) if place < 50 else (), time=NOON + 2 * DAY) for place in range(100)]
    first, second = (point.circles["family"] for point in points(before + after))
    assert first.speed is None and first.penetration == first.share
    assert first.share.value == pytest.approx(0.108) and second.share.value == pytest.approx(0.46)
    assert second.penetration.value == pytest.approx((10.8 + 46) / 200)
    assert second.speed is not None
    assert second.speed.value == pytest.approx((second.penetration.value - first.penetration.value) / 2)
    assert 0 < second.speed.low < second.speed.value < second.speed.high


def test_rows_from_before_a_circle_was_added_merge_and_do_not_dilute_its_share() -> None:
    wider = FacetNames((*NAMES.circles, "own"), NAMES.aspects, NAMES.stages)
    older = rows(scored([Said(facets=("comedy", "story"))] * 10))
    newer = rows(scored([Said(facets=("own", "refund"), time=NOON + DAY)] * 10, wider))
    day_before, day = read_series(older + newer, wider, DAY)
    assert day.circles["own"].penetration.value == pytest.approx(0.9)
    assert day_before.circles["own"].share.comments == 0
    assert day_before.circles["comedy"].share.value == pytest.approx(0.9)
    assert (day_before.aspects["story"], day.stages["refund"]) == pytest.approx((0.9, 0.9))
    merged = dict(zip(SeriesLayout(wider).columns, merge(older[0].sums, newer[0].sums), strict=True))
    assert (merged["named:comedy"], merged["named:own"], merged["named:refund"], merged["comments"]) == (10, 10, 10, 20)


def test_rows_of_a_model_with_more_circles_are_read_without_them() -> None:
    wider = FacetNames((*NAMES.circles, "own"), NAMES.aspects, NAMES.stages)
    (point,) = read_series(rows(scored([Said(facets=("own", "family"))], wider)), NAMES, DAY)
    assert point.circles["family"].share.value == pytest.approx(0.9) and "own" not in point.circles


def test_a_row_of_another_form_is_refused() -> None:
    with pytest.raises(ValueError, match="row of 3 sums"):
        read_series([BucketSums(0, "", [1, 2, 3])], NAMES)


@pytest.mark.parametrize(
    ("text", "seconds"), [("10m", 600), ("600s", 600), ("1h", 3600), ("1d", DAY), ("2w", 14 * DAY)]
)
def test_a_bucket_is_a_number_and_a_unit(text: str, seconds: int) -> None:
    assert parse_bucket(text) == seconds


@pytest.mark.parametrize("text", ["", "1", "h", "1 h", "-1h", "0h", "1.5h", "1y", "١h", "99999999d"])
def test_what_is_no_bucket_is_refused_with_examples(text: str) -> None:
    with pytest.raises(ValueError, match="30m, 1h or 1d"):
        parse_bucket(text)


def test_a_bucket_must_be_a_multiple_of_ten_minutes() -> None:
    with pytest.raises(ValueError, match="900 seconds"):
        parse_bucket("15m")
    with pytest.raises(ValueError, match="0 seconds"):
        read_series([], NAMES, 0)


def test_the_document_is_json_and_holds_every_interval() -> None:
    first, second = points([Said(facets=("family",)), Said(time=NOON + DAY)], core=("comedy",))
    document = orjson.loads(orjson.dumps(second.document()))
    assert document["comments"] == 1 and set(document["negative"]) == {"value", "low", "high"}
    assert set(document["circles"]["family"]) == {"share", "penetration", "speed_per_day"}
    assert document["circles"]["family"]["speed_per_day"]["value"] < 0
    assert first.document()["circles"]["family"]["speed_per_day"] is None
