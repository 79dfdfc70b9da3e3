"""What credit-risk-svc is asked and answers: loan applications, a score and a label."""

from typing import Any

import numpy as np
import pandas as pd

from lib.demo import stories
from lib.demo.traffic import Columns, uuids

ABSENT = object()
"""A cell of a feature that the scoring script did not know yet; the writer leaves it out."""

_EMPLOYMENT = ("employee", "self-employed", "public sector", "retired", "student", "unemployed")
_EMPLOYMENT_SHARE = (0.52, 0.14, 0.13, 0.12, 0.05, 0.04)
_EMPLOYMENT_RISK = np.array([-0.1, 0.25, -0.35, -0.15, 0.35, 0.9])
_REGIONS = ("nord", "öst", "süd", "väst")
_TERMS = (12, 24, 36, 48, 60, 72, 84)
_CHANNELS = ("web", "app", "branch", "broker")

_ranks = np.arange(1, 241)
_POSTCODES = [f"{7919 * rank % 30_000:05d}" for rank in _ranks.tolist()]
_POSTCODE_SHARE = _ranks**-0.7 / (_ranks**-0.7).sum()


def rows(
    calls: pd.DataFrame, version: str, offset: int, rng: np.random.Generator
) -> tuple[Columns, Columns]:
    """Return the features and the predictions of the rows in `calls`.

    `offset` is the day, counted from the last one, and decides which stories are on. Incomes
    and amounts are in euros, unless the story says otherwise.
    """
    n = len(calls)
    wobble = rng.normal(0, 0.02, 3)  # days differ a little
    age = np.clip(rng.normal(44 + 5 * wobble[0], 13, n), 18, 90).astype(int)
    income = rng.lognormal(np.log(32_000) + wobble[1], 0.45, n).round(2)
    loan = (rng.lognormal(np.log(9_000) + wobble[2], 0.6, n) / 100).round().astype(int) * 100
    debt_ratio = rng.beta(2, 5, n).round(4)
    employment = rng.choice(len(_EMPLOYMENT), n, p=_EMPLOYMENT_SHARE)
    saver = rng.random(n) >= 0.4
    savings = np.where(saver, rng.lognormal(np.log(4_000), 1.1, n), 0.0).round(2)
    if stories.INCOME_IN_CENTS.covers(offset):
        income = (income * 100).round()
    inputs: Columns = {
        "age": age.tolist(),
        "income": income.tolist(),
        "loan_amount": loan.tolist(),
        "term_months": rng.choice(_TERMS, n, p=(0.08, 0.17, 0.25, 0.2, 0.18, 0.07, 0.05)).tolist(),
        "debt_ratio": debt_ratio.tolist(),
        "employment": _employment(employment, rng),
        "region": rng.choice(_REGIONS, n, p=(0.3, 0.2, 0.35, 0.15)).tolist(),
        "is_member": (rng.random(n) < 0.35).tolist(),
        "savings_balance": savings.tolist(),
        "application_channel": rng.choice(_CHANNELS, n, p=(0.45, 0.3, 0.15, 0.1)).tolist(),
        "postcode": rng.choice(_POSTCODES, n, p=_POSTCODE_SHARE).tolist(),
        "customer_id": uuids(rng, n),
        "applied_at": _applied_at(calls, rng),
    }
    if version == "4" and offset >= stories.CREDIT_NEW_FEATURE.first_day:
        inputs["months_at_address"] = _months_at_address(calls, offset, rng)
    risk = (
        -0.35
        - 0.45 * (np.log(income) - np.log(32_000))
        + 0.8 * (np.log(np.maximum(loan, 100)) - np.log(9_000))
        + 3.0 * (debt_ratio - 0.28)
        + _EMPLOYMENT_RISK[employment]
        - 0.25 * saver
        - 0.01 * (age - 44)
    )
    # Version 4 is a retrained model: other answers row by row, the same spread over all.
    return inputs, _predictions(risk + rng.normal(0, 0.3 if version == "3" else 0.32, n))


def _employment(codes: np.ndarray, rng: np.random.Generator) -> list[Any]:
    unknown = (rng.random(len(codes)) < 0.015).tolist()
    return [
        None if gone else _EMPLOYMENT[code]
        for code, gone in zip(codes.tolist(), unknown, strict=True)
    ]


def _applied_at(calls: pd.DataFrame, rng: np.random.Generator) -> list[str]:
    """Return when the forms were sent: some minutes before they were scored, whole seconds."""
    waited = pd.to_timedelta(rng.exponential(240, len(calls)).astype(int), unit="s")
    sent = calls["time"].dt.tz_localize(None).to_numpy() - waited.to_numpy()
    return [str(text) for text in np.datetime_as_string(sent, unit="s")]


def _months_at_address(calls: pd.DataFrame, offset: int, rng: np.random.Generator) -> list[Any]:
    months = rng.exponential(70, len(calls)).astype(int).tolist()
    if offset > stories.CREDIT_NEW_FEATURE.first_day:
        return list(months)
    deployed = (calls["time"].dt.hour >= 14).tolist()
    return [value if knows else ABSENT for value, knows in zip(months, deployed, strict=True)]


def _predictions(risk: np.ndarray) -> Columns:
    score = (1 / (1 + np.exp(-risk))).round(6)
    return {"score": score.tolist(), "label": np.where(score > 0.5, "bad", "good").tolist()}
