import numpy as np
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from repro import backup, fitting
from repro.data import Dataset
from tests import toys
from tests.toys import compiled, copies


class Stop(Exception):
    """Ends a training as a kill does: between two chapters, with nothing tidied up."""


class Spot:
    """Stands for a run's folder."""

    def __init__(self, path, stop=None):
        self.path, self.saved, self.said, self.stop = path, {}, [], stop

    def save(self, name, **arrays):
        self.saved[name] = arrays

    def progress(self, step, steps, losses):
        self.said.append(step)
        if step == self.stop:
            raise Stop


def batch_of_step(step):
    return tf.random.stateless_normal([16, 2], tf.stack([tf.constant(3, tf.int64), step]), alg="philox")


class FittingTest(tf.test.TestCase):
    def setUp(self):
        super().setUp()
        self.count = 0

    def spot(self):
        import pathlib

        self.count += 1
        path = pathlib.Path(self.get_temp_dir()) / f"{self.id()}-{self.count}"
        path.mkdir(parents=True, exist_ok=True)
        return Spot(path)

    def fit(self, model, spot, steps, every=10, snapshot=None, batches=batch_of_step):
        return fitting.fit(model, batches, steps=steps, folder=spot, snapshot_every=every, snapshot=snapshot)

    def test_interrupted_at_any_chapter_it_ends_bit_identical(self):
        whole = compiled()
        history = self.fit(whole, self.spot(), 40)
        for stop in (10, 30):
            spot = self.spot()
            spot.stop = stop
            with self.assertRaises(Stop):
                self.fit(compiled(), spot, 40)
            spot.stop = None
            again = compiled(seed=0)
            resumed = self.fit(again, spot, 40)
            for name, array in whole.state().items():
                self.assertAllEqual(array, again.state()[name], name)
            for name in history:
                self.assertAllEqual(history[name], resumed[name])

    def test_a_truncated_backup_is_set_aside_and_the_one_before_is_taken(self):
        spot, model = self.spot(), compiled()
        self.fit(model, spot, 40)
        newest = max(spot.path.glob("backup-*.bin"))
        newest.write_bytes(newest.read_bytes()[:1000])
        again = compiled()
        self.fit(again, spot, 40)
        for name, array in model.state().items():
            self.assertAllEqual(array, again.state()[name], name)
        self.assertTrue((spot.path / (newest.name + ".damaged")).exists())

    def test_the_step_count_is_exact_for_awkward_numbers(self):
        for steps, every in ((7, 10), (21, 7), (30, 20)):
            model, spot = compiled(), self.spot()
            self.fit(model, spot, steps, every)
            self.assertEqual(int(model.step.value), steps)
            self.assertEqual(int(model._optimizers["generator"].iterations.value), steps)
            self.assertEqual(spot.said[-1], steps)

    def test_snapshots_come_before_the_first_step_at_every_multiple_and_at_the_end_then_the_history(self):
        spot = self.spot()
        self.fit(compiled(), spot, 30, every=20, snapshot=lambda: {"x": np.zeros(1)})
        self.assertEqual(list(spot.saved), ["snapshot-00000000", "snapshot-00000020", "snapshot-00000030", "history"])

    def test_a_diverged_run_keeps_its_last_good_state(self):
        def bad_from_25(step):
            return batch_of_step(step) * tf.where(step >= 25, np.float32("inf"), np.float32(1))

        model, spot, good = compiled(), self.spot(), {}
        keep = lambda: good.update({int(model.step.value): copies(model.state())}) or {}  # noqa: E731
        history = self.fit(model, spot, 40, snapshot=keep, batches=bad_from_25)
        self.assertAllEqual(history["diverged_at"], [30])
        self.assertAllEqual(history["step"], [10, 20])
        for name, array in good[20].items():
            self.assertAllEqual(array, model.state()[name], name)
        again = self.fit(compiled(), spot, 40, batches=bad_from_25)
        self.assertAllEqual(again["diverged_at"], [30])

    def test_a_run_that_diverges_at_once_keeps_its_initial_state(self):
        model, begun = compiled(), copies(compiled().state())
        history = self.fit(model, self.spot(), 20, batches=lambda step: batch_of_step(step) * np.float32("nan"))
        self.assertAllEqual(history["diverged_at"], [10])
        for name, array in begun.items():
            self.assertAllEqual(array, model.state()[name], name)

    def test_two_backups_are_kept(self):
        spot = self.spot()
        self.fit(compiled(), spot, 40)
        self.assertLen(list(spot.path.glob("backup-*.bin")), backup.KEPT)

    @settings(max_examples=20, deadline=None)
    @given(st.integers(1, 60), st.integers(1, 7), st.integers(0, 5))
    def test_an_epoch_is_a_permutation_without_its_remainder(self, n, batch_size, epoch):
        n = max(n, batch_size)
        per_epoch = n // batch_size
        steps = range(epoch * per_epoch, (epoch + 1) * per_epoch)
        taken = [fitting.places_of_step(n, batch_size, 5, tf.constant(step, tf.int64)).numpy() for step in steps]
        flat = np.concatenate(taken)
        self.assertLen(set(flat.tolist()), per_epoch * batch_size)
        self.assertAllInRange(flat, 0, n - 1)

    def test_a_set_smaller_than_a_batch_fills_it_with_several_permutations(self):
        first, second = (fitting.places_of_step(3, 8, 0, tf.constant(step, tf.int64)).numpy() for step in (0, 1))
        for batch in (first, second):
            self.assertLen(batch, 8)
            self.assertEqual([sorted(batch[:3]), sorted(batch[3:6])], [[0, 1, 2], [0, 1, 2]])
            self.assertLen(set(batch[6:].tolist()), 2)
        self.assertNotAllEqual(first, second)

    def test_epochs_and_seeds_have_orders_of_their_own(self):
        def order(seed, epoch):
            return fitting.places_of_step(1000, 1000, seed, tf.constant(epoch, tf.int64)).numpy()

        places = np.arange(1000)
        for a, b in ((order(0, 0), order(0, 1)), (order(0, 0), order(1, 0)), (order(0, 0), places)):
            self.assertLess((a == b).mean(), 0.01)
            self.assertLess(abs(np.corrcoef(a, b)[0, 1]), 0.15)

    def test_batches_come_scaled_with_their_labels_from_memory_and_from_elsewhere(self):
        images = np.arange(40, dtype=np.uint8).reshape(10, 2, 2, 1)
        labels = np.arange(10, dtype=np.int32)

        class Elsewhere:
            shape, dtype = images.shape, images.dtype

            def __len__(self):
                return 10

            def __getitem__(self, places):
                return images[places]

        for source in (images, Elsewhere()):
            batch = fitting.image_batches(Dataset("x", "train", source, labels, (), None), 4, 0, -1, 1, labels=True)
            found, classes = next(iter(tf.data.Dataset.range(1).map(batch)))
            self.assertAllClose(found, images[classes.numpy()] / 127.5 - 1.0, atol=1e-6)
        self.assertEqual(toys.points().shape, (64, 2))

    def test_what_is_white_is_scaled_to_high(self):
        images, places = np.arange(256, dtype=np.uint8).reshape(256, 1, 1, 1), fitting.places_of_step
        order = places(256, 256, 0, tf.constant(0, tf.int64)).numpy()
        for low, high in ((0, 1), (-1, 1), (0, 255)):
            batch = fitting.image_batches(Dataset("x", "train", images, None, (), None), 256, 0, low, high)
            # The same bits as ever where white is 255.
            expected = tf.cast(images[order], tf.float32) * ((high - low) / 255) + low
            self.assertAllEqual(batch(tf.constant(0, tf.int64)), expected)
        sixteenths = Dataset("x", "train", images[:17], None, (), None, white=16)
        order = places(17, 17, 0, tf.constant(0, tf.int64)).numpy()
        found = fitting.image_batches(sixteenths, 17, 0, 0, 1)(tf.constant(0, tf.int64))
        self.assertAllEqual(found, images[order] / 16)

    def test_a_stack_has_a_batch_for_each_turn_and_of_pairs_both(self):
        step = tf.constant(2, tf.int64)
        of_batches = fitting.stacks(lambda at: tf.fill([2, 3], at), 3)(step)
        self.assertAllEqual(of_batches[:, 0, 0], [6, 7, 8])
        self.assertEqual(of_batches.shape, (3, 2, 3))
        images, labels = fitting.stacks(lambda at: (tf.fill([2, 3], at), tf.fill([2], -at)), 3)(step)
        self.assertAllEqual(images, of_batches)
        self.assertAllEqual(labels[:, 1], [-6, -7, -8])
