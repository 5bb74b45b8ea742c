"""The shared research data, where a machine has it: tests on it skip with the reason elsewhere."""

from pathlib import Path

import pytest

from benchmarks.instagram import shared_data


def folder(name: str) -> Path:
    path = shared_data() / name
    if not path.is_dir():
        pytest.skip(f"{path} is absent: put the shared research data there or set RESONANCE_SHARED_DATA")
    return path
