"""What a labelling and its scoring processes tell each other, beside chunks and labelled chunks."""

from dataclasses import dataclass
from pathlib import Path

from corpora.readers import PieceReader
from service.batch.columns import Layout
from service.batch.forms import Form


@dataclass(frozen=True, slots=True)
class Load:
    """Which model a scoring process is to load; without `model` the current one of `home`."""

    model: Path | None
    home: Path


@dataclass(frozen=True, slots=True)
class Task:
    """What a scoring process is to do with every chunk."""

    reader: PieceReader
    layout: Layout
    form: Form
    explain: bool


@dataclass(frozen=True, slots=True)
class Ready:
    """A scoring process has loaded its model."""

    version: str
    model: Path


@dataclass(frozen=True, slots=True)
class Refused:
    """The model cannot be loaded: `message` is for the user."""

    message: str


@dataclass(frozen=True, slots=True)
class Failed:
    """Scoring a chunk failed in a way nobody foresaw."""

    traceback: str
