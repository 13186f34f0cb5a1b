from dataclasses import replace

from service.store.silences import Silence
from service.store.store import Store

NIGHT = Silence(
    id="n",
    matchers=[{"name": "stream", "value": "灯火", "isRegex": False, "isEqual": True}],
    starts_at=100.0,
    ends_at=200.0,
    created_by="梅",
    comment="首映夜",
)


def test_a_silence_is_in_force_from_its_start_until_before_its_end(store: Store) -> None:
    store.add_silence(NIGHT)
    assert store.silences() == [NIGHT]
    assert [bool(store.silences(active_at=time)) for time in (99.0, 100.0, 199.0, 200.0)] == [False, True, True, False]


def test_a_silence_ends_when_it_is_expired_but_never_later_than_it_would_have(store: Store) -> None:
    store.add_silence(NIGHT)
    assert store.expire_silence("n", now=150.0) == replace(NIGHT, ends_at=150.0)
    assert store.expire_silence("n", now=190.0) == replace(NIGHT, ends_at=150.0)
    assert store.expire_silence("none", now=190.0) is None


def test_a_silence_is_written_over_by_its_id(store: Store) -> None:
    store.add_silence(NIGHT)
    store.add_silence(replace(NIGHT, comment="延长", ends_at=900.0))
    assert [each.comment for each in store.silences()] == ["延长"]
