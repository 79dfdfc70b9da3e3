"""Drift without a browser: the verdicts of the app's drift page for cron, pipelines and alerts.

`run` answers a `Question` with a `Report` for each collection that it matches; the app can ask
it as well as `python -m lib.check` does.

* `question`   what is asked: names, days, reference, levels
* `account`    reading, and `compare` measuring
* `report`     what was found, and the exit code
* `document`   reports as JSON; `pages` as text and Markdown; `messages` for webhooks
* `options`    the command line; `places` the settings; `webhook` the posting
"""

from lib.check.compare import run
from lib.check.question import Question, Reference
from lib.check.report import Report, Scope, Side, exit_code

__all__ = ["Question", "Reference", "Report", "Scope", "Side", "exit_code", "run"]
