import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest

from corpora.comment import Comment
from service.errors import OutputError
from service.review.choose import Chosen, Plan, choose
from service.review.forms import COLUMNS, as_csv, as_doccano, as_label_studio, choose_review_form, label_config
from tests.service.review.made import NAMES, pool_of, scores_of, weigh
from training.own import read_own

TEXT = "带爸妈和娃一起看的，\n他们说“好看”"


@pytest.fixture
def queue() -> list[Chosen]:
    """One comment the model takes for two circles."""
    comment = Comment(TEXT, id="00123", work="第九枚卫星", platform="weibo", time=datetime(2026, 2, 1, tzinfo=UTC))
    scores = scores_of([(0.1, 0.48, 0.42)], family=[0.9], senior=[0.46], story=[0.8], seen=[0.9])
    return choose(pool_of([comment], scores, sample_size=0), Plan(1, 0, 1, 0), weigh)


def test_the_csv_opens_in_excel_and_tells_the_guess_and_why(queue: list[Chosen]) -> None:
    written = as_csv(queue)
    assert written.startswith(b"\xef\xbb\xbf")
    (row,) = csv.DictReader(io.StringIO(written.decode("utf-8-sig"), newline=""))
    assert tuple(row) == COLUMNS
    assert row["text"] == TEXT
    assert (row["polarity"], row["circles"], row["aspects"], row["stage"]) == (
        "neutral",
        "family;senior",
        "story",
        "seen",
    )
    assert (row["why"], row["id"]) == ("circle: senior .46", "00123")


def test_doccano_gets_namespaced_labels_and_the_rest_as_meta_data(queue: list[Chosen]) -> None:
    row = json.loads(as_doccano(queue))
    assert row["label"] == ["polarity:neutral", "circle:family", "circle:senior", "aspect:story", "stage:seen"]
    assert row["text"] == TEXT
    assert row["comment_id"] == "00123"
    assert "id" not in row  # doccano's export has one of its own


def test_the_predictions_for_label_studio_fit_its_interface(queue: list[Chosen]) -> None:
    (task,) = json.loads(as_label_studio(queue, "base-1"))
    interface = ElementTree.fromstring(label_config(NAMES))
    shown = {part.attrib["value"] for part in interface if part.tag in ("Text", "Header")}
    assert {name[1:] for name in shown if name.startswith("$")} <= task["data"].keys()
    known = {
        control.attrib["name"]: {choice.attrib["alias"] for choice in control} for control in interface.iter("Choices")
    }
    (prediction,) = task["predictions"]
    assert prediction["model_version"] == "base-1"
    chosen = {part["from_name"]: set(part["value"]["choices"]) for part in prediction["result"]}
    assert chosen["circles"] == {"family", "senior"}
    assert all(names <= known[control] for control, names in chosen.items())


def test_the_interface_shows_chinese_names_and_an_own_circle_by_its_key() -> None:
    interface = ElementTree.fromstring(label_config(NAMES))
    shown = {choice.attrib["alias"]: choice.attrib["value"] for choice in interface.iter("Choice")}
    assert shown["senior"] == "中老年·银发"
    assert shown["camping"] == "camping"
    assert shown["mixed"] == "褒贬参半"


@pytest.mark.parametrize("form", ["csv", "doccano", "label-studio"])
def test_what_was_written_comes_back_through_make_train(queue: list[Chosen], form: str, tmp_path: Path) -> None:
    if form == "csv":
        (tmp_path / "queue.csv").write_bytes(as_csv(queue))
    elif form == "doccano":
        (tmp_path / "queue.jsonl").write_bytes(as_doccano(queue))
    else:
        tasks = json.loads(as_label_studio(queue, "base-1"))
        for task in tasks:
            task["annotations"] = [{"result": task["predictions"][0]["result"], "was_cancelled": False}]
        (tmp_path / "export.json").write_text(json.dumps(tasks), "utf-8")
    labels = read_own(tmp_path)
    assert labels.bad == []
    assert labels.examples.texts == [TEXT]
    assert labels.examples.groups == ["第九枚卫星"]
    assert labels.examples.targets.tolist() == [[0, 1, 0]]
    told = dict(zip(labels.names.all, labels.examples.facets[0].tolist(), strict=True))
    assert {name for name, value in told.items() if value == 1} == {"family", "senior", "story", "seen"}


def test_the_name_tells_the_form_and_another_name_is_refused() -> None:
    assert choose_review_form(Path("a.json"), None) == "label-studio"
    assert choose_review_form(Path("a.txt"), "csv") == "csv"
    with pytest.raises(OutputError, match=r"queue\.xlsx"):
        choose_review_form(Path("queue.xlsx"), None)
