import keras
import numpy as np
import tensorflow as tf
from keras import layers

from repro.layers.class_affine import ClassAffine
from repro.training import initialise


class ClassAffineTest(tf.test.TestCase):
    def network(self):
        image, label = keras.Input((2, 2, 3)), keras.Input((), dtype="int32")
        normed = layers.BatchNormalization(center=False, scale=False)(image)
        return keras.Model([image, label], ClassAffine(4)([normed, label]))

    def test_each_sample_takes_the_row_of_its_class(self):
        layer = ClassAffine(2)
        x = tf.reshape(tf.range(12, dtype=tf.float32), [3, 2, 1, 2])
        layer([x, tf.constant([0, 1, 1])])
        layer.scale.assign([[1.0, 2.0], [3.0, 4.0]])
        layer.offset.assign([[0.0, 0.5], [-1.0, 0.0]])
        found = layer([x, tf.constant([1, 0, 1])])
        self.assertAllClose(found[0], x[0] * [3.0, 4.0] + [-1.0, 0.0])
        self.assertAllClose(found[1], x[1] * [1.0, 2.0] + [0.0, 0.5])

    def test_it_begins_as_the_identity_and_has_two_rows_a_class(self):
        network = self.network()
        initialise(network, 0, "g")
        self.assertEqual(sum(int(np.prod(w.shape)) for w in network.trainable_weights), 2 * 4 * 3)
        layer = network.layers[-1]
        self.assertAllEqual(layer.scale.value, np.ones([4, 3]))
        self.assertAllEqual(layer.offset.value, np.zeros([4, 3]))

    def test_gradients_are_dense_and_reach_only_the_classes_present(self):
        layer = ClassAffine(3)
        x, labels = tf.ones([2, 1, 1, 2]), tf.constant([2, 2])
        layer([x, labels])
        with tf.GradientTape() as tape:
            total = tf.reduce_sum(layer([x, labels]))
        gradient = tape.gradient(total, layer.scale.value)
        self.assertIsInstance(gradient, tf.Tensor)
        self.assertAllEqual(gradient, [[0, 0], [0, 0], [2, 2]])

    def test_it_is_saved_with_its_classes(self):
        layer = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(ClassAffine(7)))
        self.assertEqual(layer.classes, 7)
