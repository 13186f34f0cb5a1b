"""A circle of the user's own: 露营, which no label of the base knows."""

from pathlib import Path

import numpy as np
import pytest

from corpora.taxonomy import Facet
from model import Scorer, audience_mix
from model.facets import FacetNames
from model.files import write_model
from model.scorer import DEFAULT
from training.labels import SHIPPED, from_records
from training.local import fit_local
from training.own import of_circles, read_starter

CUES = ("露营", "天幕", "帐篷", "营地", "睡袋", "户外装备", "搭帐篷", "炊具", "卡式炉", "精致露营", "篝火", "徒步路线")
CAMPING = Facet("camping", "露营党", "Campers", "", CUES, ("露营地产",), ())
NAMES = FacetNames((*SHIPPED.circles, "camping"), SHIPPED.aspects, SHIPPED.stages)
EXAMPLES = (
    "同款营灯求链接，周末就想拉朋友进山",
    "那个防风绳打法是错的，风一大就塌",
    "看完立刻翻出落灰的折叠椅，这周进山",
    "取景的那片湖去过，晚上能看到银河",
)


def fitted(folder: Path, circles: list[Facet], examples: dict[str, tuple[str, ...]]) -> Scorer:
    names = NAMES if CAMPING in circles else SHIPPED
    starter = read_starter()
    few = starter.take(np.arange(0, len(starter), 4))
    return Scorer.load(write_model(folder / "model", *fit_local(DEFAULT, of_circles(examples, names), few, circles)))


@pytest.fixture(scope="module")
def by_cues(tmp_path_factory: pytest.TempPathFactory) -> Scorer:
    return fitted(tmp_path_factory.mktemp("cues"), [CAMPING], {})


def test_a_circle_works_from_its_cues_alone(by_cues: Scorer) -> None:
    scores = by_cues.score(["这集的营地搭得真专业，帐篷朝向都讲究", "剧情拖沓，看睡着了"])
    assert scores.facets.circles[0] == ["camping"]
    assert "camping" not in scores.facets.circles[1]
    assert by_cues.facet_names == NAMES


def test_a_counter_cue_takes_the_cues_word_away(by_cues: Scorer) -> None:
    assert "camping" not in by_cues.score(["又是露营地产的软广"]).facets.circles[0]


def test_the_base_reads_its_own_facets_as_before(by_cues: Scorer) -> None:
    texts = ["作画崩了，声优也不行", "带孩子看的", "退票！"]
    old, new = Scorer.load().score(texts).facets, by_cues.score(texts).facets
    shipped = [new.names.all.index(name) for name in old.names.all]
    np.testing.assert_allclose(new.chances[:, shipped], old.chances, atol=1e-4)


def test_examples_raise_what_no_cue_stands_in(by_cues: Scorer, tmp_path: Path) -> None:
    taught = fitted(tmp_path, [CAMPING], {"camping": EXAMPLES})
    text = ["看完就想拉朋友进山，折叠椅都买好了"]
    column = len(SHIPPED.circles)
    before, after = (model.score(text).facets.chances[0, column] for model in (by_cues, taught))
    assert after > before


def test_a_new_circle_has_a_share_in_the_mix(by_cues: Scorer) -> None:
    facets = by_cues.score(["露营爱好者狂喜，天幕搭得真专业", "剧情拖沓", "好看", "几点上映"] * 50).facets
    share = audience_mix(facets).shares["camping"]
    assert share.low <= share.value <= share.high and share.value > 0.1


def test_a_table_with_a_shipped_key_adds_its_cues_to_that_circle(tmp_path: Path) -> None:
    more = Facet("gamer", "游戏玩家", "Gamers", "", ("肝帝联盟",), (), ())
    text = ["肝帝联盟集合了"]
    column = SHIPPED.circles.index("gamer")
    before = Scorer.load().score(text).facets.chances[0, column]
    local = fitted(tmp_path, [more], {})
    assert local.facet_names == Scorer.load().facet_names
    assert local.score(text).facets.chances[0, column] > before + 0.1


def test_labels_on_both_sides_move_a_shipped_circle(tmp_path: Path) -> None:
    spoken = [f"第{n}回看，银河漫游指南协会报到" for n in range(30)]
    rows = [{"text": text, "polarity": None, "circles": ["scifi"]} for text in spoken]
    rows += [{"text": f"第{n}回看，路过", "polarity": None, "circles": []} for n in range(30)]
    starter = read_starter()
    local = Scorer.load(write_model(tmp_path / "model", *fit_local(DEFAULT, from_records(rows), starter)))
    text, column = ["银河漫游指南协会报到"], SHIPPED.circles.index("scifi")
    before, after = (model.score(text).facets.chances[0, column] for model in (Scorer.load(), local))
    assert after > before + 0.1
