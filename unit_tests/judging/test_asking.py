"""The noise floor is measured once; one that is damaged, or cannot be kept, is measured again and said so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sentiment.judging.asking import noise_floor
from sentiment.judging.noise import Noise
from sentiment.pipeline import Workbench
from sentiment.predictors.stored import StoredPredictor
from sentiment.profiles import Profile
from sentiment.types import Approach


@pytest.fixture(name="said")
def _said() -> list[str]:
    return []


@pytest.fixture(name="bench")
def _bench(tiny: Profile, said: list[str]) -> Workbench:
    return Workbench(tiny, note=said.append)


@pytest.fixture(name="predictor")
def _predictor(bench: Workbench, tmp_path: Path) -> StoredPredictor:
    predictor = bench.predictor(Approach.BASE)
    predictor.path = tmp_path / "predictions" / "x.sqlite"
    return predictor


DAMAGES = ["", '{"queries": 12}', '{"queries": 12, "flips": 0, "largest": "x"}']


def test_a_damaged_noise_floor_is_measured_again_and_said_so(
    bench: Workbench, predictor: StoredPredictor, said: list[str]
) -> None:
    noise = noise_floor(predictor, bench.material, bench.note)
    assert noise.queries == 12
    path = predictor.path.with_suffix(".noise.json")
    whole = path.read_text()
    changed = json.dumps({**json.loads(whole), "largest": 0.015})
    for content in [*DAMAGES, changed]:
        path.write_text(content)
        said.clear()
        assert noise_floor(predictor, bench.material, bench.note) == noise, content
        assert [line.startswith(f"{path} is damaged") for line in said] == [True], content
        assert path.read_text() == whole
    predictor.release()
    said.clear()
    assert noise_floor(predictor, bench.material, bench.note) == noise
    assert said == []
    assert "model" not in predictor.__dict__  # nothing was loaded for what is kept


def test_one_from_before_there_were_checksums_serves(bench: Workbench, predictor: StoredPredictor) -> None:
    path = predictor.path.with_suffix(".noise.json")
    path.parent.mkdir()
    path.write_text('{"queries": 12, "flips": 1, "largest": 0.003}')
    assert noise_floor(predictor, bench.material, bench.note) == Noise(12, 1, 0.003)


def test_where_it_cannot_be_kept_it_is_given_all_the_same(
    bench: Workbench, predictor: StoredPredictor, said: list[str], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    predictor.path = tmp_path / "file" / "x.sqlite"
    assert noise_floor(predictor, bench.material, bench.note).queries == 12
    (line,) = [line for line in said if "noise" in line]
    assert "SENTIMENT_CACHE" in line
