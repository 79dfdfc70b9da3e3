"""The colours of .streamlit/config.toml: how many, and whether they can be told from the paper."""

import tomllib
from pathlib import Path

import pytest

CONFIG = tomllib.loads((Path(__file__).parents[1] / ".streamlit/config.toml").read_text("utf-8"))
TEXT = 4.5  # WCAG 2.2, 1.4.3: text to what lies behind it
MARK = 3.0  # WCAG 2.2, 1.4.11: what a chart draws to what lies behind it
BOTH = pytest.mark.parametrize("scheme", ["light", "dark"])


def luminance(colour):
    """Return WCAG's relative luminance of "#rrggbb"."""
    shares = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    """Return WCAG's contrast ratio of two colours, from 1 to 21."""
    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


def papers(scheme):
    """Return the colours that text stands on."""
    theme = CONFIG["theme"][scheme]
    return [
        part[key]
        for part in (theme, theme["sidebar"])
        for key in ("backgroundColor", "secondaryBackgroundColor")
    ]


def test_contrast_is_known_at_its_ends():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#777777") == 1
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@BOTH
def test_text_can_be_read(scheme):
    theme = CONFIG["theme"][scheme]
    for key in ("textColor", "linkColor", "codeTextColor"):
        assert min(contrast(theme[key], paper) for paper in papers(scheme)) >= TEXT, key


@BOTH
def test_what_is_chosen_can_be_read(scheme):
    theme = CONFIG["theme"][scheme]
    for part in (theme, theme["sidebar"]):
        assert contrast(theme["primaryColor"], part["backgroundColor"]) >= TEXT


@BOTH
def test_charts_have_ten_colours_or_more_that_can_be_seen(scheme):
    theme = CONFIG["theme"][scheme]
    colours = theme["chartCategoricalColors"]
    assert len(set(colours)) == len(colours) >= 10
    assert min(contrast(colour, theme["backgroundColor"]) for colour in colours) >= MARK


@BOTH
@pytest.mark.parametrize("scale", ["chartSequentialColors", "chartDivergingColors"])
def test_scales_have_exactly_ten_colours(scheme, scale):
    assert len(set(CONFIG["theme"][scheme][scale])) == 10


def test_nothing_is_told_to_others():
    assert CONFIG["browser"]["gatherUsageStats"] is False
    assert CONFIG["client"]["showErrorDetails"] == "type"
    assert CONFIG["client"]["showErrorLinks"] is False
