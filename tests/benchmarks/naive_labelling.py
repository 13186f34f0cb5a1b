"""`python -m tests.benchmarks.naive_labelling IN OUT`: label a csv the plain way, the peer of `labelling`."""

import csv
import sys
from itertools import islice
from pathlib import Path

from model import Scorer

_LABELS = ("polarity", "score", "negative", "neutral", "positive", "circles", "aspects", "stage")


def main(source: Path, target: Path) -> None:
    """Read by ``csv.DictReader``, score a thousand texts at a time, write by ``csv.writer``, in one process."""
    scorer = Scorer.load()
    with source.open(encoding="utf-8", newline="") as read, target.open("w", encoding="utf-8", newline="") as written:
        reader, writer = csv.DictReader(read), csv.writer(written)
        writer.writerow([*(reader.fieldnames or ()), *_LABELS])
        while rows := list(islice(reader, 1000)):
            scores = scorer.score([row["text"] for row in rows])
            facets = scores.facets
            named = zip(facets.circles, facets.aspects, facets.stage, strict=True)
            numbers = zip(scores.score.tolist(), scores.probabilities.tolist(), strict=True)
            for row, polarity, (score, chances), (circles, aspects, stage) in zip(
                rows, scores.polarity, numbers, named, strict=True
            ):
                rounded = [round(number, 4) for number in (score, *chances)]
                writer.writerow([*row.values(), polarity, *rounded, ";".join(circles), ";".join(aspects), stage])


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
