"""Real files and values that cases are made of: the tests' samples, whole and as names."""

from functools import cache
from pathlib import Path

from lib import catalog

ROOT = Path(__file__).parents[1] / "samples"
MOST_BYTES = 20_000


@cache
def files(ending: str) -> list[bytes]:
    """The collected files of one ending, cut to a size that is quick to read."""
    found = sorted(path for path in ROOT.rglob(f"*.{ending}") if path.name != "aml_telemetry.csv")
    return [path.read_bytes()[:MOST_BYTES] for path in found]


@cache
def names() -> list[str]:
    """The names of all sample blobs below their containers, and of other layouts."""
    found = [path.relative_to(ROOT).parts[2:] for path in ROOT.rglob("*") if path.is_file()]
    inside = ["/".join(parts) for parts in sorted(found) if parts]
    return [
        *inside,
        "modelDataCollector/2026/a.jsonl",
        "modelDataCollector/e/d/c/2026/03/05/10/59/a.jsonl",
        "modelDataCollector/e/d/c/2026/03/a.jsonl",
        "my/own/path/ep/blue/model_inputs/2026/a.jsonl",
        "default/default/default/svc/m/1/inputs/2026/03/05/inputs.csv",
        "sub/rg/acc/svc/id-model-1/inputs/2018/04/20/data.csv",
    ]


@cache
def known() -> list[str]:
    """Those of the names that are of collected data."""
    return [name for name in names() if catalog.parse(name)]
