"""Writes the demo from the command line: python -m lib.demo DIR."""

import argparse
import sys
from datetime import UTC, date, datetime
from pathlib import Path

from lib import demo
from lib.errors import DriftlineError


def main() -> None:
    """Read the arguments, write, and print where, how much, and what was planted."""
    parser = argparse.ArgumentParser(
        prog="python -m lib.demo",
        description="Write a made-up storage account with planted stories into a local folder.",
    )
    parser.add_argument("folder", metavar="DIR", type=Path, help="gets a sub-folder per container")
    parser.add_argument("--days", type=int, default=45, help="how many days (default 45)")
    parser.add_argument(
        "--until",
        metavar="YYYY-MM-DD",
        type=date.fromisoformat,
        default=datetime.now(UTC).date(),
        help="the last day (default: today, UTC)",
    )
    parser.add_argument(
        "--telemetry", action="store_true", help="write the telemetry of the requests as well"
    )
    arguments = parser.parse_args()
    try:
        written = demo.write(arguments.folder, arguments.until, arguments.days, arguments.telemetry)
    except DriftlineError as error:
        sys.exit(str(error))
    print(
        f"{written.folder}: {written.files:,} files, {written.size_bytes / 1e6:.1f} MB, "
        f"{written.rows:,} rows, {written.first} to {written.until}\n\n"
        f"Planted:\n{written.told()}",
        end="",
    )


if __name__ == "__main__":
    main()
