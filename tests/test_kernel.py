"""Arithmetic that is the same on every processor."""

import platform

import pytest

from korus import kernel

NEW, OLD = "flags\t\t: fpu sse4_2 avx avx2 avx512f\n", "flags\t\t: fpu sse4_2 avx\n"


@pytest.mark.skipif(platform.machine() != "x86_64", reason="instruction sets of x86-64")
def test_numpy_is_kept_from_every_instruction_set_beyond_avx2_that_it_would_choose():
    from numpy._core._multiarray_umath import __cpu_baseline__, __cpu_dispatch__

    beyond = set(__cpu_dispatch__) - {"X86_V3"}
    assert set(kernel.COMMON_ARITHMETIC["NPY_DISABLE_CPU_FEATURES"].split()) == beyond
    assert set(__cpu_baseline__) == {"X86_V2"}


@pytest.mark.parametrize(("described", "expected"), [(NEW, kernel.COMMON_ARITHMETIC), (OLD, {}), (None, {})])
def test_the_arithmetic_is_the_common_one_where_the_processor_has_it(tmp_path, described, expected):
    path = tmp_path / "cpuinfo"
    if described is not None:
        path.write_text(described)
    assert kernel.arithmetic(path) == expected
