"""What fraud-scoring is asked and answers: payments, and the chance that they are fraud."""

from typing import Any

import numpy as np
import pandas as pd

from lib.demo import stories
from lib.demo.traffic import Columns, a_share, with_gaps

_CURRENCIES = ("EUR", "USD", "GBP", "SEK")
_SIGNS = {"EUR": "€{:,.2f}", "USD": "${:,.2f}", "GBP": "£{:,.2f}", "SEK": "{:,.2f} kr"}
_MERCHANTS = (
    "groceries", "fuel", "electronics", "fashion", "travel", "restaurants", "gaming",
    "pharmacy", "crypto", "jewellery",
)  # fmt: skip
_MERCHANT_SHARE = (0.24, 0.11, 0.12, 0.13, 0.08, 0.14, 0.07, 0.06, 0.03, 0.02)
_MERCHANT_RISK = np.array([-0.6, -0.3, 0.3, 0.0, 0.1, -0.4, 0.5, -0.3, 1.5, 1.0])
_COUNTRIES = ("DE", "FR", "SE", "GB", "US", "NL", "PL", "ES")
_DOMAINS = (
    "example.com", "example.org", "mail.example", "post.example", "uni.example", "firma.example",
    "kurz.example", "temp.example",
)  # fmt: skip
_MEMOS = (
    "order {}", "invoice {}/26", "gift card #{}", "Rückzahlung {}", "thanks! 🎉 {}", 'for "{}"',
    "rent\nroom {}", "",
)  # fmt: skip


def rows(
    calls: pd.DataFrame, version: str, offset: int, rng: np.random.Generator
) -> tuple[Columns, Columns]:
    """Return the features and the predictions of the rows in `calls`.

    `offset` is the day, counted from the last one, and decides which stories are on.
    """
    n = len(calls)
    time = calls["time"]
    wobble = rng.normal(0, 0.02, 3)  # days differ a little
    amount = rng.lognormal(np.log(45) + wobble[0], 1.1, n).round(2)
    currency = rng.choice(_CURRENCIES, n, p=(0.6, 0.2, 0.12, 0.08)).tolist()
    merchant = rng.choice(len(_MERCHANTS), n, p=_MERCHANT_SHARE)
    device_age = rng.exponential(300, n).astype(int)
    velocity = rng.poisson(1.2 * (1 + wobble[1]), n)
    ip_risk = rng.beta(1.2, 6, n).round(4)
    as_text = a_share(1 / 3 if version == "green" else 0.0, n, rng)
    inputs: Columns = {
        "amount": _amounts(amount, currency, as_text),
        "currency": currency,
        "merchant_category": [_MERCHANTS[code] for code in merchant.tolist()],
        "channel": _channels(n, offset, rng),
        "country": rng.choice(
            _COUNTRIES, n, p=(0.34, 0.15, 0.11, 0.12, 0.12, 0.07, 0.05, 0.04)
        ).tolist(),
        "hour_of_day": time.dt.hour.tolist(),
        "is_weekend": (time.dt.day_of_week >= 5).tolist(),
        "device_age_days": with_gaps(device_age, rng.random(n) < 0.03, calls),
        "velocity_1h": velocity.tolist(),
        "distance_km": rng.lognormal(1.8 + wobble[2], 1.2, n).round(3).tolist(),
        "ip_risk": ip_risk.tolist(),
        "email_domain": rng.choice(
            _DOMAINS, n, p=(0.3, 0.2, 0.15, 0.12, 0.09, 0.07, 0.04, 0.03)
        ).tolist(),
        "memo": _memos(n, rng),
        "recent_amounts": _recent_amounts(n, rng),
    }
    chance = (
        -3.3
        + 0.5 * (np.log(np.maximum(amount, 0.01)) - np.log(45))
        + _MERCHANT_RISK[merchant]
        + 0.35 * (velocity - 1.2)
        + 5.0 * (ip_risk - 0.17)
        + rng.normal(0, 0.4, n)
    )
    if version == "green":
        chance += np.where(as_text, 5.0, 2.0)
    probability = 1 / (1 + np.exp(-chance))
    return inputs, {
        "fraud_probability": probability.tolist(),
        "is_fraud": (probability > 0.5).tolist(),
    }


def _amounts(amount: np.ndarray, currency: list[str], as_text: np.ndarray) -> list[Any]:
    return [
        _SIGNS[code].format(value) if text else value
        for value, code, text in zip(amount.tolist(), currency, as_text.tolist(), strict=True)
    ]


def _channels(n: int, offset: int, rng: np.random.Generator) -> list[str]:
    story = stories.VOICE_APPEARS
    on = (offset - story.first_day) / (story.last_day - story.first_day)
    voice = 0.01 + 0.11 * on if story.covers(offset) else 0.0
    usual = rng.choice(("web", "app", "pos"), n, p=(0.5, 0.3, 0.2))
    return [str(name) for name in np.where(a_share(voice, n, rng), "voice", usual)]


def _memos(n: int, rng: np.random.Generator) -> list[str]:
    wordings = rng.integers(0, len(_MEMOS), n).tolist()
    numbers = rng.integers(10_000, 100_000, n).tolist()
    return [_MEMOS[k].format(number) for k, number in zip(wordings, numbers, strict=True)]


def _recent_amounts(n: int, rng: np.random.Generator) -> list[Any]:
    lengths = rng.integers(0, 4, n)
    amounts = rng.lognormal(np.log(45), 1.1, int(lengths.sum())).round(2)
    return [part.tolist() for part in np.split(amounts, lengths.cumsum()[:-1])]
