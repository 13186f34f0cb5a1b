"""`python -m model.compiled`: compile for this machine, so that no later process has to."""

from model.scorer import Scorer

Scorer.load()
