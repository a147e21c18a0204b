import keras
import numpy as np
import tensorflow as tf

from repro.layers.label_maps import JoinOneHot, LabelledConv2D, LinearLabelMap


class LabelMapsTest(tf.test.TestCase):
    def test_the_map_is_a_dense_layer_on_the_one_hot(self):
        phi = LinearLabelMap(5, 3)
        labels = tf.constant([4, 0, 4])
        phi.build((None,))
        phi.bias.assign([1.0, 2.0, 3.0])
        expected = tf.one_hot(labels, 5) @ phi.kernel.value + phi.bias.value
        self.assertAllClose(phi(labels), expected)

    def test_its_gradient_is_dense_and_that_of_the_one_hot(self):
        phi = LinearLabelMap(5, 3)
        phi.build((None,))
        labels, weight = tf.constant([4, 0, 4]), tf.reshape(tf.range(9.0), (3, 3))
        with tf.GradientTape(persistent=True) as tape:
            ours = tf.reduce_sum(phi(labels) * weight)
            theirs = tf.reduce_sum((tf.one_hot(labels, 5) @ phi.kernel.value) * weight)
        gradient = tape.gradient(ours, phi.kernel.value)
        self.assertIsInstance(gradient, tf.Tensor)
        self.assertAllClose(gradient, tape.gradient(theirs, phi.kernel.value))

    def naive(self, layer, x, phi):
        tiled = tf.tile(phi[:, None, None], (1, x.shape[1], x.shape[2], 1))
        stacked = tf.concat([x, tiled], axis=-1)
        return tf.nn.conv2d(stacked, layer.kernel.value, layer.strides, "SAME") + layer.bias.value

    def test_values_and_all_gradients_are_those_of_the_concatenated_maps(self):
        random = np.random.default_rng(0)
        for size, kernel, stride in ((14, 5, 2), (9, 5, 2), (8, 3, 1), (7, 5, 1), (4, 5, 2)):
            layer = LabelledConv2D(6, kernel, stride)
            layer.build([(None, size, size, 4), (None, 3)])
            layer.bias.assign(random.normal(size=6))
            x = tf.constant(random.normal(size=(2, size, size, 4)), tf.float32)
            phi = tf.constant(random.normal(size=(2, 3)), tf.float32)
            with tf.GradientTape(persistent=True) as tape:
                tape.watch([x, phi])
                ours, theirs = layer([x, phi]), self.naive(layer, x, phi)
                losses = [tf.reduce_sum(tf.sin(y)) for y in (ours, theirs)]
            self.assertAllClose(ours, theirs, atol=1e-4)
            for source in (x, phi, layer.kernel.value, layer.bias.value):
                self.assertAllClose(*[tape.gradient(loss, source) for loss in losses], atol=1e-4)
            self.assertEqual(tuple(ours.shape), layer.compute_output_shape([(2, size, size, 4), (2, 3)]))

    def test_networks_with_both_layers_save_and_load_alike(self):
        image, labels = keras.Input((8, 8, 1)), keras.Input((), dtype="int32")
        x = LabelledConv2D(3, 5, 2)([image, LinearLabelMap(4, 2)(labels)])
        model = keras.Model([image, labels], x)
        path = f"{self.get_temp_dir()}/network.keras"
        model.save(path)
        again = keras.models.load_model(path, safe_mode=True)
        inputs = [tf.ones((2, 8, 8, 1)), tf.constant([0, 3])]
        self.assertAllEqual(model(inputs), again(inputs))

    def test_a_label_joins_features_and_images(self):
        join, labels = JoinOneHot(3), tf.constant([2, 0])
        self.assertAllEqual(join([tf.zeros((2, 1)), labels]), [[0, 0, 0, 1], [0, 1, 0, 0]])
        joined = join([tf.fill((2, 4, 4, 2), 7.0), labels])
        self.assertAllEqual(joined[0, 3, 1], [7, 7, 0, 0, 1])
        self.assertAllEqual(joined[1, 0, 2], [7, 7, 1, 0, 0])
        self.assertEqual(join.compute_output_shape([(2, 4, 4, 2), (2,)]), joined.shape)
