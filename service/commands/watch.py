"""`poquan watch`: a crawl that is going on, fed to the running service."""

import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.commands.reading import reads
from service.errors import SettingsError

if TYPE_CHECKING:
    from corpora.readers import ReadOptions
    from service.following.follow import Job
    from service.settings import Settings

_SENDING = "Sending"
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where a service listens to all, it is reached here


@reads(
    "text_column id_column time_column work_column thread_column platform_column author_column likes_column "
    "gender_column platform work timezone encoding sheet table"
)
def watch(
    *,
    source: Annotated[Path, typer.Argument(metavar="DUMP", help="A file, folder or SQLite database of comments.")],
    stream: Annotated[
        str, typer.Option(metavar="NAME", help="The stream the comments go into.", rich_help_panel=_SENDING)
    ],
    to: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Address of the service, else POQUAN_HOST and POQUAN_PORT tell.",
            rich_help_panel=_SENDING,
            show_default=False,
        ),
    ] = None,
    every: Annotated[float, typer.Option(min=0.1, metavar="SECONDS", help="Time between two looks at the dump.")] = 5.0,
    once: Annotated[bool, typer.Option("--once", help="Send what is there and end.")] = False,
    from_now: Annotated[
        bool,
        typer.Option("--from-now/--from-start", help="At the first watch of a dump: pass over what is there, or not."),
    ] = False,
    anew: Annotated[
        bool, typer.Option("--anew", help="Forget how far the dump was read: this is its first watch again.")
    ] = False,
    read: "ReadOptions",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")] = False,
) -> None:
    """Follow a dump that a crawler is writing and feed a stream of the running service with it.

    DUMP is what `poquan label` reads from a file or folder: csv, tsv, jsonl, json, xlsx, sqlite, Parquet, xml, plain or
    .gz, or a folder or database of MediaCrawler. New files, lines and rows are sent as they come; of csv, jsonl and
    SQLite only what is new is read, other files are read again when they change. A line that is half-written waits for
    its end.

    How far each file was read is kept below POQUAN_HOME, once the service has acknowledged it: a restart goes on from
    there, and nothing is lost by a kill. The service takes each comment id once; a comment without an id gets one made
    of its text, time, author and thread. While the service is away it is tried again, every minute at the longest, and
    with `--once` for half a minute. Where the stream was deleted or made anew meanwhile, everything is sent again.
    Records that are no comments, and comments the service refuses, go to `POQUAN_HOME/watch/….rejected.jsonl`.

    With POQUAN_API_KEY set the key is sent. Ctrl-C ends.

    Examples:

    - `poquan watch MediaCrawler/data --stream 第九枚卫星`
    - `poquan watch comments.db --stream satellite --to http://10.0.0.5:8000 --from-now`
    - `poquan watch comments.csv --stream satellite --once`
    """
    from service.following.follow import Job
    from service.settings import load_settings

    settings = load_settings()
    key = settings.api_key.get_secret_value() if settings.api_key is not None else None
    url = (to or _own_address(settings)).rstrip("/")
    _run(Job(source, stream, url, key, settings.home, read, every, once, from_now, anew), quiet)


def _run(job: "Job", quiet: bool) -> None:
    from service.following.follow import Counts, follow

    def say(sentence: str) -> None:
        if not quiet:
            typer.echo(sentence, err=True)

    total = Counts()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what stops a service of the system is a Ctrl-C too
    try:
        if not job.once:
            say(f"Following {job.source} into the stream {job.stream} of {job.url}; Ctrl-C ends.")
        follow(job, say, total)
    except KeyboardInterrupt:
        say(f"Stopped; in all {total}.")


def _own_address(settings: "Settings") -> str:
    if settings.port == 0:
        raise SettingsError("POQUAN_PORT is 0, which tells no port to send to; give the service's address with --to.")
    host = _EVERYWHERE.get(settings.host.strip("[]"), settings.host.strip("[]"))
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"
