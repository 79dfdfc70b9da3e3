"""What can go wrong between the app and a storage account: a table, an entry for each fault."""

import re
from dataclasses import dataclass
from typing import Literal

from tests.faults import proxy, small_account
from tests.faults.proxy import Act

Costs = Literal["nothing", "blob", "version", "service", "container", "account"]
"""What a fault takes from the reader: none of the numbers; one blob; one version; one service or
container (here all of v1); or everything, which leaves an explanation."""

ONE = r"^/[^?]*/3/inputs/2026/11/18/inputs\.csv"
HOUR = r"^/[^?]*/blue/model_inputs/2026/11/18/09/part000000\.jsonl"
MINE = r"^/[^?]*/credit-svc/[^?]*/inputs\.csv"
LIST_MINE = rf"^/[^?]*/{small_account.V1}\?.*comp=list.*prefix=[^&]*/3/inputs/2026/11"
LIST_V1 = rf"^/[^?]*/{small_account.V1}\?.*comp=list"
LIST_FOLDER = rf"^/[^?]*/{small_account.V1}\?.*prefix=[^&]*/credit-svc/(&|$)"
CONTAINERS = r"^/devstoreaccount1/?\?.*comp=list"
ALL = r"^/"


@dataclass(frozen=True)
class Fault:
    """One fault: what becomes of which answers, what that costs, and what must be said of it.

    `says` is a pattern that the pages about what it costs have in their words, `next_step` one
    for what to do. Of the requests that match, so many `times` are met.
    """

    name: str
    act: Act
    path: str
    costs: Costs
    says: str = ""
    next_step: str = ""
    times: int = 1_000_000
    impatient: bool = False  # the client waits for a quarter of a second, and tries once
    small_pages: bool = False  # lists give three names at a time
    sas: bool = False  # the account is opened by a SAS token
    gone: bool = False  # nobody listens at all


def once(name: str, act: Act, path: str = ONE) -> Fault:
    """A fault that passes while the client tries again: nobody notices."""
    return Fault(f"{name} once", act, path, "nothing", times=1)


def _looping(body: bytes) -> bytes:
    """A list that ends with a marker which leads to itself."""
    return re.sub(
        b"<NextMarker */>|<NextMarker>.*</NextMarker>", b"<NextMarker>m</NextMarker>", body
    )


_refused = proxy.error(403, "AuthorizationPermissionMismatch")
_late_clock = proxy.error(
    403,
    "AuthenticationFailed",
    "Server failed to authenticate the request. Make sure the value of Authorization header is "
    "formed correctly including the signature.",
    detail="Request date header too old: 'Thu, 19 Nov 2026 10:00:00 GMT'",
)
_expired = proxy.error(
    403,
    "AuthenticationFailed",
    "Server failed to authenticate the request.",
    detail="Signature not valid in the specified time frame: Start [Sun, 01 Nov 2026 00:00:00 "
    "GMT] - Expiry [Mon, 02 Nov 2026 00:00:00 GMT] - Current [Fri, 20 Nov 2026 00:00:00 GMT]",
)
_other_xml = proxy.body(b"<?xml version='1.0'?><Other><A/></Other>", "application/xml")

NOBODYS = "proxy|firewall|gateway|not an answer|no answer"

TABLE = [
    # One blob, for a reason of its own.
    Fault("archived", proxy.error(409, "BlobArchived"), ONE, "blob", "archive", "tier"),
    Fault("archived hour", proxy.error(409, "BlobArchived"), HOUR, "blob", "archive", "tier"),
    Fault(
        "customer key",
        proxy.error(409, "BlobUsesCustomerSpecifiedEncryption"),
        ONE,
        "blob",
        "customer|encrypt",
    ),
    Fault("leased", proxy.error(412, "LeaseIdMissing"), ONE, "blob", "lease"),
    Fault("forbidden blob", _refused, ONE, "blob", "not allowed", "role|permission|access"),
    Fault("compressed", proxy.gzipped(), ONE, "blob", "gzip|compress|encod"),
    Fault("deleted", proxy.error(404, "BlobNotFound"), ONE, "blob", "no blob|deleted|vanished"),
    Fault("replaced", proxy.error(412, "ConditionNotMet"), ONE, "blob", "replaced|changed"),
    Fault("shorter", proxy.error(416, "InvalidRange"), ONE, "blob", "replaced|changed|short"),
    # Answers that are nobody's.
    Fault("page for blob", proxy.page(), ONE, "version", NOBODYS),
    Fault("nothing for blob", proxy.empty(), ONE, "version", NOBODYS),
    Fault("no range", proxy.without("Content-Range"), ONE, "version", NOBODYS),
    Fault("half of the range", proxy.halved(), ONE, "version", NOBODYS),
    Fault("page for list", proxy.page(), LIST_V1, "container", NOBODYS),
    Fault("nothing for list", proxy.empty(), LIST_V1, "container", NOBODYS),
    Fault("half a list", proxy.halved(), LIST_V1, "container", NOBODYS),
    Fault("list as JSON", proxy.body(b'{"a": 1}'), LIST_V1, "container", NOBODYS),
    Fault("list of something else", _other_xml, LIST_V1, "container", NOBODYS),
    Fault("page for containers", proxy.page(), CONTAINERS, "account", NOBODYS),
    Fault("page for all", proxy.page(), ALL, "account", NOBODYS),
    # The way there.
    Fault("cut", proxy.cut(), ONE, "version", "reached|broke|no answer"),
    Fault("longer than said", proxy.longer(), ONE, "version", "reached|broke|no answer"),
    Fault("reset", proxy.reset(), ONE, "version", "reached|broke"),
    Fault("reset for all", proxy.reset(), ALL, "account", "reached|broke", "network|machine"),
    Fault("refused", proxy.reset(), ALL, "account", "refused", "network|machine", gone=True),
    Fault("late", proxy.late(3), ONE, "version", "too long", impatient=True),
    Fault("stalled", proxy.stalled(3), ONE, "version", "too long|reached", impatient=True),
    once("reset", proxy.reset()),
    once("cut", proxy.cut()),
    # What the service says of itself.
    Fault("400", proxy.error(400, "InvalidHeaderValue"), LIST_MINE, "version", "InvalidHeader"),
    Fault("401", proxy.error(401, "InvalidAuthenticationInfo"), ALL, "account", "key|sign"),
    Fault("403 clock", _late_clock, ALL, "account", "clock", "clock|time"),
    Fault("403 expired", _expired, ALL, "account", "expired", "new one", sas=True),
    Fault(
        "403 network",
        proxy.error(403, "AuthorizationFailure"),
        ALL,
        "account",
        "not allowed",
        "network",
    ),
    Fault("403 by a proxy", proxy.page(403), ALL, "account", "403", "proxy|firewall"),
    Fault("403 container", _refused, LIST_V1, "container", "not allowed", "role|permission"),
    Fault("403 folder", _refused, LIST_FOLDER, "service", "not allowed", "containers"),
    Fault("404 container", proxy.error(404, "ContainerNotFound"), LIST_V1, "container", "no cont"),
    Fault("404 by a gateway", proxy.bare(404), LIST_V1, "container", "no container|404"),
    Fault("going", proxy.error(409, "ContainerBeingDeleted"), LIST_V1, "container", "no cont"),
    Fault("429", proxy.error(429, "TooManyRequests"), MINE, "version", "fewer", "minute"),
    Fault(
        "429 with a time",
        proxy.error(429, "TooManyRequests", Retry_After="0"),
        MINE,
        "version",
        "fewer",
        "minute",
    ),
    Fault("500", proxy.error(500, "InternalError"), MINE, "version", "error of its own", "again"),
    Fault("502", proxy.page(502), MINE, "version", "502", "again"),
    Fault("503", proxy.error(503, "ServerBusy"), MINE, "version", "fewer", "minute"),
    Fault("503 for all", proxy.error(503, "ServerBusy"), ALL, "account", "fewer", "minute"),
    Fault("504", proxy.bare(504), MINE, "version", "504", "again"),
    once("500", proxy.error(500, "InternalError")),
    once("503", proxy.error(503, "ServerBusy"), LIST_V1),
    # Several pages of names.
    Fault(
        "page 2 fails",
        proxy.error(500, "InternalError"),
        f"{LIST_MINE}.*marker=",
        "version",
        "error of its own",
        small_pages=True,
    ),
    Fault(
        "pages without end",
        proxy.changed(_looping),
        LIST_MINE,
        "version",
        NOBODYS,
        small_pages=True,
    ),
]
