"""The rules of the house: who may import whom, how long a file gets, what README has to name."""

import ast
import re
import subprocess
import sys
from dataclasses import fields
from functools import cache
from pathlib import Path

import pytest

from lib import settings
from lib.settings import checks

ROOT = Path(__file__).parents[1]
TOP_LEVEL = {
    *(".ci", ".gitignore", ".streamlit", "LICENSE", "Makefile", "README.md", "app.py"),
    *("lib", "pages", "pyproject.toml", "requirements.txt", "tests"),
}

# Each room of lib, the rooms that it may know, and what it may import beside the standard library.
ROOMS = {
    "errors": ("", ""),
    "window": ("errors", ""),
    "settings": ("errors", ""),
    "blobs": ("errors settings", "azure"),
    "catalog": ("errors blobs", ""),  # of blobs the types only, see the pure rooms below
    "collected": ("errors", "numpy pandas pyarrow"),
    "profile": ("errors collected", "numpy pandas pyarrow"),
    "store": ("errors window blobs catalog collected profile", "numpy pandas pyarrow"),
    "drift": ("errors window profile", "numpy pandas pyarrow scipy sklearn threadpoolctl"),
    "logs": ("errors settings blobs", "azure duckdb duckdb_kql numpy pandas pyarrow"),
    "telemetry": ("errors window settings logs", "numpy pandas py_mini_racer"),
    "summary": ("errors window catalog collected profile store drift", "numpy pandas"),
    "charts": ("", "numpy pandas plotly"),
    "export": ("profile", "pandas"),
    "demo": ("errors", "numpy pandas"),
    "check": (
        "errors window settings blobs catalog collected profile store drift summary export demo",
        "numpy pandas",
    ),
    "ui": (
        "errors window settings blobs catalog collected profile store drift logs telemetry summary "
        "charts export demo",
        "numpy pandas plotly streamlit",
    ),
}
REACHES_OUT = {"blobs", "store", "logs", "telemetry", "summary", "check", "ui"}
PURE = [room for room in ROOMS if room not in REACHES_OUT]
TESTED_AS = {"ui": "pages"}  # what a room's tests are called, where not by its name

LIB = sorted((ROOT / "lib").rglob("*.py"))
BOUNDARY = ROOT / "lib/ui/boundary.py"  # where whatever nobody foresaw ends
PAGES = sorted((ROOT / "pages").glob("*.py"))
CODE = [ROOT / "app.py", *PAGES, *LIB]
EMPTY_NAMES = {"util", "helper", "common", "manager", "registry", "misc", "core", "base"}
LINES = {"lib": 300, "pages": 90, "app.py": 60}


def name(path):
    return str(path.relative_to(ROOT))


def each(paths):
    return pytest.mark.parametrize("path", list(paths), ids=name)


@cache
def tree(path):
    return ast.parse(path.read_text("utf-8"), name(path))


def room(path):
    """Return the room that a file of lib is in; lib/__init__.py is in none."""
    return path.relative_to(ROOT / "lib").parts[0].removesuffix(".py")


def imports(path):
    """Return the dotted names that a file imports, wherever in it."""
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: import by the full name"
            # `from lib import drift` names a room as `import lib.drift` does.
            packages = ("lib", "pages", "lib.ui")
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= inner if node.module in packages else {node.module}
    return found


def foreign(path):
    """Return the packages that a file imports and that are not Python's own."""
    tops = {dotted.split(".")[0] for dotted in imports(path)}
    return tops - sys.stdlib_module_names - {"lib"}


def tracked():
    """Return the files that are, or would be, in the repository."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return sorted(path for path in map(ROOT.joinpath, listed.split("\0")) if path.is_file())


def names_it(text, word):
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE) is not None


@pytest.fixture(scope="module")
def readme():
    return (ROOT / "README.md").read_text("utf-8")


# Where things are.


def test_the_top_level_holds_what_it_should_and_nothing_else():
    assert {path.relative_to(ROOT).parts[0] for path in tracked()} == TOP_LEVEL


def test_the_rooms_are_those_of_the_table():
    assert {room(path) for path in LIB} - {"__init__"} == set(ROOMS)


@each(CODE)
def test_a_file_has_one_purpose(path):
    assert len(path.read_text("utf-8").splitlines()) <= LINES[path.relative_to(ROOT).parts[0]]


@each(CODE)
def test_a_name_says_what_is_inside(path):
    words = {word for part in path.relative_to(ROOT).parts for word in re.split(r"[_.]", part)}
    singular = {re.sub("(ie)?s$", lambda end: "y" if end[1] else "", word) for word in words}
    assert not singular & EMPTY_NAMES


@pytest.mark.parametrize("room_name", ROOMS)
def test_a_room_has_its_tests(room_name):
    assert list((ROOT / "tests").glob(f"test_{TESTED_AS.get(room_name, room_name)}*.py"))


# Who may import whom.


def test_rooms_know_only_what_stands_before_them():
    before = set()
    for room_name, (known, _) in ROOMS.items():
        assert set(known.split()) <= before, room_name
        before.add(room_name)


@each(path for path in LIB if room(path) in ROOMS)
def test_a_room_imports_what_it_may(path):
    known, packages = ROOMS[room(path)]
    rooms = {dotted.split(".")[1] for dotted in imports(path) if dotted.startswith("lib.")}
    assert rooms - {room(path)} <= set(known.split())
    assert foreign(path) <= set(packages.split())


@each([ROOT / "app.py", *PAGES])
def test_a_page_leaves_azure_to_lib(path):
    assert "azure" not in foreign(path)


@each([*CODE, *sorted((ROOT / "tests").rglob("*.py"))])
def test_nothing_imports_a_page_or_the_app(path):
    assert not {dotted.split(".")[0] for dotted in imports(path)} & {"pages", "app"}


def test_pure_rooms_bring_neither_streamlit_nor_azure():
    """Not by another room's imports either; those that only a type checker follows do not count."""
    code = """
import importlib, sys
for room in sys.argv[1:]:
    importlib.import_module(f"lib.{room}")
    print(room, *{"streamlit", "azure"} & sys.modules.keys())
"""
    command = [sys.executable, "-c", code, *PURE]
    result = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    assert result.stdout.split() == PURE


# How pages begin, and what no file does.


@each(PAGES)
def test_a_page_starts_with_ui_start(path):
    """Anything before it would run without the frame that app.py gives, on a deep link."""
    statements = [
        node
        for node in tree(path).body
        if not isinstance(node, ast.Import | ast.ImportFrom)
        and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
    ]
    first = statements[0]
    assert isinstance(first, ast.Expr | ast.Assign)
    assert isinstance(first.value, ast.Call)
    assert ast.unparse(first.value.func) == "ui.start"


@each(path for path in CODE if path != BOUNDARY)
def test_errors_are_caught_by_name(path):
    for node in ast.walk(tree(path)):
        caught = []
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None, f"line {node.lineno} catches everything"
            caught = [node.type]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("suppress"):
            caught = node.args
        names = {ast.unparse(part) for kind in caught for part in ast.walk(kind)}
        assert not names & {"Exception", "BaseException"}, f"line {node.lineno}"


@each(CODE)
def test_no_page_is_given_html(path):
    """What blobs hold is untrusted text, and Streamlit shows text as text unless told otherwise."""
    for node in ast.walk(tree(path)):
        assert not (isinstance(node, ast.keyword) and node.arg == "unsafe_allow_html"), node.lineno
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            assert called not in {"st.html", "st.components.v1.html", "components.html"}


@each(LIB)
def test_public_functions_say_what_they_do_and_take(path):
    for function, within in functions(tree(path)):
        where = f"{within}{function.name}, line {function.lineno}"
        assert ast.get_docstring(function), where
        assert function.returns, where
        arguments = function.args
        listed = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        listed += filter(None, [arguments.vararg, arguments.kwarg])
        unnamed = {argument.arg for argument in listed if not argument.annotation}
        assert unnamed <= {"self", "cls"}, where


def functions(node, within=""):
    """Yield the public functions of a module, and the public methods of its public classes."""
    for part in node.body:
        if isinstance(part, ast.FunctionDef) and not part.name.startswith("_"):
            yield part, within
        elif isinstance(part, ast.ClassDef) and not part.name.startswith("_"):
            yield from functions(part, f"{part.name}.")


def test_files_speak_of_no_ones_machine_and_nothing_unfinished():
    told = re.compile(r"(?<![\w.])/(?:root|home|work|Users)/|\b(?:TO[D]O|FIX[M]E|X{3})\b")
    samples = ROOT / "tests" / "samples"
    for path in tracked():
        if path.suffix != ".png" and samples not in path.parents:
            assert not told.search(path.read_text("utf-8")), name(path)


# What README names.


@each(PAGES)
def test_readme_names_the_page(readme, path):
    assert names_it(readme, path.stem.replace("_", " "))


def test_readme_names_every_word_of_the_makefile(readme):
    makefile = (ROOT / "Makefile").read_text("utf-8")
    words = re.findall(r"^(\w+):.*## ", makefile, re.MULTILINE)
    assert words
    assert [word for word in words if not names_it(readme, f"make {word}")] == []


def test_readme_names_every_setting(readme):
    limits = [limit.name for limit in fields(settings.Limits)]
    keys = [*checks.FIELDS, *limits, *(f"DRIFTLINE_{limit.upper()}" for limit in limits)]
    keys += [*settings.profiles.FIELDS, *settings.telemetry.FIELDS]
    assert [key for key in keys if not names_it(readme, key)] == []


def test_readme_names_every_variable(readme):
    texts = {
        node.value
        for path in CODE
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    variables = sorted(text for text in texts if re.fullmatch("DRIFTLINE_[A-Z_]+", text))
    assert "DRIFTLINE_FOLDER" in variables
    assert [variable for variable in variables if not names_it(readme, variable)] == []


def test_readme_points_at_files_that_exist(readme):
    links = re.findall(r"\]\(([^)#\s]+)", readme) + re.findall(r'(?:src|srcset)="([^"]+)"', readme)
    local = [link for link in links if "://" not in link]
    assert [link for link in local if not (ROOT / link).exists()] == []
