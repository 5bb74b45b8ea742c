"""Where a prepared space lives on disk: made once per version, renamed into place, then memory-mapped.

Layout: <root>/<version>/{name}.npy and meta.json. A folder with the final name is always complete, because it
is written under another name first; a lock keeps two processes from doing the work twice.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from functools import cache
from pathlib import Path

import numpy as np
import orjson

from . import finishing, lexicon, sources, taxonomy
from .building import build
from .encoder import Encoder, Space

CODE_VERSION = 2
"""Raise it whenever code that shapes the vectors changes: every stored vector is then encoded anew."""

_ARRAYS = tuple(field.name for field in fields(Space) if field.name != "version")
_META = "meta.json"


@cache
def version() -> str:
    """Name of the space that this code builds from the installed packages, for example "s1-3f9a6c21d0"."""
    parts = [sources.canonical({"code": CODE_VERSION} | sources.versions())]
    data = (lexicon.LEXICON, lexicon.JARGON, lexicon.PHRASES, taxonomy.TAXONOMY, finishing.EVERYDAY)
    parts += [path.read_bytes() for path in data]
    return f"s{CODE_VERSION}-{hashlib.sha256(b'|'.join(parts)).hexdigest()[:10]}"


def is_prepared(root: Path) -> bool:
    """True when the space of this version is complete under `root`."""
    folder = root / version()
    try:
        sizes = orjson.loads((folder / _META).read_bytes())["sizes"]
        whole = all((folder / name).stat().st_size == size for name, size in sizes.items())
        return whole and sizes.keys() >= {f"{name}.npy" for name in _ARRAYS}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def prepare(root: Path, *, again: bool = False) -> bool:
    """Make the space unless it is there; True when it was made. Safe in several processes at once.

    again: make it anew even when it is there (running processes keep the one they have open).
    """
    if is_prepared(root) and not again:
        return False
    root.mkdir(parents=True, exist_ok=True)
    with _lock(root):
        if is_prepared(root) and not again:
            return False
        _sweep(root)
        target = root / version()
        made = Path(tempfile.mkdtemp(prefix=".making-", dir=root))
        try:
            _write(made)
            if target.exists():
                target.rename(Path(tempfile.mkdtemp(prefix=".old-", dir=root)) / "space")
            made.rename(target)
        finally:
            shutil.rmtree(made, ignore_errors=True)
        _sweep(root)
    return True


def load(root: Path) -> Encoder:
    """The encoder of a prepared space; its arrays are mapped, so that processes share them."""
    folder = root / version()
    # A plain view of the mapping: the memmap class itself makes every small index slower.
    arrays = {name: np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)) for name in _ARRAYS}
    return Encoder(Space(**arrays, version=version()))


def prune(root: Path) -> list[str]:
    """Remove the spaces of other versions; their names."""
    old = [path for path in root.glob("s*-*") if path.is_dir() and path.name != version()]
    for path in old:
        shutil.rmtree(path, ignore_errors=True)
    return sorted(path.name for path in old)


def _write(folder: Path) -> None:
    arrays = build()
    empty = np.zeros(arrays["table"].shape[1], dtype=np.float32)
    space = Space(**arrays, mean=empty, topics=empty[None], version=version())
    space = replace(space, mean=finishing.common_component(Encoder(space)))
    space = replace(space, topics=finishing.topic_vectors(Encoder(space)))
    for name in _ARRAYS:
        np.save(folder / f"{name}.npy", getattr(space, name))
    sizes = {path.name: path.stat().st_size for path in sorted(folder.glob("*.npy"))}
    meta = {"version": version(), "sources": sources.versions(), "sizes": sizes}
    (folder / _META).write_bytes(sources.canonical(meta))
    for path in folder.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
    folder.chmod(0o755)


@contextmanager
def _lock(root: Path) -> Iterator[None]:
    # The kernel drops the lock of a killed process, which a lock file of our own would not.
    with (root / ".lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _sweep(root: Path) -> None:
    """Remove what killed or replaced runs left. Only under the lock, when nobody is making anything."""
    for pattern in (".making-*", ".old-*"):
        for path in root.glob(pattern):
            shutil.rmtree(path, ignore_errors=True)
