import keras
import numpy as np
import tensorflow as tf

from repro.layers.batch_norm import BatchNorm, store_statistics
from repro.training import initialise


def normalised(x):
    axes = tuple(range(x.ndim - 1))
    return (x - x.mean(axis=axes)) / np.sqrt(x.var(axis=axes) + 1e-8)


class BatchNormTest(tf.test.TestCase):
    def setUp(self):
        super().setUp()
        random = np.random.default_rng(0)
        self.shapes = [random.normal(2, 3, size=shape).astype(np.float32) for shape in ((7, 5), (3, 4, 4, 5))]

    def test_biased_statistics_of_the_batch_in_training_and_in_sampling(self):
        for x in self.shapes:
            layer = BatchNorm()
            layer.build(x.shape)
            layer.gamma.assign([1.0, 2, 3, 4, 5])
            layer.beta.assign([5.0, 4, 3, 2, 1])
            expected = normalised(x.astype(np.float64)) * layer.gamma.value + layer.beta.value
            for training in (True, None):
                self.assertAllClose(layer(x, training=training), expected, atol=1e-4)

    def test_gradients_are_those_of_the_written_out_formula(self):
        for x in self.shapes:
            layer = BatchNorm()
            layer.build(x.shape)
            x = tf.constant(x)
            with tf.GradientTape(persistent=True) as tape:
                tape.watch(x)
                mean, variance = tf.nn.moments(x, list(range(len(x.shape) - 1)))
                written = (x - mean) / tf.sqrt(variance + 1e-8) * layer.gamma.value + layer.beta.value
                losses = [tf.reduce_sum(tf.sin(y)) for y in (layer(x, training=True), written)]
            for source in (x, layer.gamma.value, layer.beta.value):
                self.assertAllClose(*[tape.gradient(loss, source) for loss in losses], atol=1e-4)

    def test_without_gain_and_shift_nothing_is_trained(self):
        layer = BatchNorm(affine=False)
        layer.build((None, 5))
        self.assertEmpty(layer.trainable_weights)
        self.assertAllClose(layer(self.shapes[0]), normalised(self.shapes[0]), atol=1e-4)

    def test_gains_start_at_one_with_spread_two_hundredths(self):
        network = keras.Sequential([keras.Input((4_000,)), BatchNorm()])
        initialise(network, 0, "network")
        gamma = network.layers[0].gamma.value.numpy()
        self.assertNear(gamma.mean(), 1, 4 * 0.02 / 4_000**0.5)
        self.assertNear(gamma.std(), 0.02, 4 * 0.02 / 8_000**0.5)
        self.assertAllEqual(network.layers[0].beta.value, np.zeros(4_000))

    def test_stored_statistics_are_the_mean_over_batches_and_free_a_result_from_its_batch(self):
        image = keras.Input((5,))
        network = keras.Model(image, BatchNorm()(keras.layers.Dense(3)(BatchNorm()(image))))
        batches = [self.shapes[0], self.shapes[0][:4] * 2, self.shapes[0][2:] - 1]
        store_statistics(network, batches)
        first = network.layers[1]
        self.assertAllClose(first.stored_mean.value, np.mean([b.mean(axis=0) for b in batches], axis=0), atol=1e-5)
        self.assertAllClose(first.stored_variance.value, np.mean([b.var(axis=0) for b in batches], axis=0), rtol=1e-4)
        one, several = batches[0][:1], batches[0]
        self.assertAllClose(network(one, training=False)[0], network(several, training=False)[0], atol=1e-5)
        self.assertNotAllClose(network(several[:3])[0], network(several)[0], atol=0.1)
        path = f"{self.get_temp_dir()}/network.keras"
        network.save(path)
        again = keras.models.load_model(path, safe_mode=True)
        self.assertAllEqual(network(several, training=False), again(several, training=False))
