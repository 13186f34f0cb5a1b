"""The command ``python -m training``: move the shipped model by your labels, or fit the base from the corpora."""

from __future__ import annotations

import argparse
import logging
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

from corpora.errors import CorporaError
from model import ModelError, Scorer
from model.files import write_model
from model.registry import current_model, default_home, promote
from model.scorer import DEFAULT
from training.card import write_card
from training.evaluate import ALL, Figures, as_record, figures_as_record, judge, star_auc
from training.evaluate_facets import facets_as_record, judge_facets
from training.labels import join_examples, read_gold, read_stars
from training.local import Arrays, fit_local, part
from training.own import of_circles, read_own, read_starter, tell
from training.promote import compare, contradiction

log = logging.getLogger("training")

_LABELS = Path(__file__).resolve().parents[1] / "corpora" / "local"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; give the exit code: 0 (also where the gate kept the old model), 2 where it could not run."""
    arguments = _parser().parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        # One thread: sums in another order would give other bytes.
        with threadpool_limits(1):
            if arguments.what == "base":
                return train_base(arguments.output)
            return train_local(arguments.labels, _home(), force=arguments.force)
    except (CorporaError, ModelError) as error:
        print(error, file=sys.stderr)
        return 2


def train_local(labels: Path, home: Path, *, force: bool = False) -> int:
    """Fit the shipped model to the labels in a folder and put it into use in ``home`` if it passes the gate."""
    own = read_own(labels, home)
    tell(own, labels)
    mine, starter = part(own.examples), part(read_starter())
    taught = join_examples(mine.training, of_circles(own.circle_examples, own.names))
    manifest, arrays = fit_local(DEFAULT, taught, starter.training, own.circles)
    in_use = current_model(home)
    if Scorer.load(in_use).version == manifest["version"]:
        print(f"Unchanged: these labels give {manifest['version']}, which is in use already.")
        return 0
    candidate = home / "models" / ".candidate"
    write_model(candidate, manifest, arrays)
    parts = {"your labels, held-out fifth": mine.evaluation, "starter comments, held-out fifth": starter.evaluation}
    verdict = compare(in_use, candidate, parts)
    print(verdict.table)
    objection = contradiction(Scorer.load(DEFAULT), own.examples) or (None if verdict.passed else verdict.reason)
    if objection and not force:
        shutil.rmtree(candidate)
        version = Scorer.load(in_use).version
        print(f"Kept {version}: the new model was not put into use, as {objection}. `--force` overrides.")
        return 0
    _write(candidate, manifest, arrays, {name: {ALL: figures} for name, figures in verdict.figures.items()})
    folder = promote(home, candidate)
    shutil.rmtree(candidate, ignore_errors=True)
    if objection:
        print(f"Now in use, by --force: {folder.name}, although {objection}.")
    else:
        print(f"Now in use: {folder.name}, as {verdict.reason}.")
    print("`poquan model rollback` goes back; a running service takes it up on `POST /model/reload` or SIGHUP.")
    return 0


def train_base(output: Path) -> int:
    """Fit the base model from the corpora, measure it on the dev and test splits, and write it to a folder."""
    from training.base import fit_base

    manifest, arrays = fit_base()
    draft = output.parent / f".{output.name}-measured"
    write_model(draft, manifest, arrays)
    try:
        scorer = Scorer.load(draft)
        dev = read_gold("dev")
        measured, facets = {"gold/dev": judge(scorer, dev)}, judge_facets(scorer, dev)
        auc = star_auc(scorer, *read_stars("test"))
    finally:
        shutil.rmtree(draft)
    metrics = {name: figures_as_record(figures) for name, figures in measured.items()}
    metrics["film/starred.test"] = {"auc": as_record(auc)}
    metrics["gold/dev, facets"] = facets_as_record(facets)
    write_model(output, {**manifest, "metrics": metrics}, arrays, write_card(manifest, measured, facets, auc))
    print(f"Wrote {manifest['version']} to {output}.")
    return 0


def _write(
    folder: Path, manifest: dict[str, Any], arrays: Arrays, measured: Mapping[str, Mapping[str, Figures]]
) -> None:
    metrics = {name: figures_as_record(figures) for name, figures in measured.items()}
    write_model(folder, {**manifest, "metrics": metrics}, arrays, write_card(manifest, measured))


def _home() -> Path:
    named = os.environ.get("POQUAN_HOME")
    return Path(named).expanduser() if named else default_home()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    named = os.environ.get("POQUAN_LABELS")
    parser.add_argument(
        "--labels",
        type=Path,
        metavar="DIR",
        default=Path(named).expanduser() if named else _LABELS,
        help="folder of your label files (default: POQUAN_LABELS, else corpora/local)",
    )
    parser.add_argument("--force", action="store_true", help="put the new model into use even where it is worse")
    base = parser.add_subparsers(dest="what", metavar="{base}").add_parser(
        "base", help="fit the base model from the corpora (POQUAN_CORPORA, else ../shared/data)"
    )
    base.add_argument(
        "--output",
        type=Path,
        metavar="DIR",
        default=DEFAULT,
        help="folder to write, replaced whole (default: model/default, the shipped model)",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
