"""What churn-svc is asked and answers: customers, the chance that they leave, and later
whether they did."""

import numpy as np
import pandas as pd

from lib.demo import stories
from lib.demo.traffic import Columns, a_share, with_gaps

_CONTRACTS = ("month-to-month", "one year", "two years")
_CONTRACT_RISK = np.array([0.7, -0.3, -1.1])
_PAYMENTS = ("bank transfer, automatic", "credit card, automatic", "invoice", "wallet")
_DEVICES = ("phone", 'tablet 8"', 'tablet 11"', "set-top box", "router only")


def rows(
    calls: pd.DataFrame, version: str, offset: int, rng: np.random.Generator
) -> tuple[Columns, Columns]:
    """Return the features and the predictions of the rows in `calls`.

    `offset` is the day, counted from the last one, and decides which stories are on. Charges
    are in euros.
    """
    n = len(calls)
    wobble = rng.normal(0, 0.02, 3)  # days differ a little
    tenure = np.minimum(rng.gamma(1.4, 22, n), 120).astype(int)
    monthly = np.clip(rng.normal(58 + 20 * wobble[0], 19, n), 9.9, None).round(2)
    contract = rng.choice(3, n, p=(0.55, 0.25, 0.2))
    calls_made = rng.poisson(1.1 * (1 + wobble[1]), n)
    last_login = rng.geometric(0.12, n) - 1
    satisfaction = rng.choice((1, 2, 3, 4, 5), n, p=(0.06, 0.12, 0.27, 0.35, 0.2))
    missing = a_share(_missing_rate(offset), n, rng)
    inputs: Columns = {
        "tenure_months": tenure.tolist(),
        "monthly_charges": monthly.tolist(),
        "total_charges": (monthly * tenure * rng.normal(1, 0.03, n)).round(2).tolist(),
        "contract": [_CONTRACTS[code] for code in contract.tolist()],
        "payment_method": rng.choice(_PAYMENTS, n, p=(0.4, 0.3, 0.2, 0.1)).tolist(),
        "support_calls": calls_made.tolist(),
        "last_login_days": last_login.tolist(),
        "usage_gb": rng.lognormal(2.5 + wobble[2], 0.8, n).round(2).tolist(),
        "included_gb": rng.choice((5, 10, 20, 50), n, p=(0.2, 0.4, 0.3, 0.1)).tolist(),
        "satisfaction": with_gaps(satisfaction, missing, calls),
        "is_senior": (rng.random(n) < 0.16).tolist(),
        "has_partner": (rng.random(n) < 0.48).tolist(),
        "device": rng.choice(_DEVICES, n, p=(0.5, 0.12, 0.13, 0.15, 0.1)).tolist(),
        "signup_date": _signup_dates(calls, tenure, rng),
    }
    # The model puts the mean in place of a missing satisfaction: its answers hardly move.
    known = np.where(missing, 3.5, satisfaction)
    weights = (0.30, 0.16) if version == "7" else (0.26, 0.20)
    chance = (
        -1.1
        + _CONTRACT_RISK[contract]
        - 0.02 * (tenure - 30)
        + weights[0] * (calls_made - 1.1)
        - weights[1] * (known - 3.5)
        + 0.03 * (last_login - 7)
        + rng.normal(0, 0.3, n)
    )
    probability = (1 / (1 + np.exp(-chance))).round(4)
    return inputs, {
        "churn_probability": probability.tolist(),
        "churn": (probability > 0.5).astype(int).tolist(),
    }


def _missing_rate(offset: int) -> float:
    """Return the share of rows without satisfaction: 2 %, in the story rising to 35 %."""
    story = stories.SURVEY_DIES
    if not story.covers(offset):
        return 0.02
    return 0.02 + 0.33 * (offset - story.first_day) / (story.last_day - story.first_day)


def _signup_dates(calls: pd.DataFrame, tenure: np.ndarray, rng: np.random.Generator) -> list[str]:
    days = (tenure * 30.44 + rng.integers(0, 30, len(tenure))).astype(int)
    scored = calls["time"].dt.tz_localize(None).to_numpy().astype("datetime64[D]")
    return [str(text) for text in np.datetime_as_string(scored - days)]


def labels(calls: pd.DataFrame, outputs: Columns, offset: int, rng: np.random.Generator) -> Columns:
    """Return the labels that have come by the last day, in the order in which they came.

    A request's rows get their labels together, after 1 to 7 days, and one request in twelve
    never does. The two columns that lead back to the prediction are handed to the collector
    like features, which is why they stand first.
    """
    n = len(calls)
    drawn = np.where(rng.random(n) < 1 / 12, np.inf, rng.integers(1, 8, n))
    delay = pd.Series(drawn, index=calls.index).groupby(level=0).transform("first").to_numpy()
    left = rng.random(n) < np.array(outputs["churn_probability"])
    here = np.flatnonzero((delay <= -offset) & calls["answered"].to_numpy())
    arrived = here[np.argsort(delay[here], kind="stable")]
    scored_at = calls["time"].dt.tz_localize(None).iloc[arrived]
    return {
        "$aml_dc_correlation_id": calls["correlation_id"].iloc[arrived].tolist(),
        "$aml_dc_scoring_timestamp": [time.isoformat() for time in scored_at],
        "churned": left[arrived].astype(int).tolist(),
    }
