import numpy as np
import pytest

from logotal.data.features import FeatureFolder
from logotal.data.spread import measure_spread


def test_the_spread_of_videos_is_that_of_all_their_steps(tmp_path):
    random = np.random.default_rng(0)
    # Means a million times as large as the deviations: sums of squares alone would lose these.
    drawn = {name: random.normal([1e6, 0, 5], [1, 1e-3, 0], (n, 3)) for name, n in (("a", 4), ("b", 90), ("c", 7))}
    rows = {name: features.astype(np.float32) for name, features in drawn.items()}
    for name, features in rows.items():
        np.save(tmp_path / f"{name}.npy", features)
    mean, deviation = measure_spread(FeatureFolder(tmp_path), ["a", "c"])
    together = np.concatenate([rows["a"], rows["c"]]).astype(np.float64)
    np.testing.assert_allclose(mean, together.mean(0), rtol=1e-12)
    np.testing.assert_allclose(deviation, together.std(0), rtol=1e-9)
    assert deviation[0] == pytest.approx(1, abs=0.4)
    assert deviation[2] == 0
