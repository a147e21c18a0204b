"""What the label costs in figure 4's networks, counted: the linear map against the label itself."""

from __future__ import annotations

FORMS = ("linear map", "direct (A)", "direct (B)")
PHI = 256
Z = 1024


def label_cost(classes: int, form: str) -> tuple[int, int, int]:
    """Trainable parameters of G and of D, and D's multiply-adds per image, at the published width.

    Args:
        classes: Number of classes K.
        form: `linear map`, as published; `direct (A)`, y itself in its place, hidden widths kept; `direct (B)`, hidden
            widths following the label's width, as the released code would with K in place of 256.

    Raises:
        ValueError: For any other form.

    Reference:
        Figure 4 of arXiv 1611.04076; layers as in the authors' `mcgan.py`.
    """
    if form not in FORMS:
        raise ValueError(f"expected one of {', '.join(FORMS)}. Received: form={form!r}")
    label = PHI if form == "linear map" else classes
    wide = classes if form == "direct (B)" else PHI
    phi = classes * PHI + PHI if form == "linear map" else 0
    return _generator(label) + phi, _discriminator(label, wide) + phi, _multiply_adds(label, wide) + max(phi - PHI, 0)


def _generator(label: int) -> int:
    dense = (Z + label) * 6272 + 6272 + 2 * 6272
    deconvolutions = 25 * 128 * 128 + 128 + 2 * 128 + 25 * 128 + 1
    return dense + deconvolutions


def _discriminator(label: int, wide: int) -> int:
    first, second = 1 + wide, 64 + wide
    convolutions = 25 * first + first + 25 * (first + label) * second + second + 2 * second
    dense = (49 * second + label) * 1024 + 1024 + 2 * 1024
    return convolutions + dense + 1024 + label + 1


def _multiply_adds(label: int, wide: int) -> int:
    first, second = 1 + wide, 64 + wide
    convolutions = 196 * 25 * first + 49 * 25 * (first + label) * second
    return convolutions + (49 * second + label) * 1024 + 1024 + label
