"""Features without a network: k-means centres of patches, as a baseline for learned ones."""

from __future__ import annotations

import numpy as np

PATCH = 6
PATCHES = 100_000
LIFTED, WHITENED = 10.0, 0.1  # added to a patch's variance, and to the eigenvalues
AT_ONCE = 100  # images


class PatchFeatures:
    """One layer of k-means on whitened patches, triangle code, sums over the four quadrants (Coates and Ng, 2011).

    Patches of 6x6, each minus its mean over sqrt(variance + 10); ZCA with 0.1; code max(0, mean distance - distance).

    Args:
        images: uint8 training images, shape (n, side, side, channels).
        centres: Number K of centres; features are 4 K.
        seed: Of patches and first centres.
    """

    def __init__(self, images: np.ndarray, centres: int, seed: int) -> None:
        from sklearn.cluster import MiniBatchKMeans

        random = np.random.default_rng([seed, 6])
        side = images.shape[1] - PATCH + 1
        which, y, x = random.integers(0, [[len(images)], [side], [side]], (3, PATCHES))
        across = np.arange(PATCH)
        rows, columns = y[:, None, None] + across[:, None], x[:, None, None] + across
        patches = _even(images[which[:, None, None], rows, columns].reshape(PATCHES, -1))
        self._mean = patches.mean(axis=0)
        values, vectors = np.linalg.eigh(np.cov(patches - self._mean, rowvar=False))
        self._whitening = ((vectors / np.sqrt(values + WHITENED)) @ vectors.T).astype(np.float32)
        found = MiniBatchKMeans(centres, batch_size=4_096, n_init=1, max_iter=20, random_state=seed)
        self._centres = found.fit((patches - self._mean) @ self._whitening).cluster_centers_.astype(np.float32)

    def of(self, images: np.ndarray) -> np.ndarray:
        """Features of uint8 images: float32, shape (n, 4 K)."""
        return np.concatenate([self._of_few(images[at : at + AT_ONCE]) for at in range(0, len(images), AT_ONCE)])

    def _of_few(self, images: np.ndarray) -> np.ndarray:
        windows = np.lib.stride_tricks.sliding_window_view(images, (PATCH, PATCH), axis=(1, 2))
        n, side = windows.shape[:2]
        patches = np.moveaxis(windows, 3, -1).reshape(n * side * side, -1)
        white = (_even(patches) - self._mean) @ self._whitening
        squared = (white**2).sum(axis=1)[:, None] + (self._centres**2).sum(axis=1) - 2 * white @ self._centres.T
        apart = np.sqrt(np.maximum(squared, 0))
        code = np.maximum(0, apart.mean(axis=1, keepdims=True) - apart).reshape(n, side, side, -1)
        half = side // 2
        quadrants = [code[:, :half, :half], code[:, :half, half:], code[:, half:, :half], code[:, half:, half:]]
        return np.concatenate([part.sum(axis=(1, 2)) for part in quadrants], axis=1)


def _even(patches: np.ndarray) -> np.ndarray:
    """Patches minus their mean over sqrt(variance + 10), float32, shape (n, values)."""
    values = patches.astype(np.float32)
    values -= values.mean(axis=1, keepdims=True)
    return values / np.sqrt(values.var(axis=1, keepdims=True) + LIFTED)


def standardised(features: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Features with mean 0 and variance 1 over some rows: float32; a constant feature becomes 0."""
    chosen = features[rows]
    mean, spread = chosen.mean(axis=0), chosen.std(axis=0)
    return (features - mean) / np.where(spread > 0, spread, 1)
