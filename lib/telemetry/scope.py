"""Whose telemetry: how the names of collected data lead to the names in telemetry.

Nothing ties the two together. A scoring script's server calls itself by its role, by "Service
Name" in Properties, or by neither; the front end of a v2 endpoint knows endpoint and deployment.
So there is a rule, made of templates, which can be shown and corrected.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

Names = tuple[str, ...]


@dataclass(frozen=True)
class Scope:
    """The names that rows of telemetry must bear to be counted; empty ones let all pass.

    `roles` are looked for in AppRoleName, `services` in Properties["Service Name"]; one match
    suffices. `endpoints` and `deployments` are those of the front end's log.
    """

    roles: Names = ()
    services: Names = ()
    endpoints: Names = ()
    deployments: Names = ()


EVERYTHING = Scope()
"""All rows of the workspace."""


@dataclass(frozen=True)
class Filter:
    """The rule: templates in which {service} and {version} stand for the chosen ones."""

    roles: Names = ("{service}", "{service}-{version}")
    services: Names = ("{service}", "{service}-{version}")
    endpoints: Names = ("{service}",)
    deployments: Names = ("{version}",)

    def scope(self, service: str = "", versions: Iterable[str] = ()) -> Scope:
        """Return the names of a service, of these versions of it; without one, everything.

        Without versions, templates that need one are left out.
        """
        if not service:
            return EVERYTHING
        known = tuple(versions)
        return Scope(
            _filled(self.roles, service, known),
            _filled(self.services, service, known),
            _filled(self.endpoints, service, known),
            _filled(self.deployments, service, known),
        )


def _filled(templates: Names, service: str, versions: Names) -> Names:
    """Return the names that the templates stand for, each once; braces in names mean nothing."""
    names = []
    for template in templates:
        for version in versions if "{version}" in template else ("",):
            parts = template.split("{version}")
            names.append(version.join(part.replace("{service}", service) for part in parts))
    return tuple(dict.fromkeys(filter(None, names)))
