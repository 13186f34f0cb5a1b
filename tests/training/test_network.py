import numpy as np
from numpy.typing import NDArray

from training.network import Recipe, fit_network, join_networks, run_network

F32 = NDArray[np.float32]

RECIPE = Recipe(hidden=32, epochs=60, batch=32, rate=0.01, dropout_in=0.0, dropout_hidden=0.1)


def exclusive_or(n: int) -> tuple[F32, F32]:
    signals = np.random.default_rng(1).choice([-1.0, 1.0], (n, 2)).astype(np.float32)
    different = signals[:, 0] != signals[:, 1]
    return signals, np.eye(3, dtype=np.float32)[np.where(different, 2, 0)]


def test_it_learns_what_no_linear_model_can() -> None:
    signals, targets = exclusive_or(400)
    network = fit_network(signals, targets, np.ones(400, np.float32), RECIPE)
    assert (run_network(network, signals).argmax(1) == targets.argmax(1)).all()


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not() -> None:
    signals, targets = exclusive_or(64)
    one, same, other = (fit_network(signals, targets, np.ones(64, np.float32), RECIPE, seed=seed) for seed in (0, 0, 1))
    assert one[0][0].tobytes() == same[0][0].tobytes() != other[0][0].tobytes()


def test_joined_networks_give_the_mean_of_their_logits() -> None:
    signals, targets = exclusive_or(64)
    networks = [fit_network(signals, targets, np.ones(64, np.float32), RECIPE, seed=seed) for seed in (0, 1)]
    mean = (run_network(networks[0], signals) + run_network(networks[1], signals)) / 2
    np.testing.assert_allclose(run_network(join_networks(networks), signals), mean, atol=1e-4)
