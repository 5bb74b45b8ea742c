"""Which files of the browser libraries are served: a handful of the thousands that npm unpacks."""

from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from typing import Any

from django.contrib.staticfiles.finders import FileSystemFinder

# Source maps go along because the manifest storage follows the reference to them.
VENDORED = (
    "vendor/tabler/css/tabler.min.css*",
    "vendor/echarts/echarts.min.js",
    "vendor/htmx/htmx.min.js",
    "vendor/tom-select/js/tom-select.popular.min.js*",
    "vendor/inter/files/inter-latin*-opsz-normal.woff2",
)


class SelectiveFinder(FileSystemFinder):
    """STATICFILES_DIRS, with the vendored folders cut down to VENDORED."""

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Any]]:
        for path, storage in super().list(ignore_patterns):
            prefix = getattr(storage, "prefix", "") or ""
            full = f"{prefix}/{path}" if prefix else path
            if not prefix.startswith("vendor/") or any(fnmatch(full, pattern) for pattern in VENDORED):
                yield path, storage
