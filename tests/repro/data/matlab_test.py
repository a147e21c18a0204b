"""Tests of the reader of MATLAB files against scipy's writer and reader, and on files that MATLAB itself wrote."""

import struct
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import io

from repro.data import matlab
from repro.errors import DamagedData

TYPES = ("uint8", "int8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64")
OFFICIAL = Path(io.__file__).parent / "matlab" / "tests" / "data"


class MatlabTest(tf.test.TestCase):
    def setUp(self):
        super().setUp()
        self.file = Path(self.enterContext(tempfile.TemporaryDirectory())) / "a.mat"

    @given(
        st.integers(0, 10_000),
        st.lists(st.integers(0, 5), min_size=2, max_size=4),
        st.sampled_from(TYPES),
        st.booleans(),
    )
    def test_what_scipy_writes(self, seed, shape, kind, compressed):
        random = np.random.default_rng(seed)
        first, second = random.integers(0, 100, shape).astype(kind), random.normal(size=(3, 2))
        io.savemat(self.file, {"first": first, "a_longer_name_2": second}, do_compression=compressed)
        self.assertEqual(matlab.shapes(self.file), {"first": tuple(shape), "a_longer_name_2": (3, 2)})
        found = matlab.array(self.file, "first")
        self.assertEqual(found.dtype, kind)
        self.assertAllEqual(found, first)
        self.assertAllEqual(matlab.array(self.file, "a_longer_name_2"), second)

    def test_what_is_no_array_of_real_numbers_is_passed_over(self):
        others = {"text": "abc", "cell": np.array([1, "a"], object), "complex": np.array([1j]), "struct": {"x": 1.0}}
        for compressed in (False, True):
            io.savemat(self.file, {**others, "x": np.array([[7.0, 8.0]])}, do_compression=compressed)
            self.assertEqual(matlab.shapes(self.file), {"x": (1, 2)})
            self.assertAllEqual(matlab.array(self.file, "x"), [[7.0, 8.0]])
            with self.assertRaisesWithLiteralMatch(
                DamagedData, f"{self.file}: an array of numbers text expected, found none"
            ):
                matlab.array(self.file, "text")

    @pytest.mark.skipif(not OFFICIAL.exists(), reason="this scipy came without its test files")
    def test_files_that_matlab_wrote(self):
        compared = set()
        for file in sorted([*OFFICIAL.glob("test*matrix_[67]*.mat"), *OFFICIAL.glob("testdouble_[67]*.mat"),
                            *OFFICIAL.glob("testm[iu]*_[67]*.mat"), *OFFICIAL.glob("*_endian.mat")]):  # fmt: skip
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                official = io.loadmat(file)
            for name, shape in matlab.shapes(file).items():
                self.assertEqual(shape, official[name].shape)
                self.assertAllEqual(matlab.array(file, name), official[name])
                compared.add(file.name)
        self.assertGreaterEqual(len(compared), 15)
        self.assertContainsSubset(
            {"big_endian.mat", "test3dmatrix_6.1_SOL2.mat", "testmatrix_7.4_GLNX86.mat"}, compared
        )

    def test_where_the_damage_is(self):
        io.savemat(self.file, {"x": np.arange(12.0).reshape(3, 4), "y": np.ones((2, 2), np.uint8)})
        whole = self.file.read_bytes()
        second = 128 + 8 + struct.unpack_from("<I", whole, 132)[0]
        # An element: tag 8, tag and class 16, tag and shape 16, name within its tag 8, then the tag of the numbers.
        for place, form, value, message in (
            (126, "<H", 0, "a MATLAB file of version 5 to 7 expected, found another beginning"),
            (128, "<I", 9, "a readable array expected at byte 128: its kind is 9"),
            (132, "<I", 10**9, "at byte 128: more bytes than there are"),
            (136, "<I", 5, "at byte 128: a part of kind 6 expected, found 5"),
            (140, "<I", 4, "at byte 128: no class"),
            (156, "<I", 2**32 - 8, "at byte 128: more bytes than there are"),
            (160, "<i", -3, r"at byte 128: its shape is \(-3, 4\)"),
            (160, "<i", 4, r"at byte 128: \(4, 4\) numbers of 8 bytes expected, found 96 bytes"),
            (176, "<I", 8, "at byte 128: numbers of kind 8"),
            (180, "<I", 1 << 31, r"at byte 128: \(3, 4\) numbers of 8 bytes expected, found 2147483648 bytes"),
            (second, "<I", 0, f"at byte {second}: its kind is 0"),
        ):
            damaged = bytearray(whole)
            struct.pack_into(form, damaged, place, value)
            self.file.write_bytes(damaged)
            with self.subTest(message), self.assertRaisesRegex(DamagedData, f"^{self.file}: .*{message}$"):
                matlab.shapes(self.file)
                matlab.array(self.file, "x")
        for length, message in (
            (0, "beginning"),
            (100, "beginning"),
            (130, "at byte 128"),
            (len(whole) - 1, f"{second}"),
        ):
            self.file.write_bytes(whole[:length])
            with self.subTest(length), self.assertRaisesRegex(DamagedData, f"^{self.file}: .*{message}"):
                matlab.shapes(self.file)

    def test_a_compressed_array_is_checked_to_its_end(self):
        io.savemat(self.file, {"x": np.random.default_rng(0).normal(size=(50, 50))}, do_compression=True)
        whole = self.file.read_bytes()
        for place in (len(whole) - 1, len(whole) // 2):
            damaged = bytearray(whole)
            damaged[place] ^= 1
            self.file.write_bytes(damaged)
            with self.assertRaisesRegex(DamagedData, f"^{self.file}: a readable array expected at byte 128: "):
                matlab.array(self.file, "x")

    @settings(max_examples=300)
    @given(st.integers(0, 10_000), st.booleans(), st.integers(1, 3))
    def test_damaged_files_end_nothing_but_the_reading(self, seed, compressed, flips):
        random = np.random.default_rng(seed)
        io.savemat(self.file, {"x": np.arange(40).reshape(2, 4, 5), "y": np.ones((3, 3))}, do_compression=compressed)
        damaged = bytearray(self.file.read_bytes())
        if seed % 4 == 0:
            del damaged[int(random.integers(len(damaged))) :]
        for _ in range(flips if damaged else 0):
            damaged[int(random.integers(len(damaged)))] = int(random.integers(256))
        self.file.write_bytes(damaged)
        try:
            for name, shape in matlab.shapes(self.file).items():
                self.assertEqual(matlab.array(self.file, name).shape, shape)
        except DamagedData as told:
            self.assertStartsWith(str(told), str(self.file))
