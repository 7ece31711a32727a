from __future__ import annotations

import numpy as np

from sidecar.estimators.blazepose.anchors import anchor_centres


def test_there_are_as_many_as_the_detector_has_rows() -> None:
    assert anchor_centres().shape == (28 * 28 * 2 + 14 * 14 * 2 + 7 * 7 * 6, 2) == (2254, 2)


def test_x_runs_fastest_after_the_predictions_of_a_cell() -> None:
    centres = anchor_centres()
    np.testing.assert_allclose(centres[:4], [[0.5 / 28, 0.5 / 28]] * 2 + [[1.5 / 28, 0.5 / 28]] * 2)
    np.testing.assert_allclose(centres[28 * 2], [0.5 / 28, 1.5 / 28])


def test_coarser_layers_follow_and_the_last_cell_is_bottom_right() -> None:
    centres = anchor_centres()
    np.testing.assert_allclose(centres[28 * 28 * 2], [0.5 / 14, 0.5 / 14])
    np.testing.assert_allclose(centres[-6:], [[6.5 / 7, 6.5 / 7]] * 6)
