"""The tools that are measured, each in a virtual environment of its own below .tools/peers."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
PLACE = ROOT / ".tools/peers"

PINS = {
    "evidently": ["evidently==0.7.23"],
    # It imports statsmodels without saying so, and needs a Python before 3.13.
    "nannyml": ["nannyml==0.13.1", "statsmodels==0.15.0"],
    "popmon": ["popmon==1.4.12"],
    # What compares two profiles is in the part that draws them.
    "whylogs": ["whylogs[viz]==1.6.4"],
}
TOGETHER = [
    # evidently 0.7.23 does not import with pandas 3 (it asks for `infer_dtype_from_object`).
    "pandas==2.3.3",
    # The newest with wheels for Python 3.11 at the time of these releases.
    "numpy==2.4.6",
    "scipy==1.17.1",
]
NAMES = ("driftline", *PINS)

QUIET = {
    "DO_NOT_TRACK": "1",  # evidently
    "NML_DISABLE_USAGE_LOGGING": "1",
    "WHYLOGS_NO_ANALYTICS": "True",
}
"""Nothing is sent anywhere, and no tool waits for a network while it is timed."""


def python(tool: str) -> str:
    """Return the interpreter to run a tool with; its environment is made if need be.

    Raises subprocess.CalledProcessError if it cannot be installed or does not import.
    """
    if tool == "driftline":
        return sys.executable
    place = PLACE / tool
    wanted = "\n".join([*PINS[tool], *TOGETHER])
    done = place / "installed"
    if not done.exists() or done.read_text() != wanted:
        print(f"Installing {PINS[tool][0]} into {place.relative_to(ROOT)}", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(place)], check=True)
        pip = [str(place / "bin/pip"), "install", "-qq", "--disable-pip-version-check"]
        subprocess.run([*pip, *wanted.split("\n")], check=True)
        # The first import of all writes what later ones only read.
        command = [str(place / "bin/python"), "-W", "ignore", "-c", f"import {tool}"]
        subprocess.run(command, check=True, env=os.environ | QUIET)
        done.write_text(wanted)
    return str(place / "bin/python")
