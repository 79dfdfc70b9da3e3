"""Fuzzing for a while: python -m tests.fuzz --help. What it finds is kept among the seeds."""

import argparse
import signal
import sys
import time
import traceback
from collections import Counter
from hashlib import sha256
from pathlib import Path
from random import Random
from types import FrameType

from tests.fuzz.target import Target
from tests.fuzz.targets import TARGETS

SEEDS = Path(__file__).parents[1] / "samples" / "fuzz"
SLOW_S = 30
MOST_KEPT = 5  # of one target in one run


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="for all targets together")
    parser.add_argument("--cases", type=int, help="for each target, in place of a time")
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("targets", nargs="*", help=f"of {', '.join(TARGETS)}; usually all")
    told = parser.parse_args(arguments)
    chosen = {name: TARGETS[name] for name in told.targets or TARGETS}
    whole = sum(target.share for target in chosen.values())
    failures = 0
    for name, target in chosen.items():
        seconds = told.seconds * target.share / whole
        failures += _run(name, target, told.first, told.cases, seconds)
    return min(failures, 1)


def _run(name: str, target: Target, first: int, most: int | None, seconds: float) -> int:
    """Run cases of a target, each made from its number alone; return how many failed."""
    began, number = time.monotonic(), first
    failures: Counter[str] = Counter()
    while number - first < most if most else time.monotonic() - began < seconds:
        case = target.make(Random(f"{name}/{number}"))
        if trouble := _trouble(target, case):
            failures[trouble] += 1
            if failures[trouble] == 1 and len(failures) <= MOST_KEPT:
                _keep(name, case, trouble)
        number += 1
    took = time.monotonic() - began
    print(
        f"{name:12}{number - first:>10,} cases {took:>8.1f} s {failures.total():>6,} failed",
        flush=True,
    )
    return failures.total()


def _trouble(target: Target, case: bytes) -> str:
    """Return where and how a case fails, "" if it does not."""

    def slow(_: int, __: FrameType | None) -> None:
        raise TimeoutError(f"more than {SLOW_S} s")

    before = signal.signal(signal.SIGALRM, slow)
    signal.alarm(SLOW_S)
    try:
        target.check(case)
    except Exception as error:
        frame = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}: {error}"[
            :300
        ]
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
    return ""


def _keep(name: str, case: bytes, trouble: str) -> None:
    path = SEEDS / name / sha256(case).hexdigest()[:12]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(case)
    print(f"{name}: {trouble}\n  kept as {path}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
