"""Review: read a dump, score it, and write the comments most worth labelling next."""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import orjson

from corpora.readers import Dump, ReadOptions, RejectedRow, open_dump
from model import Scorer
from service.batch.label import Watch
from service.batch.model_choice import load_scorer
from service.batch.outputs import Places
from service.errors import OutputError
from service.review.choose import Chosen, choose, make_plan
from service.review.forms import as_csv, as_doccano, as_label_studio, label_config
from service.review.lanes import CIRCLE
from service.review.pool import Pool, wording_of

_BATCH = 1000
_CANDIDATES_A_LANE = 10  # times its share of the queue: enough to find comments unlike each other among them
_FEWEST_A_LANE = 100


@dataclass(frozen=True, slots=True)
class Job:
    """One review. `model` None is the current one; `config` is where a Label Studio interface goes, None beside it."""

    source: Path
    output: Path
    form: str
    home: Path
    model: Path | None = None
    read: ReadOptions = field(default_factory=ReadOptions)
    count: int = 200
    per_circle: int | None = None
    done: Sequence[Path] = ()
    config: Path | None = None
    overwrite: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """What a review did: ``comments`` read, ``refused`` rows, the queue, and the files written."""

    comments: int
    refused: int
    queue: list[Chosen]
    written: list[Path]
    model: str

    @property
    def reasons(self) -> Counter[str]:
        """How many comments were chosen for each kind of reason."""
        return Counter(chosen.lane.kind for chosen in self.queue)

    @property
    def near_circles(self) -> Counter[str]:
        """How many were chosen for being near each circle's threshold."""
        return Counter(chosen.lane.name for chosen in self.queue if chosen.lane.kind == CIRCLE)

    @property
    def guessed_circles(self) -> Counter[str]:
        """How many of the queue the model takes for each circle."""
        return Counter(name for chosen in self.queue for name in chosen.candidate.circles)


def review(job: Job, watch: Watch) -> Report:
    """Do the job. Raises `CorporaError`, `ModelError`, `ServiceError` and OSError; nothing is written then."""
    config = _config_place(job)
    _check(job, config)
    dump = open_dump(job.source, job.read)
    watch.say(f"Reading {dump.path.name} ({dump.kind}).")
    known = {wording_of(text) for file in job.done for text in _texts(file)}
    scorer = load_scorer(job.model, job.home)
    names = scorer.facet_names
    plan = make_plan(job.count, job.per_circle, len(names.circles))
    share = max(plan.polarity, -(-plan.circles // max(1, len(names.circles))))
    capacity = max(_FEWEST_A_LANE, _CANDIDATES_A_LANE * share)
    pool = Pool(names, scorer.facet_thresholds, capacity, sample_size=job.count, known=frozenset(known))
    refused = _fill(pool, dump, scorer, watch)
    queue = choose(pool, plan, scorer.weigh)
    written = {job.output: _encoded(queue, job.form, scorer.version)}
    if config is not None:
        written[config] = label_config(names)
    _publish(written)
    return Report(pool.comments, refused, queue, list(written), scorer.version)


def _fill(pool: Pool, dump: Dump, scorer: Scorer, watch: Watch) -> int:
    """Score the whole dump into the pool; how many rows were no comments."""
    refused = 0
    rows = dump.rows()
    while batch := list(islice(rows, _BATCH)):
        comments = [row.comment for row in batch if not isinstance(row, RejectedRow)]
        refused += len(batch) - len(comments)
        pool.add(comments, scorer.score([comment.text for comment in comments]))
        watch.update(_share_read(dump, pool.comments + refused), pool.comments)
    return refused


def _share_read(dump: Dump, taken: int) -> float:
    if dump.total_rows:
        return min(1.0, taken / dump.total_rows)
    return min(1.0, dump.bytes_read / dump.total_bytes) if dump.total_bytes else 1.0


def _texts(file: Path) -> Iterator[str]:
    """The comments of a queue or an export, whatever tool it comes from."""
    if file.suffix.lower() == ".json" and (tasks := _label_studio_texts(file)):
        yield from tasks
        return
    yield from (row.comment.text for row in open_dump(file).rows() if not isinstance(row, RejectedRow))


def _label_studio_texts(file: Path) -> list[str]:
    try:
        tasks = orjson.loads(file.read_bytes())
    except orjson.JSONDecodeError:
        return []  # `open_dump` says what is wrong with it
    listed = (task.get("data") for task in tasks if isinstance(task, dict)) if isinstance(tasks, list) else ()
    return [data["text"] for data in listed if isinstance(data, dict) and isinstance(data.get("text"), str)]


def _config_place(job: Job) -> Path | None:
    if job.form != "label-studio":
        if job.config is not None:
            raise OutputError(f"--label-config {job.config} goes with --format label-studio alone; leave it out.")
        return None
    return job.config or job.output.with_name(f"{job.output.stem}.config.xml")


def _check(job: Job, config: Path | None) -> None:
    for path in (job.output, config):
        if path is not None:
            Places(path, None).check(job.source, resume=False, overwrite=job.overwrite)
            if any(path.exists() and file.exists() and path.samefile(file) for file in job.done):
                raise OutputError(f"The output {path} would overwrite a file named with --except; choose another name.")


def _encoded(queue: Sequence[Chosen], form: str, version: str) -> bytes:
    if form == "csv":
        return as_csv(queue)
    return as_doccano(queue) if form == "doccano" else as_label_studio(queue, version)


def _publish(written: dict[Path, bytes]) -> None:
    """Give every file its name once all of them are whole on the disk."""
    drafts = {path: path.with_name(path.name + ".part") for path in written}
    try:
        for path, draft in drafts.items():
            with draft.open("wb") as file:
                file.write(written[path])
                file.flush()
                os.fsync(file.fileno())
        for path, draft in drafts.items():
            draft.replace(path)
    finally:
        for draft in drafts.values():
            draft.unlink(missing_ok=True)
