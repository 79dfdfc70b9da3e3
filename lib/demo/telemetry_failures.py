"""Why requests failed: what the scoring scripts raised, and how servers report it."""

import json
from typing import Any

import numpy as np
import pandas as pd

from lib.demo import stories
from lib.demo.traffic import Deployment

Failure = tuple[str, str, str]
"""The error's type, its message, and the line of the scoring script that raised it."""

_MISSING_FEATURE = ("KeyError", "'merchant_risk'", 'risk = features["merchant_risk"]')
_AMOUNT_IS_TEXT = (
    "ValueError",
    "could not convert string to float: '€12.50'",
    'amount = float(row["amount"])',
)
_USUAL: dict[str, Failure] = {
    "credit-risk-svc": (
        "ValueError",
        "Input X contains NaN.",
        "score = model.predict_proba(frame)",
    ),
    "churn-svc": (
        "TypeError",
        "'<' not supported between instances of 'NoneType' and 'float'",
        'unhappy = row["satisfaction"] < 2.5',
    ),
    "fraud-scoring": (
        "ConnectionError",
        "features.contoso.example closed the connection",
        "features = store.lookup(ids)",
    ),
}
_ORIGINAL = """Traceback (most recent call last):
  File "/azureml-envs/model/lib/python3.10/site-packages/azureml_inference_server_http/server/\
user_script.py", line 132, in invoke_run
    run_output = self._wrapped_user_run(**run_parameters)
  File "/var/azureml-app/score.py", line {line}, in run
    {code}
{error}: {message}
"""
_WRAPPED = """
The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/azureml-envs/model/lib/python3.10/site-packages/azureml_inference_server_http/server/\
routes.py", line 217, in handle_score
    timed_result = main_blueprint.user_script.invoke_run(request)
  File "/azureml-envs/model/lib/python3.10/site-packages/azureml_inference_server_http/server/\
user_script.py", line 139, in invoke_run
    raise UserScriptException(ex) from ex
azureml_inference_server_http.server.user_script.UserScriptException: Caught an unhandled \
exception from the user script
"""
_TYPE = "azureml_inference_server_http.server.user_script.UserScriptException"


def causes(deployment: Deployment, offset: int, asked: pd.DataFrame) -> list[Failure | None]:
    """Return what each request failed for, None where it was answered."""
    usual = _AMOUNT_IS_TEXT if deployment.version == "green" else _USUAL[deployment.service]
    hour = asked["time"].dt.hour.to_numpy()
    burst = np.zeros(len(asked), dtype=bool)
    if deployment.version == "green" and stories.GREEN_RAISES.covers(offset):
        burst = (hour >= 9) & (hour < 15)
    return [
        None if answered else _MISSING_FEATURE if in_burst else usual
        for answered, in_burst in zip(asked["answered"].tolist(), burst.tolist(), strict=True)
    ]


def exceptions(server: str, failed: pd.DataFrame) -> dict[str, Any]:
    """Return the exceptions behind failed requests, as a server of that version writes them.

    0.4 tells the script's own error. Later ones wrap it: OpenCensus puts the stack into the
    message, OpenTelemetry into the details, and the ids into a text that looks like Python.
    """
    own = server == "0.4"
    failures = failed["failure"].tolist()
    stacks = [_stack(failure, server) for failure in failures]
    types = [failure[0] if own else _TYPE for failure in failures]
    shown = {
        "0.4": [failure[1] for failure in failures],
        "1.3": stacks,
        "1.5": ["Caught an unhandled exception from the user script"] * len(failures),
    }[server]
    details = zip(types, shown, stacks, strict=True)
    named = ids(failed)
    return {
        "time": failed["time"] + pd.to_timedelta(failed["ms"], unit="ms"),
        "ExceptionType": types,
        "ProblemId": [f"{name} at {'run' if own else 'invoke_run'}" for name in types],
        "OuterType": types,
        "OuterMessage": shown,
        "Method": "run" if own else "invoke_run",
        "SeverityLevel": 3,
        "Details": [json.dumps([_detail(*each, server)]) for each in details],
        "ItemCount": 4 if own else 1,
        "OperationId": "0" * 32,
        "Properties": [{"custom_dimensions": str(each)} for each in named]
        if server == "1.5"
        else named,
        "AppRoleInstance": "" if server == "1.3" else failed["host"],
    }


def ids(requests: pd.DataFrame) -> list[dict[str, str]]:
    """Return what an exception or a trace says of its request."""
    columns = (requests[name].tolist() for name in ("instance", "request_id"))
    return [
        {"Container Id": instance, "Request Id": request}
        for instance, request in zip(*columns, strict=True)
    ]


def _stack(failure: Failure, server: str) -> str:
    error, message, code = failure
    line = 30 + len(code)
    own = _ORIGINAL.format(line=line, code=code, error=error, message=message)
    return own if server == "0.4" else own + _WRAPPED


def _detail(type_: str, message: str, stack: str, server: str) -> dict[str, object]:
    detail: dict[str, object] = {"id": "1", "outerId": "0", "type": type_, "message": message}
    if server == "1.3":
        return detail | {"parsedStack": [{"level": 0, "method": "invoke_run", "line": 139}]}
    return detail | {"rawStack": stack}
