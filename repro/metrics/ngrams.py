"""How often each n-gram of characters occurs in lines of text, and how far two texts are apart in that."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

LONGEST = 4  # characters that a key of 32 bits holds
LINES = 250_000  # worked on at once; bounds the memory, and changes nothing


@dataclass(frozen=True)
class NGrams:
    """How often n-grams occur.

    Attributes:
        keys: Each n-gram that occurs, as a number of base 256, ascending: uint32, shape (k,).
        counts: How often, at least once: int64, shape (k,).
    """

    keys: np.ndarray
    counts: np.ndarray

    @property
    def shares(self) -> np.ndarray:
        """Of all n-grams: float64, shape (k,), sum 1."""
        return self.counts / self.counts.sum()


def ngrams(lines: np.ndarray, n: int) -> NGrams:
    """Counts the n-grams inside lines; none goes over a line's end.

    Args:
        lines: Characters as bytes, uint8, shape (m, length), m at least 1.
        n: 1 to 4, at most the length.

    Raises:
        ValueError: If there is no n-gram, or n is too large.
    """
    if lines.ndim != 2 or lines.dtype != np.uint8 or not len(lines) or not 1 <= n <= min(LONGEST, lines.shape[1]):
        raise ValueError(
            f"lines, uint8 of shape (m, length), and n from 1 to {LONGEST}, at most the length, expected. "
            f"Received: {lines.dtype} of shape {lines.shape}, n={n}"
        )
    parts = [_counted(_keys(lines[at : at + LINES], n)) for at in range(0, len(lines), LINES)]
    return parts[0] if len(parts) == 1 else _merged(parts)


def _keys(lines: np.ndarray, n: int) -> np.ndarray:
    width = lines.shape[1] - n + 1
    keys = np.zeros((len(lines), width), np.uint32)
    for place in range(n):
        keys = keys << 8 | lines[:, place : place + width]
    return keys.ravel()


def _counted(keys: np.ndarray) -> NGrams:
    return NGrams(*np.unique(keys, return_counts=True))


def _merged(parts: list[NGrams]) -> NGrams:
    keys, places = np.unique(np.concatenate([part.keys for part in parts]), return_inverse=True)
    counts = np.zeros(len(keys), np.int64)
    np.add.at(counts, places, np.concatenate([part.counts for part in parts]))
    return NGrams(keys, counts)


def jensen_shannon(a: NGrams, b: NGrams) -> float:
    """Jensen-Shannon divergence of two distributions of n-grams, bits: 0 where they are equal, 1 where none is shared.

    Nothing is smoothed: an n-gram that a small text lacks by chance counts as one that it never has, so the value falls
    with the size of either text, and only values of equal sizes compare.

    Reference:
        Authors' language_helpers.py, `js_with`.
    """
    keys = np.union1d(a.keys, b.keys)
    p, q = np.zeros((2, len(keys)))
    for shares, grams in ((p, a), (q, b)):
        shares[np.searchsorted(keys, grams.keys)] = grams.shares
    middle = (p + q) / 2
    return 0.5 * (_divergence(p, middle) + _divergence(q, middle))


def _divergence(p: np.ndarray, q: np.ndarray) -> float:
    there = p > 0
    return float((p[there] * np.log2(p[there] / q[there])).sum())
