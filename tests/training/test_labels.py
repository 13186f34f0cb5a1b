import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.labels import POLARITY_TARGETS, STAR_TARGETS, folds


@pytest.mark.parametrize("targets", [*STAR_TARGETS.values(), *POLARITY_TARGETS.values()])
def test_the_chances_of_a_label_sum_to_one(targets: tuple[float, float, float]) -> None:
    assert sum(targets) == pytest.approx(1)


def test_more_stars_never_mean_more_against() -> None:
    against = [STAR_TARGETS[star][0] for star in sorted(STAR_TARGETS)]
    assert against == sorted(against, reverse=True)


@given(st.lists(st.sampled_from("甲乙丙丁戊己"), min_size=1, max_size=60))
def test_a_title_stays_in_one_fold(titles: list[str]) -> None:
    fold = folds(titles, 3)
    assert all(len(set(fold[np.array(titles) == title])) == 1 for title in set(titles))


def test_a_whole_forum_is_dealt_row_by_row() -> None:
    assert set(folds(["forum"] * 500, 4)) == {0, 1, 2, 3}
