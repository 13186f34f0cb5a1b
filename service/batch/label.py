"""Label a dump: read it in chunks, score them in several processes, write the rows in the order they came."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from corpora.readers import Dump, ReadOptions, open_dump
from service.batch.chunks import Chunk, cut_chunks
from service.batch.columns import Layout, plan_layout
from service.batch.convert import convert, require_libraries
from service.batch.encode import Encoder
from service.batch.forms import Form
from service.batch.journal import Standing, identity
from service.batch.messages import Task
from service.batch.outputs import FileOutput, Output, Places
from service.batch.standard_streams import spooled_input, standard_output
from service.batch.workers import Workers
from service.errors import SettingsError

if TYPE_CHECKING:
    from model import FacetNames
    from model.shares import MixRates


_WORTH_A_PROCESS = 1 << 20  # bytes of a dump: less is labelled before another process has loaded its model


@dataclass(frozen=True, slots=True)
class Job:
    """One labelling. `source` None is standard input, `output` None standard output; `model` None the current one.

    `expected` holds the share of comments that each of some circles was expected to have, in (0, 1].
    """

    source: Path | None
    output: Path | None
    form: Form
    home: Path
    model: Path | None = None
    read: ReadOptions = field(default_factory=ReadOptions)
    jobs: int = 1
    batch_size: int = 1000
    explain: bool = False
    probabilities: bool = False
    resume: bool = False
    overwrite: bool = False
    rejected: Path | None = None
    expected: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    """What a labelling did. `seconds` and `labelled` are of this run alone, `standing` of those before it too.

    `facets` and `rates` are what the model that labelled tells the audience mix by; None where it cannot.
    """

    standing: Standing
    layout: Layout
    kind: str
    model: str
    seconds: float
    labelled: int
    facets: "FacetNames | None" = None
    rates: "MixRates | None" = None
    expected: Mapping[str, float] = field(default_factory=dict)


class Watch(Protocol):
    """Is told how a labelling goes."""

    def say(self, sentence: str) -> None:
        """Something the user should know."""

    def update(self, share: float, labelled: int) -> None:
        """The share of the input that is done, in [0, 1], and the comments labelled by this run."""


def label(job: Job, watch: Watch) -> Report:
    """Do the job. Raises `NotADump`, `ServiceError` and OSError; what was written until then can be resumed."""
    started = time.monotonic()
    require_libraries(job.form)
    if job.expected:
        check_expected(job.expected, _circles(job))
    places = None if job.output is None else Places(job.output, job.rejected)
    with ExitStack() as stack:
        source = job.source if job.source is not None else stack.enter_context(spooled_input())
        if places is not None:
            places.check(source, job.resume, job.overwrite)
        workers = stack.enter_context(Workers(job.model, job.home, job.jobs))
        workers.begin(1)
        dump = open_dump(source, job.read)
        workers.begin(1 + dump.total_bytes // _WORTH_A_PROCESS)
        layout = plan_layout(dump.columns, job.explain, _circles(job) if job.probabilities else ())
        _say_what_was_found(dump, layout, watch)
        if places is not None and (journal := places.published(job.resume)) is not None:
            places.clear(keep_rejected=journal.rejected_bytes > 0)
            version = journal.run["model"]
            seconds = time.monotonic() - started
            return Report(
                journal.standing, layout, dump.kind, version, seconds, 0, *_known(_folder(job), version), job.expected
            )
        import model  # noqa: F401 - the figures at the end need it; now this process waits for the others anyway

        ready = workers.start(Task(dump.reader, layout, job.form, job.explain))
        version = ready.version
        if places is None:
            stream = stack.enter_context(standard_output(job.form, job.rejected, layout))
            labelled, standing = _label_rest(dump, job, workers, stream, watch), stream.standing
        else:
            run = identity(source, _options(job), version, spooled=job.source is None)
            file = stack.enter_context(FileOutput(places, run, Encoder(layout, job.form).header(bom=True), job.resume))
            labelled, standing = _label_to_file(dump, job, workers, file, watch), file.standing
            _publish(file, places, job.form, layout, watch)
        seconds = time.monotonic() - started
        return Report(
            standing, layout, dump.kind, version, seconds, labelled, *_known(ready.model, version), job.expected
        )


def _label_to_file(dump: Dump, job: Job, workers: Workers, file: FileOutput, watch: Watch) -> int:
    if file.resumed:
        watch.say(f"Going on after {file.standing.consumed:,} rows.")
    labelled = 0 if file.complete else _label_rest(dump, job, workers, file, watch)
    file.mark_complete()
    workers.stop()  # their memory is free for what comes
    return labelled


def _label_rest(dump: Dump, job: Job, workers: Workers, output: Output, watch: Watch) -> int:
    before = output.standing.comments
    for labelled in workers.label(_chunks(dump, job.batch_size, output.standing)):
        output.append(labelled)
        watch.update(labelled.read, output.standing.comments - before)
    return output.standing.comments - before


def _chunks(dump: Dump, size: int, standing: Standing) -> Iterator[Chunk]:
    """The chunks not yet done, each with what is known of the works when it is cut."""
    for chunk in cut_chunks(dump, size, standing.consumed):
        chunk.followed = standing.audiences.followed
        yield chunk


def _publish(file: FileOutput, places: Places, form: Form, layout: Layout, watch: Watch) -> None:
    if form.streamed:
        file.publish(places.part)
        return
    watch.say(f"All rows are labelled; writing them as {form}.")
    target = places.output.with_name(places.output.name + ".converting")
    try:
        convert(places.part, target, form, layout, file.standing.kinds)
        file.publish(target)
    finally:
        target.unlink(missing_ok=True)


def _options(job: Job) -> dict[str, object]:
    """What decides over the bytes of the output and what is counted."""
    chosen = {name: value for name, value in asdict(job.read).items() if value is not None}
    return {
        **chosen,
        "format": str(job.form),
        "batch_size": job.batch_size,
        "explain": job.explain,
        "probabilities": job.probabilities,
    }


def _circles(job: Job) -> tuple[str, ...]:
    """The circles of the job's model, from its manifest: no model is loaded, nor one without facets refused, here."""
    from model import FacetNames
    from model.files import read_model

    manifest, _ = read_model(_folder(job))
    return FacetNames.of(manifest).circles if "facets" in manifest else ()


def _folder(job: Job) -> Path:
    from model.registry import current_model

    return job.model if job.model is not None else current_model(job.home)


def check_expected(expected: Mapping[str, float], circles: Sequence[str]) -> None:
    """Raise `SettingsError` where a circle is unknown to the model or a share is none."""
    for name, share in expected.items():
        if name not in circles:
            raise SettingsError(
                f"--expect names {name!r}, which is no circle of the model; it knows {', '.join(circles)}."
            )
        if not 0 < share <= 1:
            raise SettingsError(
                f"--expect gives {name} the share {share:g}; it must be above 0 and at most 1, such as {name}=0.25."
            )


def _known(folder: Path, version: str) -> "tuple[FacetNames | None, MixRates | None]":
    """The facets and rates of the model that labelled; None each where its folder holds it no more."""
    from model import FacetNames, ModelError
    from model.files import read_model
    from model.shares import MixRates

    try:
        manifest, arrays = read_model(folder)
    except ModelError:
        return None, None
    if manifest["version"] != version or "facets" not in manifest:
        return None, None
    return FacetNames.of(manifest), MixRates.from_arrays(arrays) if MixRates.are_in(arrays) else None


def _say_what_was_found(dump: Dump, layout: Layout, watch: Watch) -> None:
    watch.say(f"Reading {dump.path.name} ({dump.kind}).")
    if set(layout.inputs) != set(dump.columns):
        watch.say("The input has been labelled before; its label columns are replaced.")
    for name, new in layout.renamed.items():
        watch.say(f"The input's own column {name!r} goes on as {new!r}.")
