"""The command line: options, the configuration file, exit codes, and what is printed."""

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from lib import demo
from lib.check import Reference, options, places
from lib.check.__main__ import main
from lib.errors import DriftlineError
from lib.window import Window

UNTIL = date(2026, 11, 20)
TODAY = {"DRIFTLINE_TODAY": "2026-11-20", "DRIFTLINE_PROFILES_FOLDER": "off"}
INCOME = ("--service", "credit-risk-svc", "--version", "4", "--identifier", "inputs")
EARLIER = ("--window=7", "--reference=2026-11-02..2026-11-06")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("account")
    demo.write(path, UNTIL, days=20)
    return str(path)


def read(*arguments, **environ):
    return options.read(arguments, TODAY | environ)


def only(*arguments):
    [question] = read(*arguments).questions
    return question


# Options.


def test_without_options_it_is_the_fortnight_up_to_yesterday_beside_the_one_before():
    question = only()
    assert question.window == Window(date(2026, 11, 6), date(2026, 11, 19))
    assert question.reference == Reference()
    assert question.fail_on == "drift"
    assert (question.service, question.identifier) == ("*", "*")


def test_options_say_when_what_and_how_strictly():
    question = only(
        *("--window", "7", "--until", "2026-11-10", "--reference", "same-weekdays"),
        *("--service", "credit*", "--ignore", "a", "--ignore", "b*", "--kinds", "x=y=text"),
        *("--watch", "0.02", "--drift", "0.3", "--strong", "0.5", "--q", "0.05"),
        *("--fewest", "10", "--fail-on", "strong", "--require-data"),
    )
    assert question.window == Window(date(2026, 11, 4), date(2026, 11, 10))
    assert question.reference.kind == "same-weekdays"
    assert question.service == "credit*"
    assert question.ignore == ("a", "b*")
    assert question.kinds == (("x=y", "text"),)
    levels = question.thresholds
    assert (levels.watch, levels.drift, levels.strong, levels.q) == (0.02, 0.3, 0.5, 0.05)
    assert (levels.fewest, question.fail_on, question.require_data) == (10, "strong", True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--windw", "7"], "Unrecognized arguments: --windw 7"),
        (["--wind", "7"], "Unrecognized arguments"),
        (["--window", "soon"], "'soon' is neither a number of days"),
        (["--until", "today"], "'today' is no date such as 2026-11-24"),
        (["--reference", "week"], "'week' is none of previous, same-weekdays"),
        (["--kinds", "income=money"], "'income=money' is not FEATURE= and one of numeric"),
        (["--watch", "0.5"], "thresholds do not go together"),
        (["--fewest", "0"], "thresholds do not go together"),
        (["--fail-on", "panic"], "invalid choice: 'panic'"),
        (["--window", "2026-11-01..2026-11-02", "--until", "2026-11-03"], "--until says nothing"),
        (["--importance", "missing.csv"], "'missing.csv' could not be read"),
        (["--importance", __file__], "test_check_main.py"),
        (["--config", "missing.toml"], "'missing.toml' could not be read"),
    ],
)
def test_a_wrong_option_is_named_and_ends_with_2(arguments, said, capsys):
    assert main(arguments, TODAY) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert said in printed.err
    assert len(printed.err.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["--webhook", "http://example.com/services/T0/s3cr3t"],
        ["--webhook", "https://name:s3cr3t@example.com/"],
        ["--webhook", "https://example.com/ s3cr3t"],
        ["--webhok", "https://example.com/s3cr3t"],
    ],
)
def test_a_wrong_webhook_is_not_repeated(arguments, capsys):
    assert main(arguments, TODAY) == 2
    assert "s3cr3t" not in capsys.readouterr().err


def test_the_webhook_comes_from_the_environment_too_and_is_never_shown():
    orders = read(DRIFTLINE_WEBHOOK="https://example.com/s3cr3t")
    assert orders.webhook == "https://example.com/s3cr3t"
    assert "s3cr3t" not in repr(orders)
    given = read("--webhook", "https://example.org/x", DRIFTLINE_WEBHOOK="https://example.com/y")
    assert given.webhook == "https://example.org/x"


def test_help_has_examples_and_the_exit_codes(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--help"], {})
    assert ended.value.code == 0
    printed = capsys.readouterr().out
    for text in (
        "--reference file:training.parquet",
        "[[check]]",
        "exit code",
        "DRIFTLINE_WEBHOOK",
    ):
        assert text in printed


# The configuration file.


@pytest.fixture
def configured(tmp_path):
    def parse(text, *arguments):
        path = tmp_path / "checks.toml"
        path.write_text(text)
        return read("--config", str(path), *arguments)

    return parse


CHECKS = """
window = 7
fail_on = "watch"
webhook-format = "teams"
quiet = true
require-data = true
fewest = 50
[[check]]
service = "credit-risk-svc"
ignore = ["a", "b"]
kinds = { postcode = "categorical", "a=b" = "text" }
drift = 0.15
[[check]]
service = "churn-svc"
window = "2026-11-01..2026-11-03"
"""


def test_a_file_has_several_checks_and_what_they_share(configured):
    orders = configured(CHECKS)
    first, second = orders.questions
    assert (orders.webhook_form, orders.quiet, orders.always) == ("teams", True, False)
    assert [q.service for q in orders.questions] == ["credit-risk-svc", "churn-svc"]
    assert [q.fail_on for q in orders.questions] == ["watch", "watch"]
    assert [q.require_data for q in orders.questions] == [True, True]
    assert first.ignore == ("a", "b")
    assert first.kinds == (("postcode", "categorical"), ("a=b", "text"))
    assert (first.thresholds.drift, second.thresholds.drift) == (0.15, 0.1)
    assert (first.thresholds.fewest, second.thresholds.fewest) == (50, 50)
    assert (len(first.window), first.window.last) == (7, date(2026, 11, 19))
    assert second.window == Window(date(2026, 11, 1), date(2026, 11, 3))


def test_the_command_line_goes_before_the_file(configured):
    text = 'window = 7\nfail-on = "watch"\n[[check]]\nignore = ["a"]\nfail-on = "strong"\n'
    orders = configured(text, "--window", "3", "--ignore", "z", "--fail-on", "drift")
    [question] = orders.questions
    assert (len(question.window), question.ignore) == (3, ("z",))
    assert question.fail_on == "drift"


def test_a_file_without_checks_is_one(configured):
    [question] = configured("until = 2026-11-10\nwindow = 7\n").questions
    assert question.window.last == date(2026, 11, 10)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("windw = 7", "'windw' is not an option. Did you mean window?"),
        ("[[check]]\n[[check]]\nquit = 1", "check 2: 'quit' is not an option"),
        ("[[check]]\nformat = 'json'", "check 1: format is for all checks"),
        ("check = 3", "check is no list of tables"),
        ("check = [3]", "check 1 is no table"),
        ("quiet = 'yes'", "quiet has a value"),
        ("window = true", "window is true or false"),
        ("window = 'soon'", "'soon' is neither a number of days"),
        ("config = 'other.toml'", "'config' is not an option"),
        ("help = true", "'help' is not an option"),
        ("window = ", "is not valid TOML"),
        (f"window = {'[' * 500}", "is not valid TOML"),
    ],
)
def test_a_mistake_in_the_file_is_named_with_its_place(configured, text, said):
    with pytest.raises(DriftlineError) as caught:
        configured(text)
    assert said in str(caught.value)
    assert "checks.toml" in str(caught.value)


# Where the data lie.


def test_settings_are_those_of_the_app(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for place, name in ((Path("home/.streamlit"), "mine"), (Path(".streamlit"), "ours")):
        place.mkdir(parents=True)
        (place / "secrets.toml").write_text(f'[sources.{name}]\nfolder = "/data"\n')
    with places.opened(None, None, False, {"DRIFTLINE_FOLDER": "/more"}) as told:
        assert [source.name for source in told.sources] == ["ours", "default"]
    (tmp_path / "other.toml").write_text('[sources.third]\nfolder = "/data"\n')
    with places.opened(Path("other.toml"), None, False, {}) as told:
        assert [source.name for source in told.sources] == ["third"]


def test_without_any_source_it_says_where_to_name_one(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert main([], TODAY) == 2
    assert "There is no source to read from" in capsys.readouterr().err


def test_a_broken_secrets_file_is_not_repeated(tmp_path, capsys):
    path = tmp_path / "secrets.toml"
    path.write_text('[sources.a]\nsas_token = "s3cr3t\n')
    assert main(["--settings", str(path)], TODAY) == 2
    printed = capsys.readouterr().err
    assert "is not valid TOML" in printed
    assert "s3cr3t" not in printed


def test_a_folder_that_is_none_is_named(capsys):
    assert main(["--folder", "nowhere"], TODAY) == 2
    assert "'nowhere' is not a folder" in capsys.readouterr().err


# What is printed and how it ends.


def test_drift_ends_with_1_and_is_shown(folder, capsys):
    assert main(["--folder", folder, *INCOME, *EARLIER], TODAY) == 1
    printed = capsys.readouterr()
    assert printed.err == ""
    first, *rest = printed.out.splitlines()
    assert first == "STRONG  contoso-ml / credit-risk-svc / credit_risk 4 / inputs"
    assert any(line.split()[:3] == ["strong", "income", "numeric"] for line in rest)
    assert rest[-1] == "Drift in 1 of 1 data set."


def test_nothing_found_ends_with_0(folder, capsys):
    arguments = ["--folder", folder, *INCOME, *EARLIER, "--ignore", "income"]
    assert main(arguments, TODAY) == 0
    assert capsys.readouterr().out.endswith("Nothing at or above “drift” in 1 data set.\n")


def test_nothing_to_compare_ends_with_2(folder, capsys):
    assert main(["--folder", folder, "--window", "2025-01-01..2025-01-02"], TODAY) == 2
    assert "Nothing could be checked" in capsys.readouterr().out
    assert main(["--folder", folder, "--service", "nobody"], TODAY) == 2
    assert "--service nobody" in capsys.readouterr().err


def test_json_has_the_schema(folder, capsys):
    assert main(["--folder", folder, *INCOME, *EARLIER, "--format", "json"], TODAY) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["schema"], told["result"], told["exit_code"]) == (1, "found", 1)
    assert told["summary"]["checks"] == told["summary"]["found"] == 1
    [check] = told["checks"]
    assert check["scope"]["version"] == "4"
    assert check["found"] == ["income"]
    assert check["window"]["windows"] == [{"first": "2026-11-13", "last": "2026-11-19"}]
    assert check["reference"]["kind"] == "days"
    assert check["features"][0]["feature"] == "income"
    assert check["features"][0]["verdict"] == "strong"
    assert check["features"][0]["importance"] is None
    assert sum(check["summary"].values()) == len(check["features"])
    assert {"feature", "code", "before", "now", "text"} == set(check["signals"][0])


def test_a_file_gets_the_answer_instead_of_the_terminal(folder, tmp_path, capsys):
    path = tmp_path / "drift.md"
    arguments = ["--folder", folder, *INCOME, *EARLIER, "--output", str(path)]
    assert main([*arguments, "--format", "markdown"], TODAY) == 1
    assert capsys.readouterr().out == ""
    assert path.read_text().startswith("## Driftline\n\nDrift in 1 of 1 data set.")
    assert "| strong | `income` | numeric |" in path.read_text()
    arguments[-1] = str(tmp_path / "no" / "drift.md")
    assert main(arguments, TODAY) == 2
    assert "could not be written" in capsys.readouterr().err


def test_quiet_prints_nothing(folder, capsys):
    assert main(["--folder", folder, *INCOME, *EARLIER, "--quiet"], TODAY) == 1
    assert capsys.readouterr() == ("", "")


def test_one_check_that_fails_does_not_hide_the_others(folder, tmp_path, capsys):
    path = tmp_path / "checks.toml"
    path.write_text(
        'identifier = "inputs"\nwindow = 7\nreference = "2026-11-02..2026-11-06"\n'
        '[[check]]\nservice = "credit-risk-svc"\n[[check]]\nservice = "nobody"\n'
    )
    assert main(["--folder", folder, "--config", str(path)], TODAY) == 2
    printed = capsys.readouterr()
    assert "income" in printed.out
    assert "--service nobody" in printed.err


def test_the_demo_is_written_for_the_check_and_gone_afterwards(monkeypatch):
    write = demo.write
    monkeypatch.setattr(demo, "write", lambda folder, until: write(folder, until, days=2))
    with places.opened(None, None, False, TODAY | {"DRIFTLINE_DEMO": "1"}) as told:
        [source] = told.sources
        assert source.demo
        assert list(Path(source.folder).rglob("2026/11/20"))
    assert not Path(source.folder).exists()


def test_as_a_program_it_finds_drift_and_ends_with_1(folder, tmp_path):
    ended = _run("--folder", folder, *INCOME, *EARLIER, cwd=tmp_path)
    assert (ended.returncode, ended.stderr) == (1, "")
    assert "income" in ended.stdout


def test_as_a_program_it_refuses_what_it_does_not_know_with_2(tmp_path):
    ended = _run("--nonsense", cwd=tmp_path)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("driftline: Unrecognized arguments: --nonsense.")


def test_as_a_program_that_crashes_it_does_not_end_as_if_there_were_drift(tmp_path):
    (tmp_path / "sitecustomize.py").write_text(
        "import lib.check.options\nlib.check.options.read = 0"
    )
    ended = _run("--demo", cwd=tmp_path)
    assert "TypeError" in ended.stderr
    assert ended.returncode == 2


def test_who_reads_only_the_beginning_gets_the_same_exit_code(folder, tmp_path):
    reading, writing = os.pipe()
    os.close(reading)
    ended = _run("--folder", folder, *INCOME, *EARLIER, cwd=tmp_path, stdout=writing)
    os.close(writing)
    assert (ended.returncode, ended.stderr) == (1, "")


def _run(*arguments, cwd, stdout=subprocess.PIPE):
    path = os.pathsep.join([str(cwd), str(Path(__file__).parents[1])])
    environ = os.environ | TODAY | {"PYTHONPATH": path}
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "lib.check", *arguments],
        cwd=cwd,
        env=environ | {"HOME": str(cwd), "PYTHONIOENCODING": "utf-8"},
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
