import subprocess
import sys
from pathlib import Path

import pytest
import tensorflow as tf

from papers import ALL
from repro.cli import main

ROOT = Path(__file__).resolve().parents[2]


def start(*arguments, code=None):
    command = ["-c", code] if code else ["-m", "repro", *arguments]
    return subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False)


class MisuseTest(tf.test.TestCase):
    @pytest.fixture(autouse=True)
    def _capture(self, capsys):
        self.capsys = capsys

    def refused(self, *arguments):
        self.assertEqual(main(arguments, ALL), 2)
        out, err = self.capsys.readouterr()
        self.assertEqual((out, err.count("\n")), ("", 1))
        return err.strip()

    def test_unknown_words_name_the_valid_ones_and_the_nearest(self):
        self.assertEqual(
            self.refused("lsgn"),
            "run_all.sh: no paper or command is called 'lsgn': there is gan2014, dcgan, lsgan, wgan_gp, list, doctor, "
            "compare, clean, test; did you mean lsgan?",
        )
        self.assertEqual(
            self.refused("lsgan", "--only", "fig77"),
            "run_all.sh: no item is called 'fig77': there is fig1, fig2, theory, fig3, fig4, fig5, "
            "fig6, fig7, fig8, table1, ext_variance, ext_fid, ext_gp, scores; did you mean fig7?",
        )
        self.assertEqual(
            self.refused("lsgan", "--scale", "qick"),
            "run_all.sh: no scale is called 'qick': there is quick, small, paper; did you mean quick?",
        )
        self.assertEqual(
            self.refused("--sede=3"),
            "run_all.sh: no option is called '--sede': there is --cache, --data-dir, --dry-run, --force, --help, "
            "--jobs, --only, --out, --scale, --scheduler, --seeds, --steps, -h; did you mean --seeds?",
        )

    def test_words_in_the_wrong_place_are_told_their_own(self):
        self.assertEqual(
            self.refused("lsgan", "fig7"), "run_all.sh: fig7 is an item of lsgan: ./run_all.sh lsgan --only fig7"
        )
        self.assertEqual(self.refused("--list"), "run_all.sh: --list is a command, without dashes: ./run_all.sh list")

    def test_numbers_are_whole_and_positive(self):
        for wrong in ("0", "-1", "x", "1.5"):
            self.assertEqual(
                self.refused("lsgan", f"--seeds={wrong}"),
                "run_all.sh: argument --seeds: expected a whole number from 1 on. "
                f"Received: '{wrong}' (see ./run_all.sh --help)",
            )

    def test_steps_need_a_folder_of_their_own(self):
        self.assertEqual(
            self.refused("lsgan", "--steps", "5"),
            "run_all.sh: --steps shortens trainings, so its results need a folder of their own: add --out DIR",
        )

    def test_commands_take_no_further_word(self):
        self.assertEqual(self.refused("list", "lsgan"), "run_all.sh: list takes no further word. Received: lsgan")

    def test_compare_takes_two_sides_wherever_options_stand(self):
        told = "run_all.sh: compare takes two results folders, or one and the word published. Received: "
        for words in ([], ["results/quick"], ["published", "published"], ["a", "b", "c"]):
            self.assertEqual(self.refused("compare", *words), told + (" ".join(words) or "nothing"))
        out = self.get_temp_dir()
        for words in (["--out", out, "results/a", "b"], ["results/a", "--out", out, "b"]):
            self.assertEqual(self.refused("compare", *words), "run_all.sh: the results folder results/a is not there")

    def test_missing_data_is_said_before_anything_is_trained(self):
        temporary = self.get_temp_dir()
        told = self.refused("lsgan", "--scale", "small", "--only", "fig8", "--cache", f"{temporary}/cache")
        for part in ("hwdb100.npz", "hwdb100.json", "--data-dir", "--scale quick works without"):
            self.assertIn(part, told)
        self.assertFalse(Path(temporary, "cache").exists())

    def test_a_data_folder_that_is_not_there(self):
        self.assertEqual(
            self.refused("lsgan", "--data-dir", "/nowhere/at/all"),
            "run_all.sh: the data folder /nowhere/at/all is not there",
        )

    def test_another_backend_is_refused(self):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("KERAS_BACKEND", "torch")
            self.assertEqual(
                self.refused("lsgan"),
                "run_all.sh: KERAS_BACKEND is 'torch'; this project trains with TensorFlow: unset it",
            )


class CommandsTest(tf.test.TestCase):
    def test_only_runs_import_tensorflow_and_only_writing_and_comparing_pandas(self):
        compare = ["compare", "results/quick", "results/quick/lsgan", "--out", self.get_temp_dir()]
        for arguments in (["list"], ["doctor"], compare, ["--help"], ["lsgan", "--dry-run"]):
            slow = {"tensorflow", "keras", *(["pandas", "scipy.stats"] if arguments is not compare else [])}
            code = (
                "import sys; from repro.cli import main; from papers import ALL\n"
                f"try: status = main({[*arguments, '--cache', self.get_temp_dir()]!r}, ALL)\n"
                "except SystemExit as ended: status = ended.code\n"
                f"sys.exit(status or ' '.join({slow} & sys.modules.keys()) or None)"
            )
            ended = start(code=code)
            self.assertEqual((ended.returncode, ended.stderr), (0, ""), arguments)

    def test_help_names_every_option(self):
        told = start("--help")
        self.assertEqual(told.returncode, 0)
        for word in ("--scale", "--only", "--seeds", "--steps", "--jobs", "--scheduler", "--out", "--data-dir",
                     "--cache", "--force", "--dry-run", "list", "doctor", "compare", "clean", "test"):  # fmt: skip
            self.assertIn(word, told.stdout)

    def test_a_paper_may_be_written_as_people_write_it(self):
        for word in ("LSGAN", "Wgan-GP"):
            told = start(word, "--only", "fig2", "--dry-run", "--cache", f"{self.get_temp_dir()}/c")
            self.assertEqual((told.returncode, told.stderr), (0, ""))
            self.assertIn(f"{word.lower().replace('-', '_')} fig2", told.stdout)

    def test_list_shows_every_item_of_every_paper(self):
        told = start("list", "--cache", self.get_temp_dir(), "--out", self.get_temp_dir())
        for key in ("fig1", "fig2", "theory", "fig3", "fig5", "fig8", "table1", "ext_variance"):
            self.assertIn(key, told.stdout)
        self.assertIn("not run", told.stdout)

    def test_a_dry_run_names_the_runs_and_carries_out_none(self):
        folder = Path(self.get_temp_dir(), "dry")
        told = start("lsgan", "--only", "fig7", "--dry-run", "--cache", f"{folder}/c", "--out", f"{folder}/o")
        self.assertIn("lsgan-train_mixture-gan-seed2", told.stdout)
        self.assertIn("6 runs to carry out", told.stdout)
        self.assertFalse(folder.exists())

    def test_clean_removes_what_no_item_asks_for(self):
        cache = Path(self.get_temp_dir(), "cache")
        (cache / "lsgan-old-seed0-0123").mkdir(parents=True)
        (cache / "lsgan-old-seed0-0123" / "log.txt").write_text("x" * 2_000_000)
        (cache / "mine").mkdir()
        told = start("clean", "--cache", str(cache))
        self.assertEqual(told.stdout.strip(), f"removing 1 runs that no item asks for, 2 MB at {cache}")
        self.assertEqual([path.name for path in cache.iterdir()], ["mine"])


class CommandLineTest(tf.test.TestCase):
    def test_a_recorded_command_names_no_folder_of_this_machine(self):
        from repro.present import command_line

        words = ["x", "lsgan", "--only", "fig7", "--cache", "/a/b", "--data-dir=/c", "--seeds=2", "--out", "/d"]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "argv", words)
            self.assertEqual(command_line(), "./run_all.sh lsgan --only fig7 --data-dir DIR --seeds=2")
