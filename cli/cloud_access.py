"""Check that there are credentials and that the cloud accepts them: `python -m cli.cloud_access`."""

from __future__ import annotations

import sys

import boto3
from ansible_collections.training.test_time.plugins.module_utils.deployment.cloud_errors import explained
from botocore.exceptions import BotoCoreError, ClientError

if __name__ == "__main__":
    try:
        boto3.client("sts").get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        sys.exit(explained(error))
