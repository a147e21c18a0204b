import keras
import numpy as np
import tensorflow as tf
from keras import layers

from repro.training import Normal, SeededModel, Uniform, initialise, seed_states
from tests import toys
from tests.toys import compiled, copies, points


def changed(before, after, network):
    return {name for name in before if name.startswith(f"{network}/") and not np.array_equal(before[name], after[name])}


class TrainingTest(tf.test.TestCase):
    def fitted(self, model, data, epochs=1):
        model.fit(data, batch_size=16, epochs=epochs, shuffle=False, verbose=0)
        return model

    def test_both_networks_move_and_their_batch_norm_statistics_too(self):
        model = compiled()
        before = copies(model.state())
        self.fitted(model, points())
        for network in ("generator", "discriminator"):
            self.assertLen(changed(before, model.state(), network), len(model.networks[network].weights))

    def test_sampling_moves_nothing(self):
        model = self.fitted(compiled(), points())
        before = copies(model.state())
        model.generator(tf.ones((5, 3)), training=False)
        self.assertEqual(changed(before, model.state(), "generator"), set())

    def test_with_d_at_rest_only_g_moves(self):
        model = compiled()
        model._optimizers["discriminator"].learning_rate = 0.0
        trained = [w.value.numpy() for w in model.discriminator.trainable_weights]
        self.fitted(model, points())
        for old, new in zip(trained, model.discriminator.trainable_weights, strict=True):
            self.assertAllEqual(old, new.value)
        self.assertNotAllEqual(
            model.generator.trainable_weights[0].value, compiled().generator.trainable_weights[0].value
        )

    def test_steps_are_counted_and_the_step_is_traced_once(self):
        traces = []

        class Counted(toys.Alternating):
            def train_step(self, real):
                traces.append(1)
                super().train_step(real)

        model = self.fitted(compiled(Counted), points(), epochs=3)
        self.assertEqual(int(model.step.value), 12)
        self.assertLen(traces, 1)

    def test_equal_seeds_train_alike_and_others_differ(self):
        states = [self.fitted(compiled(seed=seed), points()).state() for seed in (0, 0, 1)]
        for name in states[0]:
            self.assertAllEqual(states[0][name], states[1][name])
        self.assertNotAllEqual(states[0]["generator/0000"], states[2]["generator/0000"])

    def test_global_seeds_decide_nothing(self):
        keras.utils.set_random_seed(1)
        first = self.fitted(compiled(), points()).state()
        keras.utils.set_random_seed(2)
        second = self.fitted(compiled(), points()).state()
        for name in first:
            self.assertAllEqual(first[name], second[name])

    def test_noise_differs_between_steps_and_purposes(self):
        seen = []

        class Watched(toys.Alternating):
            def train_step(self, real):
                seen.append([self.latents("a", 4), self.latents("b", 4)])
                super().train_step(real)

        model = compiled(Watched)
        for _ in range(2):
            model.train_step(tf.constant(points(16)))
        self.assertNotAllEqual(seen[0][0], seen[0][1])
        self.assertNotAllEqual(seen[0][0], seen[1][0])

    def test_dropout_masks_belong_to_the_step(self):
        masks = []
        for start in (0, 0, 5):
            model = compiled()
            model.step.assign(start)
            model._seed_layers()
            masks.append([state.value.numpy() for state in seed_states(model.discriminator)])
        self.assertAllEqual(masks[0], masks[1])
        self.assertNotAllEqual(masks[0], masks[2])

    def test_a_draw_outside_a_step_is_refused(self):
        with self.assertRaisesRegex(RuntimeError, "inside train_step"):
            compiled().latents("z", 3)

    def test_several_critic_steps_take_fresh_batches(self):
        model = compiled(toys.ManyCriticSteps)
        stack = points(3 * 16).reshape(1, 3, 16, 2)
        model.fit(tf.data.Dataset.from_tensor_slices(stack), epochs=2, shuffle=False, verbose=0)
        self.assertEqual(int(model.step.value), 2)
        counts = {name: int(optimizer.iterations.value) for name, optimizer in model._optimizers.items()}
        self.assertEqual(counts, {"discriminator": 6, "generator": 2})

    def test_no_other_optimizer_is_in_the_state(self):
        model = compiled()
        self.assertIsNone(model.optimizer)
        names = {name.split("/")[0] for name in model.state()}
        expected = {"step", "generator", "discriminator", "generator optimizer", "discriminator optimizer"}
        self.assertEqual(names, expected)

    def test_state_restores_bit_for_bit_and_refuses_another_shape(self):
        model = self.fitted(compiled(), points())
        other = compiled(seed=7)
        other.restore(model.state())
        for name, array in model.state().items():
            self.assertAllEqual(array, other.state()[name])
        wrong = {**model.state(), "generator/0000": np.zeros((1, 1), np.float32)}
        with self.assertRaisesRegex(ValueError, "generator/0000: expected float32"):
            other.restore(wrong)

    def test_a_weight_without_an_initializer_is_refused(self):
        class Bare(layers.Layer):
            def build(self, shape):
                self.w = self.add_weight(shape=(1,))

            def call(self, x):
                return x * self.w

        network = keras.Sequential([keras.Input((1,)), Bare()])
        with self.assertRaisesRegex(ValueError, "initializers for 0"):
            initialise(network, 0, "network")

    def test_latents_have_their_distribution(self):
        seed = tf.constant([1, 2])
        uniform, normal = Uniform(1000).draw(100, seed).numpy(), Normal(1000).draw(100, seed).numpy()
        self.assertAllInRange(uniform, -1.0, 1.0)
        self.assertAllClose([uniform.mean(), uniform.std()], [0, 1 / np.sqrt(3)], atol=0.01)
        self.assertAllClose([normal.mean(), normal.std()], [0, 1], atol=0.01)

    def test_orthogonal_and_other_initializers_are_drawn_again_alike(self):
        def network():
            dense = layers.Dense(8, kernel_initializer=keras.initializers.Orthogonal(1.4))
            return keras.Sequential([keras.Input((8,)), dense])

        models = [SeededModel({"a": network()}, seed) for seed in (0, 0, 1)]
        kernels = [model.networks["a"].weights[0].value.numpy() for model in models]
        self.assertAllEqual(kernels[0], kernels[1])
        self.assertNotAllClose(kernels[0], kernels[2])
        self.assertAllClose(kernels[0].T @ kernels[0], 1.96 * np.eye(8), atol=1e-5)
