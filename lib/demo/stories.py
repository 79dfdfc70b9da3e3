"""What is planted in the made-up data, and when.

The writers ask these stories whether they cover a day, and tests and pages state them, so
what is told and what is in the files cannot part. Days count from the last day of the data,
which is 0: the day before it is -1.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Kind = Literal[
    "bad lines",
    "exceptions",
    "failures",
    "hidden failures",
    "late labels",
    "missing values",
    "mixed types",
    "narrow header",
    "new category",
    "new feature",
    "prediction shift",
    "rollout",
    "sampling",
    "silence",
    "slow",
    "time-outs",
    "unit change",
]


@dataclass(frozen=True)
class Story:
    """One thing that was planted.

    An empty `version` means every version of the service; an empty `feature` means the traffic
    or the files rather than one feature. `first_day` and `last_day` count from the last day of
    the data (0) and are both part of the story.
    """

    service: str
    version: str
    feature: str
    kind: Kind
    first_day: int
    last_day: int
    sentence: str

    def covers(self, offset: int) -> bool:
        """Return whether the story is on, `offset` days from the last day (0 or negative)."""
        return self.first_day <= offset <= self.last_day

    def dates(self, until: date) -> tuple[date, date]:
        """Return the first and the last date of the story in data that end on `until`."""
        return until + timedelta(days=self.first_day), until + timedelta(days=self.last_day)


CREDIT_ROLLOUT = Story(
    "credit-risk-svc", "", "", "rollout", -27, -25,
    "version 4 takes over from version 3: half the requests each from noon of the first day, "
    "all of them from noon of the last.",
)  # fmt: skip
CREDIT_NEW_FEATURE = Story(
    "credit-risk-svc", "4", "months_at_address", "new feature", -20, -20,
    "a redeploy at 14:00 adds months_at_address: until midnight the rows are one cell wider "
    "than the header of their file, from the next day on the header has it too.",
)  # fmt: skip
CREDIT_NARROW_HEADER = Story(
    "credit-risk-svc", "4", "", "narrow header", -15, -15,
    "the header of the predictions names score and label only, above rows of ten cells.",
)  # fmt: skip
INCOME_IN_CENTS = Story(
    "credit-risk-svc", "4", "income", "unit change", -11, 0,
    "income arrives in cents instead of euros, a hundred times too large.",
)  # fmt: skip
CREDIT_SCORES_FALL = Story(
    "credit-risk-svc", "4", "score", "prediction shift", -11, 0,
    "the scores fall, because every applicant looks rich; hardly a label is bad any more.",
)  # fmt: skip
SURVEY_DIES = Story(
    "churn-svc", "", "satisfaction", "missing values", -20, 0,
    "the survey behind satisfaction dies slowly: missing in 2 % of the rows before, "
    "in 35 % on the last day.",
)  # fmt: skip
CHURN_STOPS = Story(
    "churn-svc", "", "", "silence", -17, -16,
    "the service is down for two whole days: no files at all.",
)  # fmt: skip
LABELS_ARE_LATE = Story(
    "churn-svc", "", "churned", "late labels", -6, 0,
    "labels come 1 to 7 days after the prediction and are filed under its date, so the last "
    "days have few and the very last has none.",
)  # fmt: skip
VOICE_APPEARS = Story(
    "fraud-scoring", "", "channel", "new category", -9, 0,
    "channel has a value never seen before, voice, in 1 % of the rows at first and in 12 % "
    "on the last day.",
)  # fmt: skip
GREEN_GOES_LIVE = Story(
    "fraud-scoring", "green", "", "rollout", -6, 0,
    "deployment green goes live at 09:00 with 30 % of the requests; blue keeps the rest.",
)  # fmt: skip
AMOUNT_AS_TEXT = Story(
    "fraud-scoring", "green", "amount", "mixed types", -6, 0,
    "green lacks a step before the model: in a third of its rows amount is text with a "
    "currency sign.",
)  # fmt: skip
GREEN_SEES_FRAUD = Story(
    "fraud-scoring", "green", "fraud_probability", "prediction shift", -6, 0,
    "green's fraud_probability is pushed towards 1, most of all where amount is text.",
)  # fmt: skip
GREEN_FAILS = Story(
    "fraud-scoring", "green", "", "failures", -4, -4,
    "from 09:00 to 15:00 four in ten of green's requests fail: inputs without outputs.",
)  # fmt: skip
GREEN_TEARS = Story(
    "fraud-scoring", "green", "", "bad lines", -4, -4,
    "green's inputs hold two lines that are not JSON, and their last line was never finished.",
)  # fmt: skip

STORIES = (
    CREDIT_ROLLOUT,
    CREDIT_NEW_FEATURE,
    CREDIT_NARROW_HEADER,
    INCOME_IN_CENTS,
    CREDIT_SCORES_FALL,
    SURVEY_DIES,
    CHURN_STOPS,
    LABELS_ARE_LATE,
    VOICE_APPEARS,
    GREEN_GOES_LIVE,
    AMOUNT_AS_TEXT,
    GREEN_SEES_FRAUD,
    GREEN_FAILS,
    GREEN_TEARS,
)

BLUE_IS_SLOW = Story(
    "fraud-scoring", "blue", "", "slow", -13, -11,
    "answers take four times as long, probes of the container fail, and some callers are turned "
    "away with 429; a restart at the end helps.",
)  # fmt: skip
BUREAU_TIMES_OUT = Story(
    "credit-risk-svc", "", "", "time-outs", -3, -3,
    "from 10:00 to 14:00 a third of the calls to bureau.contoso.example time out after two "
    "seconds; the answers are right, and late.",
)  # fmt: skip
GREEN_RAISES = Story(
    "fraud-scoring", "green", "", "exceptions", -4, -4,
    "what makes green's requests fail from 09:00 to 15:00 is a KeyError never seen before: the "
    "feature store answers without merchant_risk.",
)  # fmt: skip
FRAUD_HIDES_FAILURES = Story(
    "fraud-scoring", "", "", "hidden failures", -44, 0,
    "inference server 1.5.1 records every request as a success of 0 ms with code 0; what "
    "happened stands in Properties.",
)  # fmt: skip
CHURN_HIDES_FAILURES = Story(
    "churn-svc", "", "", "hidden failures", -44, 0,
    "inference server 1.3.0 records requests without a name, as successes with code 0.",
)  # fmt: skip
CREDIT_IS_SAMPLED = Story(
    "credit-risk-svc", "", "", "sampling", -44, 0,
    "the SDK of its old inference server keeps one request in four: each row stands for four.",
)  # fmt: skip

TELEMETRY_STORIES = (
    BLUE_IS_SLOW,
    BUREAU_TIMES_OUT,
    GREEN_RAISES,
    FRAUD_HIDES_FAILURES,
    CHURN_HIDES_FAILURES,
    CREDIT_IS_SAMPLED,
)
"""What can be seen in telemetry only, if it is written."""
