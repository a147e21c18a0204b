import numpy as np
import tensorflow as tf

from repro.data import planar


class PlanarTest(tf.test.TestCase):
    def test_standard_deviations_as_in_the_authors_code(self):
        expected = {planar.RING8: (1.0003, 1.0003), planar.GRID25: (1.0003, 1.0003), planar.ROLL: (0.8837, 0.9274)}
        for name, stds in expected.items():
            points = planar.draw(name, 400_000, [1, 2]).numpy()
            self.assertAllClose(points.std(axis=0), stds, atol=0.004)
            self.assertAllClose(points.mean(axis=0), (0.2667, 0.0283) if name == planar.ROLL else (0, 0), atol=0.006)

    def test_centres_and_their_spread(self):
        for name, count, apart, std in ((planar.RING8, 8, 1.41443, 0.014144), (planar.GRID25, 25, None, 0.017680)):
            centres = planar.centres(name)
            self.assertEqual(centres.shape, (count, 2))
            if apart:
                self.assertAllClose(np.linalg.norm(centres, axis=1), [apart] * 8, rtol=1e-5)
            points = planar.draw(name, 50_000, [3, 4]).numpy()
            distance = points[:, None] - centres[None]
            nearest = np.linalg.norm(distance, axis=2).argmin(axis=1)
            self.assertAllClose(np.bincount(nearest) / 50_000, np.full(count, 1 / count), atol=0.006)
            self.assertAllClose(distance[np.arange(50_000), nearest].std(axis=0), [std, std], rtol=0.02)

    def test_the_grid_has_its_spacing(self):
        xs = np.unique(planar.centres(planar.GRID25)[:, 0])
        self.assertAllClose(np.diff(xs), [0.70721] * 4, rtol=1e-4)

    def test_the_roll_is_scikit_learns(self):
        from sklearn import datasets

        theirs = datasets.make_swiss_roll(200_000, noise=0.25, random_state=0)[0][:, [0, 2]] / 7.5
        ours = planar.draw(planar.ROLL, 200_000, [5, 6]).numpy()
        edges = np.linspace(-2.2, 2.2, 12)
        counts = [np.histogram2d(*points.T, bins=edges)[0] / 200_000 for points in (theirs, ours)]
        self.assertAllClose(*counts, atol=0.0025)
        on = planar.roll(np.array([1.5 * np.pi, 4.5 * np.pi]))
        self.assertAllClose(on, [[0, -1.5 * np.pi / 7.5], [0, 4.5 * np.pi / 7.5]], atol=1e-12)

    def test_a_set_is_a_function_of_its_seed_and_an_unknown_one_is_refused(self):
        for name in planar.NAMES:
            self.assertAllEqual(planar.draw(name, 8, [1, 1]), planar.draw(name, 8, [1, 1]))
            self.assertNotAllClose(planar.draw(name, 8, [1, 1]), planar.draw(name, 8, [1, 2]))
        with self.assertRaisesRegex(ValueError, "Received: name='ring'"):
            planar.draw("ring", 8, [1, 1])
