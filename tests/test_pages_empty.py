"""Every page and view over accounts with next to nothing in them: it says so, calmly and truly."""

from datetime import timedelta

import pytest
from test_pages import TODAY, page_over

V1 = "modeldata/sub/rg/ws/svc/m/1/{identifier}/{day:%Y/%m/%d}/{identifier}.csv"
V2 = "azureml-blobstore-1/modelDataCollector/svc/1/{identifier}/{day:%Y/%m/%d}/10/a.jsonl"
TAIL = (
    "$aml_dc_correlation_id,$aml_dc_scoring_timestamp,$aml_dc_boundary,$aml_workspace,"
    "$aml_service_name,$aml_model_name,$aml_model_version,$aml_request_id"
)
EVENT = (
    '{{"specversion":"1.0","id":"{id}","time":"2026-11-19T10:00:00Z","data":{data},'
    '"correlationid":"c","xrequestid":"c","type":"azureml.inference.inputs"}}\n'
)


def csv(*rows, header="x"):
    lines = [f"{row},id-{n},2026-11-19T10:00:00.5,1440,s,svc,m,1," for n, row in enumerate(rows)]
    return "\r\n".join([f"{header},{TAIL}", *lines, ""]).encode()


def events(*data):
    return "".join(EVENT.format(id=n, data=each) for n, each in enumerate(data)).encode()


# What each file of an account holds.
CONTENTS = {
    "v1, no bytes": (V1, b""),
    "v1, a line break": (V1, b"\r\n"),
    "v1, a header only": (V1, csv()),
    "v1, garbage": (V1, bytes(range(256)) * 4),
    "v1, one row": (V1, csv("5")),
    "v1, nothing in its cells": (V1, csv("", "", "")),
    "v1, metadata only": (V1, csv("1").replace(b"x,", b"").replace(b"\n1,", b"\n")),
    "v1, one value": (V1, csv(*["7"] * 300)),
    "v1, ids": (V1, csv(*(f"{n:032x}" for n in range(300)))),
    "v1, a name of blanks": (V1, csv("1", "2", header=" ")),
    "v2, no bytes": (V2, b""),
    "v2, garbage": (V2, b"\xff\xfe{not json}\n\n[]\n5\n"),
    "v2, no rows": (V2, events("[]", "{}")),
    "v2, no columns": (V2, events("[{}]", "[{}]")),
    "v2, nothing in its cells": (V2, events('[{"x": null}]', '[{"x": null}]')),
    "v2, text": (V2, events('"a prompt"', '"another"')),
    "v2, one row": (V2, events('[{"x": 1}]')),
}
VIEWS = [
    ("overview", {}),
    ("browse", {}),
    *(("browse", {"at": at}) for at in ("workspace", "service", "version", "identifier")),
    *(("distributions", {"view": view}) for view in ("All features", "One feature", "Statistics")),
    *(
        ("drift", {"show": show})
        for show in ("All features", "One feature", "All together", "As Azure ML")
    ),
    ("requests", {}),
    ("failures", {}),
]
CALM = (
    ":material/check_circle:",
    "as it should be",
    "as in the reference",
    "No feature drifted",
    "No problems",
    "rows has a value",
)
"""What says that all is well."""


def written(root, name, content, days, identifiers=("inputs",)):
    for identifier in identifiers:
        for ago in days:
            path = root / name.format(identifier=identifier, day=TODAY - timedelta(ago))
            path.parent.mkdir(parents=True)
            path.write_bytes(content)
    return root


@pytest.fixture(scope="module")
def accounts(tmp_path_factory):
    """Return an account for each content: the same file on two days of each of two windows."""
    top = tmp_path_factory.mktemp("empty")
    return {
        kind: written(top / f"a{at}", name, content, (1, 2, 8, 9))
        for at, (kind, (name, content)) in enumerate(CONTENTS.items())
    }


def said(app):
    kinds = (app.markdown, app.caption, app.info, app.warning, app.error, app.success)
    return "\n".join(str(each.value) for kind in kinds for each in kind)


@pytest.mark.parametrize("kind", CONTENTS)
@pytest.mark.parametrize(("name", "view"), VIEWS, ids=str)
def test_every_view_over_next_to_nothing(accounts, monkeypatch, kind, name, view):
    app = page_over(monkeypatch, accounts[kind], name)(window="7 days", **view)
    assert "error in Driftline" not in said(app)
    assert app.title[0].value == name.capitalize()


NO_ROWS = ("v1, no bytes", "v1, a line break", "v1, a header only", "v2, no bytes", "v2, garbage")


@pytest.mark.parametrize("kind", NO_ROWS)
@pytest.mark.parametrize("name", ["overview", "browse", "distributions", "drift"])
def test_nothing_is_called_fine_where_no_row_was_read(accounts, monkeypatch, kind, name):
    app = page_over(monkeypatch, accounts[kind], name)(window="7 days")
    text = said(app)
    assert not [calm for calm in CALM if calm in text]


@pytest.mark.parametrize(("name", "view"), VIEWS, ids=str)
def test_every_view_over_an_account_without_anything(tmp_path, monkeypatch, name, view):
    (tmp_path / "modeldata").mkdir()
    app = page_over(monkeypatch, tmp_path, name)(**view)
    text = said(app)
    assert "error in Driftline" not in text
    assert "No collected data were found" in text
    assert not [calm for calm in CALM if calm in text]
