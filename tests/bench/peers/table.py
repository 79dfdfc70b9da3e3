"""The results as Markdown tables."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import workload
from measure import Result, Run
from score import Score, score

TASKS = {"window": "7 days against 7", "series": "30 days, each against 7"}


def speed(results: Sequence[Result]) -> str:
    """Return a row per tool, a column per task: the process, the tool's own part, memory."""
    shown = [result for result in results if result.run.with_id and result.run.task in TASKS]
    by_run = {(_who(result.run), result.run.task, result.run.rows): result for result in shown}
    sizes = sorted({result.run.rows for result in shown})
    columns = [(task, rows) for task in TASKS for rows in sizes]
    body = [
        [who, *(_cell(by_run.get((who, task, rows))) for task, rows in columns)]
        for who in dict.fromkeys(_who(result.run) for result in shown)
    ]
    return _table(["", *(f"{TASKS[task]}, {rows:,} rows" for task, rows in columns)], body)


def identifier(results: Sequence[Result]) -> str:
    """Return what the column of identifiers costs each tool."""
    by_run = {result.run: result for result in results}
    body = []
    for run, without in by_run.items():
        both = by_run.get(replace(run, with_id=True))
        if run.with_id or both is None:
            continue
        usable = without.outcome == both.outcome == "ok"
        more = f"{both.seconds / without.seconds - 1:+.0%}" if usable else ""
        body.append([_who(run), _what(run), _cell(without), _cell(both), more])
    return _table(["", "task", "without it", "with it", "more time"], body)


def verdicts(results: Sequence[Result]) -> str:
    """Return what each tool said against what is true."""
    measured = {result.run for result in results}
    body = []
    for result in results:
        run = result.run
        if run.task not in TASKS or run.state != "cold" or result.outcome != "ok":
            continue
        if not run.with_id and replace(run, with_id=True) in measured:
            continue
        for level, flags in result.said["flags"].items():
            who = _who(run) + ("" if level == "default" else f", {level} or more")
            who += "" if run.with_id else f", without {workload.ID}"
            found = score(flags, run.task, run.with_id)
            body.append([who, _what(run), *_scored(found, run.task)])
    head = ["", "task", "false alarms", "changes found", "more nulls", "new category"]
    return _table([*head, "weekly wave", "false alarms by feature", "missed"], body)


def heat_map(results: Sequence[Result]) -> str:
    """Return how long the heat map takes, part by part."""
    body = [
        [run.tool, run.state, part, f"{seconds:.2f}", f"{result.peak_mb:.0f}"]
        for result in results
        if (run := result.run).task == "grid" and result.outcome == "ok"
        for part, seconds in {"process": result.seconds, **result.said["parts"]}.items()
    ]
    return _table(["90 days × 30 features", "profiles", "part", "s", "peak MB"], body)


def _who(run: Run) -> str:
    return run.tool + {"cold": "", "kept": ", profiles kept"}[run.state]


def _what(run: Run) -> str:
    return f"{TASKS[run.task]}, {run.rows:,} rows"


def _cell(result: Result | None) -> str:
    if result is None:
        return "not run"
    if result.outcome == "killed":
        return f"> {result.seconds:.0f} s (killed) / {result.peak_mb:.0f} MB"
    if result.outcome == "failed":
        return "failed"
    parts = result.said["parts"]
    own = sum(parts.values()) - parts.get("pandas", 0)
    return f"{result.seconds:.1f} s ({own:.1f}) / {result.peak_mb:.0f} MB"


def _scored(found: Score, task: str) -> list[str]:
    share = found.false / found.stable
    return [
        f"{found.false} of {found.stable} ({share:.1%})",
        f"{found.found} of {found.shifted}",
        "yes" if found.missing else "no",
        "yes" if found.category else "no",
        f"{found.weekly} of {len(workload.CURRENT)}" if task == "series" else "",
        _counts(found.blamed.items()),
        _counts(found.missed.items()),
    ]


def _counts(by_feature: Iterable[tuple[str, int]], most: int = 4) -> str:
    parts = [f"{name} {count}" for name, count in by_feature]
    rest = len(parts) - most
    return ", ".join(parts[:most]) + (f", {rest} more" if rest > 0 else "")


def _table(head: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    if not body:
        return ""
    lines = [head, ["---"] * len(head), *body]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
