"""Measurements against the peers; `python -m tests.benchmarks` writes them into `results/`."""
