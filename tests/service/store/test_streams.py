from dataclasses import replace

import pytest

from service.store.errors import StoreError
from service.store.record import Processed
from service.store.store import Store
from service.store.streams import check_name
from tests.service.store.making import accept, comment


def test_a_stream_is_made_once_and_found_by_its_name(store: Store) -> None:
    made = store.find_or_create_stream("灯火 第二季", {"work": "灯火"}, now=5.0)
    again = store.find_or_create_stream("灯火 第二季", {"work": "别的"}, now=9.0)
    assert made == again == store.stream("灯火 第二季")
    assert (made.created, made.settings, made.watermark, made.comments) == (5.0, {"work": "灯火"}, None, 0)
    assert store.stream("灯火") is None


@pytest.mark.parametrize("name", ["", " ", "a" * 201, "a/b", "a\nb", "a\x00", "\ud800", "a\u2028b"])
def test_a_name_that_cannot_be_one_is_refused(store: Store, name: str) -> None:
    with pytest.raises(StoreError, match="A stream's name must have"):
        store.find_or_create_stream(name, {}, now=0.0)
    with pytest.raises(StoreError, match="A stream's name must have"):
        accept(store, name, comment("1"))
    assert store.counts().streams == 0


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("  ", "'  ' is blank"),
        ("影" * 201, "this one has 201"),
        ("繁花/沪语版", "no slash, .* call '繁花/沪语版' '繁花-沪语版'"),
    ],
)
def test_what_is_wrong_with_a_name_is_told(name: str, told: str) -> None:
    with pytest.raises(StoreError, match=told):
        check_name(name)


def test_the_longest_name_and_quotes_are_kept(store: Store) -> None:
    for name in ("影" * 200, "a·b'c\"d%_;--"):
        store.find_or_create_stream(name, {}, now=0.0)
        assert store.streams_by_id([found.id for found in [store.stream(name)] if found]) != {}


def test_streams_are_paged_by_name(store: Store) -> None:
    for name in ("c", "a", "b"):
        store.find_or_create_stream(name, {}, now=0.0)
    first = store.streams(limit=2)
    assert [each.name for each in first] == ["a", "b"]
    assert [each.name for each in store.streams(after=first[-1].name)] == ["c"]


def test_settings_are_changed_and_nothing_else(store: Store) -> None:
    made = store.find_or_create_stream("灯火", {}, now=1.0)
    store.record(Processed(0, settings={made.id: {"women": 0.4}, made.id + 1: {}}))
    assert store.stream("灯火") == replace(made, settings={"women": 0.4})


def test_a_deleted_stream_is_gone_with_everything_and_neither_its_id_nor_a_place_comes_again(store: Store) -> None:
    accept(store, "去", comment("1"))
    gone = store.stream("去")
    assert gone is not None
    assert store.delete_stream("去")
    assert not store.delete_stream("去")
    assert (store.pending(10), store.counts().comments) == ([], 0)
    assert accept(store, "去", comment("1")).seq == 2
    back = store.stream("去")
    assert back is not None and back.id > gone.id
