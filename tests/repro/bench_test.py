import dataclasses
import subprocess
from pathlib import Path
from unittest import mock

import tensorflow as tf
from matplotlib.figure import Figure

from repro import present
from repro.bench import Bench
from repro.data import Description, Places, Set
from repro.files import PRIVATE, ROOT
from repro.items import Item, Paper, Scale

PHOTOGRAPHS, ROOMS = Set("scenes64"), Set("rooms32")


@dataclasses.dataclass(frozen=True)
class Nothing:
    pass


def described():
    return {
        PHOTOGRAPHS: Description("photographs", "real", "a", {"test": 3}, "never ship them"),
        ROOMS: Description("drawn rooms", "procedural", "b", {"test": 3}, "ours"),
    }


class PrivatePicturesTest(tf.test.TestCase):
    def draw(self, shows):
        bench = Bench(mock.Mock(), None, "", "small", described())
        bench.draw("sheet", Figure((1, 1)), "Three.", shows=shows)
        return list(bench.pictures)

    def test_only_pictures_that_show_other_peoples_images_are_kept_apart(self):
        self.assertEqual(self.draw(PHOTOGRAPHS), ["private/sheet.png"])
        self.assertEqual(self.draw(Set("never described")), ["private/sheet.png"])
        self.assertEqual(self.draw(ROOMS), ["sheet.png"])
        self.assertEqual(self.draw(None), ["sheet.png"])

    def test_git_ignores_them_at_every_scale(self):
        self.assertIn(f"/results/**/{PRIVATE}", (ROOT / ".gitignore").read_text().splitlines())
        if (ROOT / ".git").exists():
            for name in (f"results/quick/dcgan/{PRIVATE}a.png", f"results/paper/lsgan/{PRIVATE}b.png"):
                self.assertEqual(subprocess.run(["git", "check-ignore", "-q", name], cwd=ROOT).returncode, 0, name)

    def test_presented_again_as_public_the_private_one_is_removed_and_without_it_results_are_there(self):
        shown = [PHOTOGRAPHS]

        def show(bench, runs):
            bench.draw("sheet", Figure((1, 1)), "Three.", shows=shown[0])

        item = Item("fig1", "", lambda settings, seeds: [], show, {"paper": Scale(Nothing(), 1)}, {}, ("", ""), 1, "")
        folder = Path(self.get_temp_dir())
        paper = Paper("p", "", "", ())
        paper.__dict__["_declared"] = [item]  # in place of modules
        asked = present.Asked(paper, item, "paper", Nothing(), (), Places(None, folder), folder)
        with mock.patch.object(present.Asked, "described", return_value=described()):
            present.present(asked, "")
            private = folder / PRIVATE / "sheet.png"
            self.assertTrue(private.exists())
            page = (folder / "index.html").read_text()
            self.assertIn("private/sheet.png", page)
            self.assertIn("git ignores it", page)
            private.unlink()
            self.assertEqual(asked.state(), "done")
            present.present(asked, "")
            shown[0] = ROOMS
            present.present(asked, "")
        self.assertFalse(private.exists())
        self.assertTrue((folder / "sheet.png").exists())
