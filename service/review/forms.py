"""The queue as a file: a table for Excel, a data set for doccano, tasks for Label Studio."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

import orjson

from corpora.taxonomy import ASPECTS, CIRCLES, STAGES, Facet, read_facets
from model.facets import FacetNames
from service.batch.columns import Layout
from service.batch.encode import Encoder
from service.batch.forms import Form
from service.errors import OutputError
from service.review.choose import Chosen

FORMS = ("csv", "doccano", "label-studio")
"""What a queue may be, as values of ``--format``."""

COLUMNS = ("text", "polarity", "circles", "aspects", "stage", "why", "id", "work", "platform", "time")
"""The columns of the csv; `make train` reads the first five, `work` and `platform`."""

_SUFFIXES = {".csv": "csv", ".jsonl": "doccano", ".json": "label-studio"}
_POLARITIES = {"negative": "负面", "neutral": "中性", "positive": "正面", "mixed": "褒贬参半"}


def choose_review_form(output: Path, named: str | None) -> str:
    """The form named by the user, else the one the output's extension tells. Raises `OutputError` for neither.

    >>> choose_review_form(Path("queue.jsonl"), None)
    'doccano'
    """
    form = named or _SUFFIXES.get(output.suffix.lower())
    if form is None:
        raise OutputError(
            f"It cannot be told what to write to {output}: name it .csv, .jsonl (doccano) or .json (Label Studio), or "
            f"give --format ({', '.join(FORMS)})."
        )
    return form


def as_csv(queue: Sequence[Chosen]) -> bytes:
    """A csv file that Excel reads rightly, lists joined by `;`."""
    encoder = Encoder(Layout(COLUMNS, COLUMNS, ()), Form("csv"))
    return encoder.header(bom=True) + encoder.rows([_record(chosen) for chosen in queue], [()] * len(queue))


def as_doccano(queue: Sequence[Chosen]) -> bytes:
    """JSON lines for a text classification project that allows several labels.

    Labels are `polarity:negative`, `circle:senior`, `aspect:story`, `stage:seen`. doccano keeps every other field as
    meta data of the comment; the comment's id is called `comment_id`, as doccano's export has an `id` of its own.
    """
    lines = []
    for chosen in queue:
        guess = chosen.candidate
        labels = [
            f"polarity:{guess.polarity}",
            *(f"circle:{name}" for name in guess.circles),
            *(f"aspect:{name}" for name in guess.aspects),
            *([f"stage:{guess.stage}"] if guess.stage else []),
        ]
        lines.append(orjson.dumps(_fields(chosen) | {"label": labels}) + b"\n")
    return b"".join(lines)


def as_label_studio(queue: Sequence[Chosen], version: str) -> bytes:
    """A JSON array of tasks with the model's guess as a prediction (https://labelstud.io/guide/predictions)."""
    tasks = []
    for number, chosen in enumerate(queue, 1):
        guess = chosen.candidate
        choices = {
            "polarity": [guess.polarity],
            "circles": guess.circles,
            "aspects": guess.aspects,
            "stage": [guess.stage] if guess.stage else [],
        }
        result = [
            {
                "id": f"{number}-{name}",
                "from_name": name,
                "to_name": "text",
                "type": "choices",
                "value": {"choices": picked},
            }
            for name, picked in choices.items()
            if picked
        ]
        prediction = {"model_version": version, "score": round(guess.confidence, 4), "result": result}
        tasks.append({"data": _fields(chosen), "predictions": [prediction]})
    return orjson.dumps(tasks, option=orjson.OPT_INDENT_2)


def label_config(names: FacetNames) -> bytes:
    """The labelling interface for Label Studio, with Chinese names shown and the keys as results.

    A circle that is the user's own is shown by its key.
    """
    circles, aspects, stages = (_chinese(file) for file in (CIRCLES, ASPECTS, STAGES))
    blocks = [
        _choices("polarity", "single", [(key, shown, "") for key, shown in _POLARITIES.items()], required=True),
        _choices("circles", "multiple", _shown(names.circles, circles)),
        _choices("aspects", "multiple", _shown(names.aspects, aspects)),
        _choices("stage", "single", _shown(names.stages, stages)),
    ]
    titles = ("情感", "圈层（多数评论没有）", "评价的方面", "观看阶段")
    lines = ["<View>", '  <Header value="$work" size="5"/>', '  <Text name="text" value="$text"/>']
    for title, block in zip(titles, blocks, strict=True):
        lines += [f'  <Header value={quoteattr(title)} size="5"/>', *block]
    return "\n".join([*lines, "</View>", ""]).encode()


def _record(chosen: Chosen) -> dict[str, object]:
    guess, comment = chosen.candidate, chosen.candidate.comment
    return {
        "text": comment.text,
        "polarity": guess.polarity,
        "circles": guess.circles,
        "aspects": guess.aspects,
        "stage": guess.stage,
        "why": chosen.why,
        "id": comment.id,
        "work": comment.work,
        "platform": comment.platform,
        "time": comment.time,
    }


def _fields(chosen: Chosen) -> dict[str, object]:
    comment = chosen.candidate.comment
    time = comment.time.isoformat() if comment.time is not None else ""
    return {
        "text": comment.text,
        "why": chosen.why,
        "comment_id": comment.id or "",
        "work": comment.work or "",
        "platform": comment.platform or "",
        "time": time,
    }


def _chinese(file: Path) -> dict[str, Facet]:
    return {facet.key: facet for facet in read_facets(file)}


def _shown(keys: Sequence[str], known: Mapping[str, Facet]) -> list[tuple[str, str, str]]:
    facets = [(key, known.get(key)) for key in keys]
    return [(key, facet.chinese, facet.definition) if facet else (key, key, "") for key, facet in facets]


def _choices(name: str, choice: str, options: Sequence[tuple[str, str, str]], *, required: bool = False) -> list[str]:
    needed = ' required="true"' if required else ""
    lines = [f'  <Choices name="{name}" toName="text" choice="{choice}" showInline="true"{needed}>']
    for key, shown, hint in options:
        tip = f" hint={quoteattr(hint)}" if hint else ""
        lines.append(f"    <Choice value={quoteattr(shown)} alias={quoteattr(key)}{tip}/>")
    return [*lines, "  </Choices>"]
