"""A scoring process: `python -m service.batch.worker`, chunks in on standard input, labelled chunks out.

It ends when its input does, so that none is left behind when the process that started it is killed.
"""

import os
import pickle
import sys
import traceback
from typing import IO, Any

from service.batch.messages import Failed, Load, Ready, Refused, Task
from service.starting import swift_start


def main() -> None:
    """Serve until the input ends."""
    chunks, answers = _take_over_pipes()
    asked: Load = pickle.load(chunks)  # noqa: S301 - from the process that started this one
    with swift_start():
        from model import ModelError
        from service.batch.model_choice import load_scorer
        from service.batch.scoring import Labeller

    try:
        with swift_start():
            scorer = load_scorer(asked.model, asked.home)
            scorer.score(["好看"])  # loads the machine code, while the dump is opened
    except ModelError as error:
        _send(answers, Refused(str(error)))
        return
    _send(answers, Ready(scorer.version, scorer.path))
    try:
        task: Task = pickle.load(chunks)  # noqa: S301
    except EOFError:
        return
    labeller = Labeller(scorer, task.reader, task.layout, task.form, task.explain)
    while True:
        try:
            chunk = pickle.load(chunks)  # noqa: S301
        except EOFError:
            return
        try:
            answer: Any = labeller.label(chunk)
        except Exception:
            answer = Failed(traceback.format_exc())
        _send(answers, answer)


def _take_over_pipes() -> tuple[IO[bytes], IO[bytes]]:
    """The pipes to the parent; anything printed from now on goes to standard error, not among the answers."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return sys.stdin.buffer, answers


def _send(answers: IO[bytes], message: object) -> None:
    try:
        pickle.dump(message, answers, pickle.HIGHEST_PROTOCOL)
        answers.flush()
    except BrokenPipeError:  # the parent is gone
        os._exit(1)


if __name__ == "__main__":
    main()
