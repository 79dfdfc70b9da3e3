"""The made-up data of the benchmark: their days, their features, and what really changes when.

Standard library only, since the environment of every tool imports it.
"""

from datetime import date, timedelta
from pathlib import Path

REFERENCE = tuple(range(1, 8))
CURRENT = tuple(range(8, 38))
CHANGE = 20
"""The first day on which the changes below are there; they stay to the end."""

WINDOW = CURRENT[-7:]

SHIFTED = {
    "num_00": "mean up by 0.3 standard deviations",
    "num_01": "spread × 1.5",
    "num_02": "unit × 100",
    "cat_0": "shares of five categories",
    "flag": "True from 50 % to 60 % of the rows",
}
"""What a drift verdict has to find: the distribution of the cells that hold something."""

QUALITY = {
    "num_07": "missing cells from 2 % to 20 %",
    "cat_1": "a new category of 3 % of the rows",
}
"""Faults that some tools count as drift, some report elsewhere and some not at all."""

WEEKLY = {"num_13": "a weekly wave of 0.2 standard deviations, in the reference too"}
"""Neither stable nor drifted: each day differs from the week as every such day does."""

ID = "customer"
FEATURES = (
    *(f"num_{at:02}" for at in range(14)),
    *(f"cat_{at}" for at in range(4)),
    "flag",
    ID,
)
STAMP = "$aml_dc_scoring_timestamp"
VERSION = ("sub", "rg", "ws", "svc", "m", "1")


def day(number: int) -> date:
    """Return the date of a day by its number; day 1 is a Monday."""
    return date(2026, 3, 1) + timedelta(number)


def file(folder: str | Path, number: int) -> Path:
    """Return where azureml-monitoring puts the inputs of a day."""
    below = Path(folder, "modeldata", *VERSION, "inputs")
    return below / f"{day(number):%Y/%m/%d}" / "inputs.csv"


def is_changed(feature: str, number: int) -> bool:
    """Return whether a feature differs from the reference on a day."""
    return number >= CHANGE and (feature in SHIFTED or feature in QUALITY)
