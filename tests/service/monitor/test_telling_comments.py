import numpy as np

from service.monitor.telling_comments import alike, most_liked, representative


def test_near_identical_comments_stand_for_each_other() -> None:
    texts = ["剧情注水太严重了，退钱！", "剧情注水太严重了,退钱!!!", "预告片和正片完全是两部电影", ""]
    shown = representative(texts, np.array([0.9, 0.95, 0.8, 1.0]), np.eye(4, dtype=np.float32), {})
    assert len(shown) == 2 and 2 in shown and 3 not in shown


def test_those_that_carry_the_signal_and_its_terms_come_first() -> None:
    texts = ["全家人都看得很开心的一部", "又长又闷看得人直犯困啊", "广告植入比剧情还要多的片子"]
    vectors = np.ones((3, 2), np.float32)
    assert representative(texts, np.array([0.1, 0.8, 0.8]), vectors, {"广告": 3.0, "植入": 2.5})[0] == 2


def test_the_centre_of_what_is_said_comes_before_an_aside() -> None:
    texts = ["爆米花卖得实在太贵了吧", "剧情从头到尾都在注水啊", "编剧写的剧情全是注水的"]
    vectors = np.array([[0, 1], [1, 0.1], [1, 0]], np.float32)
    assert representative(texts, np.full(3, 0.9), vectors, {})[0] != 0


def test_vectors_of_zeros_do_no_harm() -> None:
    assert representative(["剧情注水"], np.array([0.9]), np.zeros((1, 4), np.float32), {}) == [0]


def test_the_most_liked_carriers_are_told_without_likeless_ones() -> None:
    texts = ["太闷了想走人", "好看得想再来一次", "预告片骗人的吧", "难看难看难看", ""]
    carriers = np.array([True, False, True, True, True])
    assert most_liked(texts, np.array([5, 900, 70, 0, 80]), carriers) == [2, 0]


def test_texts_of_one_character_are_alike_only_when_the_same() -> None:
    assert alike("烂", "烂 ") and not alike("烂", "好")
