import tempfile
from pathlib import Path

import tensorflow as tf
from filelock import FileLock, Timeout

from repro import files
from repro.errors import Failure


class AloneTest(tf.test.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def test_nobody_else_has_the_lock_meanwhile_and_anybody_afterwards(self):
        path = self.folder / "made" / "file"
        other = FileLock(f"{path}.lock")
        with self.assertRaisesRegex(KeyError, "own"), files.alone(path):
            with self.assertRaises(Timeout):
                other.acquire(timeout=0)
            raise KeyError("own")  # whatever goes wrong inside comes out as it is
        with other.acquire(timeout=0):
            self.assertTrue(other.is_locked)

    def test_a_place_that_cannot_be_written_is_told(self):
        (self.folder / "taken").write_text("a file, no folder")
        with (
            self.assertRaisesRegex(Failure, "cannot write .*taken.*name another folder"),
            files.alone(self.folder / "taken" / "file"),
        ):
            self.fail("never reached")
