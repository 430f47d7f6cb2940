"""Errors of the cloud, with what to do about them."""

from __future__ import annotations

import pytest
from ansible_collections.training.test_time.plugins.module_utils.deployment.cloud_errors import explained
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    ProfileNotFound,
    UnauthorizedSSOTokenError,
)


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "m"}}, "GetCallerIdentity")


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (NoCredentialsError(), "aws configure"),
        (ProfileNotFound(profile="nix"), "AWS_PROFILE"),
        (UnauthorizedSSOTokenError(), "aws sso login"),
        (EndpointConnectionError(endpoint_url="http://127.0.0.1:1"), "local-cloud.sh status"),
        (refusal("ExpiredToken"), "expired"),
        (refusal("InvalidClientTokenId"), "does not accept"),
        (refusal("AccessDenied"), "lack a permission"),
        (refusal("403"), "lack a permission"),
        (refusal("Throttling"), "Throttling"),
    ],
)
def test_error_of_the_cloud_says_what_to_do(error: BotoCoreError | ClientError, advice: str) -> None:
    assert advice in explained(error)
