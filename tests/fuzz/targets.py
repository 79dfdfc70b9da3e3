"""All targets by name."""

from tests.fuzz import (
    collected_targets,
    kept_targets,
    page_targets,
    settings_targets,
    telemetry_targets,
)
from tests.fuzz.target import Target

TARGETS: dict[str, Target] = {
    **collected_targets.TARGETS,
    **telemetry_targets.TARGETS,
    **kept_targets.TARGETS,
    **settings_targets.TARGETS,
    **page_targets.TARGETS,
}
