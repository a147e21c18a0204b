"""Numbers too small to be normal taken as zero, by every thread of a run alike."""

from __future__ import annotations

import contextlib
import ctypes
import platform
from collections.abc import Iterator

CONTROL = 7  # the SSE control word's place in glibc's fenv_t of x86-64, counted in words of 32 bits
FLUSHED = 0x8040  # its bits: results are flushed to zero, and so are operands


@contextlib.contextmanager
def flushed() -> Iterator[None]:
    """Within it this thread, and each that it starts, takes denormal floats (below 1.2e-38 in float32) as zero.

    TensorFlow has the threads of its pool do so, but not those of tf.data; these go on with a step where a batch has
    arrived, and which of the two takes an operation depends on the load: so would the last bits of a training whose
    gradients become so small. On processors other than x86-64 nothing is changed.
    """
    if platform.machine() != "x86_64":
        yield
        return
    libm = ctypes.CDLL("libm.so.6")
    before = (ctypes.c_uint32 * 8)()
    libm.fegetenv(before)
    within = type(before)(*before)
    within[CONTROL] |= FLUSHED
    libm.fesetenv(within)
    try:
        yield
    finally:
        libm.fesetenv(before)
