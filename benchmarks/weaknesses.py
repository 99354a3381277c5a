"""What the embedded model is bad at, as a table from the committed baselines: `python -m benchmarks.weaknesses`."""

from __future__ import annotations

from pathlib import Path
from statistics import fmean

from sentiment.judging.baseline import Baseline, Record, baseline_path, read_baseline
from sentiment.types import Approach

BASELINES = Path(__file__).parents[1] / "behavior_tests" / "baselines"


def table(profile: str, folder: Path = BASELINES) -> list[str]:
    """Markdown rows: per behavior its budget and, per approach, the mean failure rate and the lowest and highest of
    its trainings; known weaknesses are marked."""
    found = {a: read_baseline(baseline_path(folder, profile, a), profile, a) for a in Approach}
    baselines = {approach: baseline for approach, baseline in found.items() if baseline is not None}
    names = list(dict.fromkeys(name for baseline in baselines.values() for name in baseline.behaviors))
    lines = [
        f"| behavior | budget | {' | '.join(map(str, baselines))} |",
        f"|---|---|{'---|' * len(baselines)}",
    ]
    for name in sorted(names):
        records = {approach: baseline.behaviors.get(name) for approach, baseline in baselines.items()}
        budget = next((r.budget for r in records.values() if r and r.budget is not None), None)
        cells = [_cell(record) for record in records.values()]
        limit = "–" if budget is None else f"{100 * budget:g} %"
        lines.append(f"| {name.replace('_', ' ')} | {limit} | {' | '.join(cells)} |")
    return lines


def reasons(profile: str, folder: Path = BASELINES) -> list[str]:
    """Markdown list of the known weaknesses and why each is accepted, in the words of the baseline."""
    lines = []
    for approach in Approach:
        baseline = read_baseline(baseline_path(folder, profile, approach), profile, approach)
        for name, record in sorted(baseline.behaviors.items()) if baseline else []:
            if record.over_budget:
                lines.append(f"- {approach}, {name.replace('_', ' ')} ({_cell(record)}): {record.known}")
    return lines


def dispersion(profile: str, folder: Path = BASELINES) -> list[str]:
    """One sentence per approach on how much its trainings differ."""
    lines = []
    for approach in Approach:
        baseline = read_baseline(baseline_path(folder, profile, approach), profile, approach)
        if baseline is not None and len(baseline.seeds) > 1:
            lines.append(f"- {approach}: over-dispersion {baseline.over_dispersion:g}{_sees(baseline)}")
    return lines


def _cell(record: Record | None) -> str:
    if record is None:
        return "–"
    rates = []
    for text in record.rates.values():
        failed, judged = map(int, text.split(" of "))
        rates.append(failed / judged if judged else float("nan"))
    mean = f"{100 * fmean(rates):.1f} %"
    spread = f" ({100 * min(rates):.1f}–{100 * max(rates):.1f})" if len(rates) > 1 else ""
    return mean + spread + (" known" if record.over_budget else "")


def _sees(baseline: Baseline) -> str:
    churn = sorted(record.churn for record in baseline.behaviors.values())
    return f", median churn {churn[len(churn) // 2]:.3f} per case"


def main() -> None:
    """Print the tables of the embedded profile."""
    for part in (table("smollm2"), reasons("smollm2"), dispersion("smollm2")):
        print("\n".join(part), end="\n\n")


if __name__ == "__main__":
    main()
