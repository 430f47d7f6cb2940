"""The probe of bin/check-deployment.sh beside a class whose run is tried in one process."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from ansible_collections.training.test_time.plugins.module_utils.class_content.probe import (
    OPEN_FOR,
    RIGHT,
    published_objects,
)

from common.shared import probe
from common.shared.deadlines import format_time
from common.shared.ids import test_name
from support.weekly_run import World


def add_probe(world: World) -> dict[str, Any]:
    """Publish the probe now and hand in its test. The input of the run that scores it."""
    world.s3.objects.update(published_objects(world.now))
    world.submit(probe.SUBJECT, probe.TEST, probe.STUDENT, {"1": RIGHT}, at=format_time(world.now))
    return {
        "only": test_name(probe.SUBJECT, probe.TEST),
        "asOf": format_time(world.now + OPEN_FOR + timedelta(seconds=1)),
    }
