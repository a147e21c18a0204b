"""What is said of a processor: enough to tell apart two of one name that compute other last bits."""

import os

import pytest

from repro import machine

CPU_INFO = """processor\t: 0
cpu family\t: 25
model\t\t: {model}
model name\t: AMD EPYC
flags\t\t: fpu sse avx {flags}

processor\t: 1
model name\t: another
"""


@pytest.fixture
def linux(tmp_path, monkeypatch):
    """Puts what Linux says of a processor in place: model, flags, sizes of caches."""

    def put(model, flags, sizes):
        (tmp_path / "cpuinfo").write_text(CPU_INFO.format(model=model, flags=flags))
        for k, size in enumerate(sizes):
            (tmp_path / f"index{k}").mkdir(exist_ok=True)
            (tmp_path / f"index{k}" / "size").write_text(f"{size}\n")

    monkeypatch.setattr(machine, "CPU_INFO", tmp_path / "cpuinfo")
    monkeypatch.setattr(machine, "CACHES", tmp_path)
    return put


def test_processors_of_one_name_are_told_apart(linux):
    linux(17, "avx2 avx512f", ["32K", "32K", "1024K", "32768K"])
    assert machine.processor() == "AMD EPYC (family 25, model 17, AVX-512, caches 32K 32K 1024K 32768K)"
    linux(1, "avx2", ["32K", "32K", "512K", "32768K"])
    assert machine.processor() == "AMD EPYC (family 25, model 1, AVX2, caches 32K 32K 512K 32768K)"
    linux(1, "f16c", [])
    assert machine.processor().startswith("AMD EPYC (family 25, model 1, AVX, caches")


def test_a_system_without_these_files_has_a_name(tmp_path, monkeypatch):
    monkeypatch.setattr(machine, "CPU_INFO", tmp_path / "absent")
    monkeypatch.setattr(machine, "CACHES", tmp_path / "absent")
    for name, kind, told in (("Abacus 9", "x", "Abacus 9"), ("", "arm64", "arm64")):
        monkeypatch.setattr(machine.platform, "processor", lambda name=name: name)
        monkeypatch.setattr(machine.platform, "machine", lambda kind=kind: kind)
        assert machine.processor() == told


def test_cores_are_those_that_this_process_may_use():
    allowed = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(allowed)})
        assert machine.cores() == 1
    finally:
        os.sched_setaffinity(0, allowed)
    assert machine.cores() == len(allowed)


def test_the_gpus_are_those_that_the_driver_lists_unless_hidden(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    driver = tmp_path / "nvidia-smi"
    driver.write_text("#!/bin/sh\necho 'GPU 0: Loom 100 (UUID: GPU-1-2)'\necho '  MIG 1g: (UUID: MIG-3)'\n")
    driver.chmod(0o755)
    assert machine.gpu_names() == ["GPU 0: Loom 100"]
    assert machine.device() == "gpu"
    for hidden in ("", "-1"):
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", hidden)
        assert machine.gpu_names() == []
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    driver.write_text("#!/bin/sh\necho 'NVIDIA-SMI has failed'\nexit 9\n")
    assert machine.gpu_names() == []
    assert machine.device() == "cpu"
