import numpy as np
import pytest

from model.heads import softmax
from training.calibrate import calibrate, choose_thresholds


def test_calibration_undoes_a_planted_temperature_and_offset() -> None:
    true = np.random.default_rng(0).normal(size=(3000, 3)).astype(np.float32)
    overstated = (true - np.array([0.5, 0.0, -0.5], np.float32)) * 3
    temperature, offsets = calibrate(overstated, softmax(true))
    assert temperature == pytest.approx(3, rel=0.05)
    np.testing.assert_allclose(offsets - offsets.mean(), [0.5, 0, -0.5], atol=0.05)


def test_thresholds_of_sound_probabilities_stay_at_one() -> None:
    sure = np.eye(3, dtype=np.float32)[np.arange(30) % 3] * 0.8 + 0.066
    np.testing.assert_allclose(choose_thresholds(sure, np.arange(30) % 3), 1, atol=0.06)


def test_a_class_stated_too_low_gets_a_factor_above_one() -> None:
    shy = np.array([[0.40, 0.45, 0.15]] * 10 + [[0.1, 0.8, 0.1]] * 10 + [[0.1, 0.1, 0.8]] * 10, np.float32)
    thresholds = choose_thresholds(shy, np.repeat([0, 1, 2], 10))
    assert thresholds[0] > 1.1
    assert thresholds[1] == 1
