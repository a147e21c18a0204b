"""N-grams and their divergence by hand, and against a dictionary of tuples."""

import collections
import math
from unittest import mock

import numpy as np
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from repro.data.text import cut
from repro.metrics import ngrams as measured
from repro.metrics.ngrams import NGrams, jensen_shannon, ngrams

LINES = st.integers(4, 6).flatmap(
    lambda length: st.lists(
        st.lists(st.sampled_from([0, 97, 98, 255]), min_size=length, max_size=length), min_size=1, max_size=8
    ).map(lambda lines: np.array(lines, np.uint8))
)


def bytes_of(*lines):
    return np.array([list(line.encode()) for line in lines], np.uint8)


def counter(lines, n):
    """An independent count: tuples in a dictionary."""
    return collections.Counter(
        tuple(line[place : place + n]) for line in lines.tolist() for place in range(len(line) - n + 1)
    )


class NGramsTest(tf.test.TestCase):
    def test_pairs_by_hand_stay_inside_a_line(self):
        found = ngrams(bytes_of("abab", "aacc"), 2)
        keys = [ord(a) * 256 + ord(b) for a, b in ("aa", "ab", "ac", "ba", "cc")]
        self.assertAllEqual(found.keys, keys)
        self.assertAllEqual(found.counts, [1, 2, 1, 1, 1])  # and no "ba" from the end of a line to the next
        self.assertAllClose(found.shares.sum(), 1.0)

    def test_padding_counts(self):
        found = ngrams(cut(b"ab\n"), 1)
        self.assertAllEqual((found.keys, found.counts), ([96, 97, 98], [30, 1, 1]))

    def test_parts_are_merged(self):
        lines = np.random.default_rng(0).integers(97, 100, (50, 6)).astype(np.uint8)
        whole = ngrams(lines, 3)
        with mock.patch.object(measured, "LINES", 7):
            found = ngrams(lines, 3)
        self.assertAllEqual(found.keys, whole.keys)
        self.assertAllEqual(found.counts, whole.counts)

    def test_what_cannot_be_counted_is_refused(self):
        for lines, n in (
            (bytes_of("abc"), 4),
            (bytes_of("abcdef"), 5),
            (bytes_of("ab"), 0),
            (np.zeros((0, 4), "u1"), 1),
        ):
            with self.assertRaisesRegex(ValueError, f"Received: uint8 of shape .*, n={n}"):
                ngrams(lines, n)

    @settings(max_examples=60, deadline=None)
    @given(LINES, st.integers(1, 4))
    def test_counts_are_those_of_a_dictionary(self, lines, n):
        found = ngrams(lines, n)
        theirs = counter(lines, n)
        named = {tuple(int(key) >> 8 * (n - 1 - place) & 255 for place in range(n)): int(count)
                 for key, count in zip(found.keys, found.counts, strict=True)}  # fmt: skip
        self.assertEqual(named, dict(theirs))


class JensenShannonTest(tf.test.TestCase):
    def of(self, p, q):
        """The divergence of two lists of counts over the same keys; 0 is an absent key."""

        def grams(counts):
            counts = np.array(counts)
            return NGrams(np.flatnonzero(counts).astype(np.uint32), counts[counts > 0])

        return jensen_shannon(grams(p), grams(q))

    def test_by_hand(self):
        self.assertAllClose(self.of([1, 1], [1, 0]), 0.3112781244591328, rtol=1e-14)
        self.assertAllClose(self.of([2, 1, 1], [1, 1, 2]), 0.0612781244591328, rtol=1e-13)
        self.assertEqual(self.of([3, 1], [6, 2]), 0.0)
        self.assertEqual(self.of([1, 2, 0, 0], [0, 0, 1, 5]), 1.0)

    @settings(max_examples=60, deadline=None)
    @given(LINES, LINES, st.integers(1, 4))
    def test_against_entropies_symmetric_and_between_0_and_1(self, a, b, n):
        def entropy(shares):
            return -sum(share * math.log2(share) for share in shares if share)

        found = jensen_shannon(ngrams(a, n), ngrams(b, n))
        p, q = ({gram: count / sum(of.values()) for gram, count in of.items()} for of in (counter(a, n), counter(b, n)))
        middle = [(p.get(gram, 0) + q.get(gram, 0)) / 2 for gram in {*p, *q}]
        expected = entropy(middle) - (entropy(p.values()) + entropy(q.values())) / 2
        self.assertAllClose(found, expected, atol=1e-12)
        self.assertAllClose(found, jensen_shannon(ngrams(b, n), ngrams(a, n)), atol=1e-15)
        self.assertBetween(found, -1e-12, 1 + 1e-12)
        self.assertAllClose(jensen_shannon(ngrams(a, n), ngrams(np.concatenate([a, a]), n)), 0.0, atol=1e-12)
