"""The pages about drift and telemetry in light and dark, wide and narrow, as `test_looks`."""

import browser
import pytest

VIEWS = {
    "requests": "/requests?service=fraud-scoring&whose=Whole+service&window=7+days",
    "requests-week": "/requests?service=credit-risk-svc&details=Week&window=7+days",
    "failures": "/failures?service=fraud-scoring&version=green&window=14+days",
    "failures-all": "/failures?whose=All+services&window=7+days&objective=99+%25&good_ms=200",
    "drift": "/drift?service=credit-risk-svc",
    "drift-one": "/drift?service=credit-risk-svc&show=One+feature&feature=income&split=region",
    "drift-together": "/drift?service=credit-risk-svc&show=All+together",
    "drift-azure": "/drift?service=credit-risk-svc&show=As+Azure+ML",
}


@pytest.mark.parametrize("view", VIEWS)
def test_a_page_is_whole_and_open_to_everybody(app, open_page, view):
    browser.look_at(app, open_page, view, VIEWS[view])
