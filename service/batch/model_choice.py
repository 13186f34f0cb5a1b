"""The model to score with: the one the user names, else the current one of the home folder, else the shipped one."""

from pathlib import Path

from model import Scorer
from model.registry import current_model


def load_scorer(model: Path | None, home: Path) -> Scorer:
    """The scorer; raises `ModelError` where its folder is missing, damaged or of a newer format."""
    return Scorer.load(model if model is not None else current_model(home))
