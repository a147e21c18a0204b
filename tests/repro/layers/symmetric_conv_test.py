import keras
import numpy as np
import tensorflow as tf

from repro.layers.symmetric_conv import SymmetricConv2D, SymmetricConv2DTranspose

FORMS = ((5, 2, 2), (3, 2, 1), (3, 1, 1))  # kernel, stride, zeros on every side


def looped(x, kernel, stride, padding):
    """The convolution written out: every output place reads its window of the padded image."""
    size, side = kernel.shape[0], x.shape[1]
    padded = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    out = np.zeros((len(x), side // stride, side // stride, kernel.shape[3]))
    for row in range(side // stride):
        for column in range(side // stride):
            y, z = row * stride, column * stride
            out[:, row, column] = np.einsum("nyxc,yxcf->nf", padded[:, y : y + size, z : z + size], kernel)
    return out


class SymmetricConvTest(tf.test.TestCase):
    def setUp(self):
        super().setUp()
        random = np.random.default_rng(0)
        self.x = random.normal(size=(2, 8, 8, 3)).astype(np.float32)
        self.random = random

    def layer(self, kind, kernel, stride, weights, inputs):
        layer = kind(weights.shape[-2 if kind is SymmetricConv2DTranspose else -1], kernel, stride, use_bias=False)
        layer.build((None, *inputs))
        layer.kernel.assign(weights)
        return layer

    def test_every_place_reads_its_window(self):
        for kernel, stride, padding in FORMS:
            weights = self.random.normal(size=(kernel, kernel, 3, 4)).astype(np.float32)
            layer = self.layer(SymmetricConv2D, kernel, stride, weights, self.x.shape[1:])
            self.assertAllClose(layer(self.x), looped(self.x, weights, stride, padding), atol=1e-4)
            self.assertEqual(layer.compute_output_shape(self.x.shape), layer(self.x).shape)

    def test_the_transposed_form_is_the_adjoint(self):
        for kernel, stride, _ in FORMS:
            weights = self.random.normal(size=(kernel, kernel, 3, 4)).astype(np.float32)
            forward = self.layer(SymmetricConv2D, kernel, stride, weights, self.x.shape[1:])
            side = 8 // stride
            back = self.layer(SymmetricConv2DTranspose, kernel, stride, weights, (side, side, 4))
            u = self.random.normal(size=(2, side, side, 4)).astype(np.float32)
            self.assertAllClose(tf.reduce_sum(forward(self.x) * u), tf.reduce_sum(self.x * back(u)), rtol=1e-4)
            self.assertEqual(back.compute_output_shape(u.shape), back(u).shape)

    def test_same_is_another_operator_at_stride_two(self):
        weights = self.random.normal(size=(5, 5, 3, 4)).astype(np.float32)
        ours = self.layer(SymmetricConv2D, 5, 2, weights, self.x.shape[1:])(self.x)
        self.assertGreater(float(tf.reduce_max(tf.abs(ours - tf.nn.conv2d(self.x, weights, 2, "SAME")))), 1)

    def test_turned_maps_are_the_maps_turned(self):
        for kind, channels in ((SymmetricConv2D, (3, 4)), (SymmetricConv2DTranspose, (4, 3))):
            for kernel, stride, _ in FORMS:
                weights = self.random.normal(size=(kernel, kernel, *channels)).astype(np.float32)
                expected = self.layer(kind, kernel, stride, weights, self.x.shape[1:])(self.x)
                for comes, stays in ((False, True), (True, False), (True, True)):
                    layer = self.layer(kind, kernel, stride, weights, self.x.shape[1:])
                    layer.turned_input, layer.turned_output = comes, stays
                    x = self.x[:, ::-1, ::-1] if comes else self.x
                    self.assertAllClose(layer(x)[:, ::-1, ::-1] if stays else layer(x), expected, atol=1e-4)

    def test_activation_bias_and_saved_networks(self):
        image = keras.Input((8, 8, 3))
        x = SymmetricConv2D(4, 5, 2, turned_output=True, activation="relu", bias_initializer="ones")(image)
        model = keras.Model(image, SymmetricConv2DTranspose(2, 3, 2, turned_input=True, activation="tanh")(x))
        path = f"{self.get_temp_dir()}/network.keras"
        model.save(path)
        self.assertAllEqual(model(self.x), keras.models.load_model(path, safe_mode=True)(self.x))
        self.assertEqual(model.output_shape, (None, 8, 8, 2))

    def test_even_kernels_and_long_strides_are_refused(self):
        for kernel, stride in ((4, 2), (1, 2), (5, 3)):
            with self.assertRaisesRegex(ValueError, "odd kernel larger than the stride"):
                SymmetricConv2D(4, kernel, stride)
