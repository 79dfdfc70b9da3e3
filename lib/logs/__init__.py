"""Runs KQL over telemetry for a span of time: in Azure Monitor, or over exported files.

The same text gives the same answer in both, if it keeps to what both know: no make-series, no
prev() and no plugins; percentilew(value, weight, percent), one call for each percentile; and a
sum in brackets at the end of `between (a .. (b + 7d))`. What is put into a text goes through
`literal`.
"""

from azure.core.credentials import TokenCredential

from lib import blobs
from lib.blobs import Container
from lib.logs import layouts
from lib.logs.answer import Answer as Answer
from lib.logs.answer import Logs as Logs
from lib.logs.answer import Span as Span
from lib.logs.archive import Archive as Archive
from lib.logs.archive import archive as archive
from lib.logs.frames import column_of as column_of
from lib.logs.literals import literal as literal
from lib.logs.monitor import AzureMonitor as AzureMonitor
from lib.logs.monitor import azure_monitor as azure_monitor
from lib.logs.monitor import identity as identity
from lib.logs.schema import named_in as named_in
from lib.settings import Source, Telemetry


def open(telemetry: Telemetry, folder: str, credential: TokenCredential | None = None) -> Logs:
    """The telemetry that settings describe; the copy of an archive is kept in `folder`.

    `credential` is for whichever place it is, and made where it is needed if not given.
    Raises SettingsError and, for an archive whose copy cannot be opened, Unreachable.
    """
    if telemetry.archive is None:
        return azure_monitor(telemetry, credential)
    found = containers(telemetry.archive, credential)
    return archive(found, folder, telemetry.archive.name)


def containers(
    source: Source, credential: TokenCredential | None = None
) -> list[tuple[Container, str]]:
    """The containers of an archive, each with a prefix: those set, else those Azure names.

    Whether they exist shows when they are read, so a credential need not list containers.
    """
    identity = credential
    if source.account_url and not source.sas_token:
        identity = credential or blobs.credential(source.authority)
    places = [(root.container, root.prefix) for root in source.roots]
    return [
        (blobs.open(source, name, identity), prefix)
        for name, prefix in places or [(name, "") for name in layouts.CONTAINERS]
    ]
