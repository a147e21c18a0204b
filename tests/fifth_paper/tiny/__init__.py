"""A tiny fifth paper: one study of a toy GAN."""

from repro.items import Paper

PAPER = Paper("tiny", "A tiny paper", "nobody, nowhere", ("study",), ("It is no paper.",))
