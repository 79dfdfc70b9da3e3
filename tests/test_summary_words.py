"""Numbers and names as people read them, and names that try to be Markdown."""

import math
import re
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.errors import NotFound
from lib.summary import words
from lib.window import Window

NASTY = st.text(alphabet="`\\*_[]()<>#$~:|!-=& \n\u202e\u200bab1/@.éw", max_size=30)

MEANT = [":material/a:", ":material_a:", ":streamlit:", "http://x", "www.x.y", "a@b.c", ":red[a]"]
MEANT += [" -> ", " <- ", " <-> ", " -- ", " >= ", " <= ", " ~= ", "`", "\\"]

# What Streamlit 1.67 replaces in the text that Markdown leaves, escaped or not (seen by trying).
REPLACED = re.compile(
    r":material[_/]\w+:|:streamlit:|https?://|www\.|[-.\w+]@[-\w]+(\.[-\w]+)+"
    r"|(^|\s)(<->|->|<-|--|>=|<=|~=)(\s|$)"
)


def seen(text: str) -> str:
    """Return a text as a page shows it: white space runs together, some characters do not show."""
    return " ".join(re.sub("[\u202e\u200b]", " ", text).replace("\u2060", "").split()) or "(empty)"


def code_span(markdown: str) -> str:
    """Return what a code span holds, by section 6.1 of CommonMark 0.31.2."""
    ticks = re.match("`+", markdown)[0]
    rest = markdown[len(ticks) :]
    ends = [run for run in re.finditer("`+", rest) if len(run[0]) == len(ticks)]
    assert ends[0].end() == len(rest), "something follows the span"
    inside = rest[: ends[0].start()]
    if inside.strip() and inside[0] == inside[-1] == " ":
        return inside[1:-1]
    return inside


def unescaped(markdown: str) -> str:
    """Return the text of Markdown in which every sign that means something is escaped."""
    assert not re.search(r"(?<!\\)[`*_\[\]<>#$~:|!&]", re.sub(r"\\\\", "", markdown))
    return re.sub(r"\\(.)", r"\1", markdown)


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("age", "`age`"),
        ("a`b", "`` a`b ``"),
        ("`a`", "`` `a` ``"),
        ("``", "``` `` ```"),
        ("one\r\n two", "`one two`"),
        ("**bold** [x](y) $a$ :red[b]", "`**bold** [x](y) $a$ :red[b]`"),
        ("", "`(empty)`"),
        (" \n", "`(empty)`"),
        ("a\u202eb", "`a b`"),
        (":material/home:", "`:\u2060material/home:`"),
    ],
)
def test_code_is_one_span_of_code(text, markdown):
    assert words.code(text) == markdown


@settings(deadline=None, max_examples=300)
@given(NASTY)
def test_code_holds_the_text_and_nothing_follows_it(text):
    assert seen(code_span(words.code(text))) == seen(text)


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("age in years", "age in years"),
        ("a_b", r"a\_b"),
        ("a`b*c", r"a\`b\*c"),
        ("$5 and $6", r"\$5 and \$6"),
        (":red[x]", r"\:red\[x\]"),
        ("<b>&amp;", r"\<b\>\&amp;"),
        ("a\\", "a\\\\"),
        ("# one\n- two", r"\# one \- two"),
        (" a ", "a"),
        ("", r"\(empty\)"),
        (":material/home:", "\\:\u2060material/home\\:"),
        (":streamlit:", "\\:\u2060streamlit\\:"),
        ("https://a.b", "https\\:\u2060//a\\.b"),
        ("www.a.b", "www\u2060\\.a\\.b"),
        ("me@a.b", "me@\u2060a\\.b"),
        ("a -> b", "a \\-\u2060\\> b"),
    ],
)
def test_plain_text_means_nothing_in_markdown(text, markdown):
    assert words.plain(text) == markdown


@settings(deadline=None, max_examples=300)
@given(
    st.one_of(
        NASTY,
        st.lists(st.sampled_from(MEANT)).map("".join),
    )
)
def test_plain_text_is_shown_as_it_is_and_nothing_in_it_is_replaced(text):
    shown = unescaped(words.plain(text))
    assert seen(shown) == seen(text)
    assert not REPLACED.search(shown)


def test_several_names_the_first_and_counts_the_rest():
    assert words.several([]) == ""
    assert words.several(["a"]) == "a"
    assert words.several(["a", "b"]) == "a and b"
    assert words.several(["a", "b", "c"]) == "a, b and c"
    assert words.several(list("abcdefg")) == "a, b, c and 4 more"
    assert words.several(list("abc"), most=1) == "a and 2 more"


def test_a_title_has_a_capital_and_no_underscores():
    assert words.title("missing_share") == "Missing share"
    assert words.title("p05") == "P05"


def test_one_thing_is_singular():
    assert [words.count(n, "day") for n in (0, 1, 2, 2400)] == [
        "0 days",
        "1 day",
        "2 days",
        "2,400 days",
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-0.0, "0"),
        (3, "3"),
        (0.0123412, "0.01234"),
        (0.1 + 0.2, "0.3"),
        (999.94, "999.9"),
        (999.96, "1,000"),
        (-1234.4, "-1,234"),
        (1240, "1,240"),
        (999_999_999, "999,999,999"),
        (1e9, "1e+09"),
        (-1.2e12, "-1.2e+12"),
        (0.0001, "0.0001"),
        (0.00001234, "1.23e-05"),
        (5e-324, "4.94e-324"),
        (math.nan, "–"),
        (math.inf, "inf"),
        (-math.inf, "-inf"),
    ],
)
def test_numbers_have_the_digits_that_matter(value, text):
    assert words.number(value) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0 %"),
        (1e-9, "< 0.1 %"),
        (0.00099, "< 0.1 %"),
        (0.001, "0.1 %"),
        (0.05, "5 %"),
        (0.12345, "12.3 %"),
        (0.999, "99.9 %"),
        (0.9991, "> 99.9 %"),
        (1, "100 %"),
        (math.nan, "–"),
    ],
)
def test_a_share_that_is_not_nothing_or_all_does_not_look_so(share, text):
    assert words.percent(share) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (1023, "1,023 bytes"),
        (1024, "1.0 kB"),
        (1536, "1.5 kB"),
        (2**20 - 1, "1.0 MB"),
        (35.2 * 2**20, "35.2 MB"),
        (2**30, "1.0 GB"),
        (2**40 - 1, "1.0 TB"),
        (5000 * 2**40, "5,000.0 TB"),
    ],
)
def test_sizes_are_powers_of_1024(amount, text):
    assert words.size(amount) == text


def test_days_that_follow_one_another_are_one_run():
    days = [date(2026, 3, n) for n in (5, 1, 2, 3, 9, 2)] + [date(2026, 2, 28)]
    assert words.runs(days) == [
        Window(date(2026, 2, 28), date(2026, 3, 3)),
        Window(date(2026, 3, 5), date(2026, 3, 5)),
        Window(date(2026, 3, 9), date(2026, 3, 9)),
    ]
    assert words.runs([]) == []


def test_what_an_error_names_means_nothing_in_markdown_and_its_next_step_does():
    problem = NotFound("There is no ![x](//evil).csv here.", "Sign in by `az login`.")
    text = words.error(problem)
    assert "![x]" not in text
    assert text.endswith(" Sign in by `az login`.")
