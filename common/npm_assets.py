"""Static files taken from npm packages: an allow-list, so that nothing else of a package is served."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.checks import Warning as CheckWarning
from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage


class NpmFinder(BaseFinder):
    """Finds the files named by `settings.NPM_ASSETS`.

    The setting maps a URL prefix to a folder under `node_modules` and the glob patterns of what may
    be served from it: `{"v/krds": ("krds-uiux/resources", ["css/token/krds_tokens.css"])}`.
    """

    def check(self, **kwargs) -> list:
        return [
            CheckWarning(f"{folder} is missing: run `make install`", id="common.W001")
            for _, folder, _ in npm_folders()
            if not folder.is_dir()
        ]

    def find(self, path: str, find_all: bool = False, **kwargs) -> str | list[str]:
        """The file served as `path`; with `find_all`, a list of it. Empty when there is none."""
        found = []
        for prefix, folder, patterns in npm_folders():
            if path.startswith(f"{prefix}/"):
                inner = path.removeprefix(f"{prefix}/")
                if ".." not in Path(inner).parts and may_serve(inner, patterns) and (folder / inner).is_file():
                    found.append(str(folder / inner))
        return found if find_all else (found[0] if found else [])

    def list(self, ignore_patterns) -> Iterator[tuple[str, FileSystemStorage]]:
        for prefix, folder, patterns in npm_folders():
            storage = FileSystemStorage(location=folder)
            storage.prefix = prefix
            for file in sorted(folder.rglob("*")):
                inner = file.relative_to(folder).as_posix()
                if file.is_file() and may_serve(inner, patterns):
                    yield inner, storage


class ManifestStorage(CompressedManifestStaticFilesStorage):
    """Hashed and compressed files; comments that point at source maps stay, as the maps are not served."""

    patterns = tuple(
        (
            extension,
            tuple(
                pattern
                for pattern in replacements
                if "sourceMappingURL" not in (pattern if isinstance(pattern, str) else pattern[0])
            ),
        )
        for extension, replacements in CompressedManifestStaticFilesStorage.patterns
    )


def npm_folders() -> Iterator[tuple[str, Path, list[str]]]:
    """URL prefix, folder and patterns of every entry of the setting."""
    for prefix, (folder, patterns) in settings.NPM_ASSETS.items():
        yield prefix, Path(settings.BASE_DIR, "node_modules", folder), patterns


def may_serve(path: str, patterns: list[str]) -> bool:
    """Whether a file of a package is on the allow-list."""
    return any(fnmatchcase(path, pattern) for pattern in patterns)
