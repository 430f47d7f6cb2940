"""Build the functions' layer: `python -m cli.build_layer`.

deploy-api-gateway.sh starts this before a first deployment, so that pip installs while everything else is checked. The
role `lambda_bundles` then finds the layer, waits for it, or builds it itself and reports what went wrong. It ends with
the script: see end_with_parent.py.
"""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

from ansible_collections.training.test_time.plugins.module_utils.deployment.bundles import BundleError, build_layer

ROOT = Path(__file__).parent.parent

if __name__ == "__main__":
    os.setpgrp()  # so that pip ends with it
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell has its background jobs ignore it
    with contextlib.suppress(BundleError):
        build_layer(ROOT / "lambda_src" / "requirements.txt", ROOT / ".build" / "bundles")
