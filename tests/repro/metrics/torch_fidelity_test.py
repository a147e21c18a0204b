"""Our scores against torch-fidelity's of the same features; `make_torch_fidelity.py` made the numbers."""

import json

import numpy as np
import tensorflow as tf
from scipy.special import softmax

from repro.metrics.coverage import precision_and_recall
from repro.metrics.frechet import Moments, frechet_distance, frechet_distance_of_moments
from repro.metrics.inception_score import inception_score
from repro.metrics.kernel_distance import kernel_distance
from tests.repro.metrics import make_torch_fidelity

MADE = json.loads(make_torch_fidelity.OUT.read_text())
NUMBERS = MADE["numbers"]


class TorchFidelityTest(tf.test.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.generated, cls.real, cls.logits = make_torch_fidelity.features(MADE["seeds"]["features"], **MADE["shapes"])

    def test_frechet_distance(self):
        expected = NUMBERS["frechet_inception_distance"]
        self.assertAllClose(frechet_distance(self.generated, self.real), expected, rtol=1e-6, atol=0)
        found = frechet_distance_of_moments(Moments.of(self.generated), Moments.of(self.real))
        self.assertAllClose(found, expected, rtol=1e-6, atol=0)

    def test_kernel_distance_on_the_same_subsets(self):
        # Drawn in turn, from the generated set and from the real one.
        random, size = np.random.RandomState(MADE["seeds"]["subsets"]), MADE["size"]
        subsets = [
            [random.choice(len(features), size, replace=False) for features in (self.generated, self.real)]
            for _ in range(MADE["subsets"])
        ]
        mean, std = kernel_distance(self.generated, self.real, subsets=subsets)
        self.assertAllClose(mean, NUMBERS["kernel_inception_distance_mean"], rtol=0, atol=1e-9)
        self.assertAllClose(std, NUMBERS["kernel_inception_distance_std"], rtol=0, atol=1e-9)

    def test_kernel_distance_on_subsets_of_our_own(self):
        mean, std = kernel_distance(self.generated, self.real)
        self.assertAllClose(mean, NUMBERS["kernel_inception_distance_mean"], atol=std)

    def test_precision_and_recall(self):
        expected = NUMBERS["precision"], NUMBERS["recall"]
        self.assertAllClose(precision_and_recall(self.generated, self.real), expected, rtol=1e-6, atol=0)

    def test_inception_score(self):
        expected = NUMBERS["inception_score_mean"], NUMBERS["inception_score_std"]
        self.assertAllClose(inception_score(softmax(self.logits, axis=1)), expected, rtol=1e-6, atol=0)
