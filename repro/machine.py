"""The machine that computes: its processor, which decides a result's last bits, its cores and GPUs."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from pathlib import Path

CPU_INFO = Path("/proc/cpuinfo")
CACHES = Path("/sys/devices/system/cpu/cpu0/cache")
VECTORS = {"avx512f": "AVX-512", "avx2": "AVX2", "avx": "AVX"}  # the widest first


def processor() -> str:
    """The processor's name and, where Linux tells them, family, model, widest vectors and caches.

    Kernels are chosen by the instructions that a processor has, and cut their sums where its caches end. Processors of
    one name may differ in both, and so in the last bits of what they compute.
    """
    facts = _first_processor()
    name = facts.get("model name") or platform.processor() or platform.machine()
    numbers = [f"{key.removeprefix('cpu ')} {facts[key]}" for key in ("cpu family", "model") if key in facts]
    flags = facts.get("flags", "").split()
    vectors = [told for flag, told in VECTORS.items() if flag in flags][:1]
    sizes = [size.read_text().strip() for size in sorted(CACHES.glob("index*/size"))]
    caches = [f"caches {' '.join(sizes)}"] if sizes else []
    known = ", ".join([*numbers, *vectors, *caches])
    return f"{name} ({known})" if known else name


def _first_processor() -> dict[str, str]:
    """What Linux says of the first processor; nothing elsewhere."""
    try:
        first = CPU_INFO.read_text().split("\n\n")[0]
    except OSError:
        return {}
    pairs = (line.partition(":") for line in first.splitlines())
    return {key.strip(): value.strip() for key, _, value in pairs}


def gpu_names() -> list[str]:
    """Names of the NVIDIA GPUs that may be used."""
    if os.environ.get("CUDA_VISIBLE_DEVICES", "unset") in ("", "-1") or shutil.which("nvidia-smi") is None:
        return []
    asked = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, check=False)
    return [line.split(" (UUID")[0] for line in asked.stdout.splitlines() if line.startswith("GPU")]


def device() -> str:
    """`gpu` where runs are computed on one, else `cpu`."""
    return "gpu" if gpu_names() else "cpu"


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
