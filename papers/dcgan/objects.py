"""Pictures with labels that features are judged on: CIFAR-10, and rooms in its place (section 5.1)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from papers.dcgan.images import NARROW, PASS, Images
from repro.data import Set
from repro.items import setting

if TYPE_CHECKING:
    from repro.runs import Folder

ROOM_CLASSES = ("no window", "no window, lamp left", "no window, lamp right", "window", "window, lamp left",
                "window, lamp right")  # fmt: skip
LABELLED_SEED, LABELLED_ROOMS = 2, 4_000  # rooms that no GAN has seen


@dataclass(frozen=True)
class Labelled:
    """What a classifier learns from and is tested on.

    Attributes:
        images, labels: Training part: uint8 (n, side, side, channels), and int64 (n,).
        test_images, test_labels: Test part, likewise.
        classes: Number of classes.
    """

    images: np.ndarray
    labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray
    classes: int


def labelled(wanted: Set, folder: Folder) -> Labelled:
    """The pictures of a set with labels; of rooms, whether there is a window, and on which side a lamp."""
    test = folder.data(wanted, "test")
    if wanted.family == "rooms":
        from repro.data import rooms

        recipe = replace(rooms.RECIPE, counts={"train": LABELLED_ROOMS}, seeds={"train": LABELLED_SEED})
        images = recipe.load(wanted, "train", folder.places).images
        of_train, of_test = (
            room_class(shown.window, shown.lamp, shown.lamp_right)
            for shown in (recipe.attributes(wanted, "train", folder.places), folder.attributes(wanted, "test"))
        )
        return Labelled(images, of_train, test.images, of_test, len(ROOM_CLASSES))
    train = folder.data(wanted, "train")
    return Labelled(
        train.images, train.labels.astype(np.int64), test.images, test.labels.astype(np.int64), len(train.class_names)
    )


def room_class(window: np.ndarray, lamp: np.ndarray, lamp_right: np.ndarray) -> np.ndarray:
    """Place in `ROOM_CLASSES` of each room: int64; the side counts only where there is a lamp."""
    return 3 * window.astype(np.int64) + np.where(lamp, 1 + lamp_right.astype(np.int64), 0)


# ---- Trainings of the ImageNet network ----

CODE = "authors' imagenet/load_pretrained.py"
HALF = {"rows": (1, 2), "first_sheet": 195}  # D sees the pictures of odd number, the classifier those of even number


@dataclass(frozen=True)
class Objects(Images):
    """Settings of the training on ImageNet; the defaults are those of the paper and of the released model."""

    data: Set = setting(Set("imagenet32"), "section 4.3: ImageNet at 32x32")
    network: str = setting("objects", f"{CODE}: 3x3 convolutions; only they give section 5.1's 28,672 features")
    maps: int = setting(128, f"{CODE}: maps of D's first convolution")
    z_dim: int = setting(256, CODE)
    first_sheet: int = setting(10_009, "not stated; ours: mini-batches of one pass over 1,281,167 images")
    steps: int = setting(30 * 10_009, "the released model is of pass 30", length=True)


QUICK = Objects(data=Set("rooms32"), **NARROW, steps=8 * PASS)
SMALL = Objects(data=Set("cifar10_jpeg75"), maps=32, **HALF, steps=12 * 195)
SMALL_WIDE = Objects(data=Set("cifar10_jpeg75"), maps=64, **HALF, steps=6 * 195)
