"""What an error of the AWS SDK means to the trainer, and what to do about it."""

from __future__ import annotations

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)

_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
_UNKNOWN = {"InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch", "InvalidAccessKeyId"}
# The last one is S3's answer to HEAD, which has no body and so no other code.
_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError", "403"}


def explained(error: BotoCoreError | ClientError) -> str:
    """The error in a sentence or two that say what to do."""
    if isinstance(error, ClientError):
        return _explained_refusal(error)
    if isinstance(error, NoCredentialsError | PartialCredentialsError):
        return (
            "no AWS credentials were found. Set them up with `aws configure`, or set AWS_PROFILE to a profile's name; "
            "--local does not need any"
        )
    if isinstance(error, ProfileNotFound):
        return f"{error}. Set AWS_PROFILE to a profile that exists in ~/.aws/config"
    if isinstance(error, SSOError | TokenRetrievalError):
        return f"the AWS login has expired ({error}). Log in again: `aws sso login`"
    if isinstance(error, EndpointConnectionError | ConnectTimeoutError):
        return f"{error}. Check the network and `region`; with --local, see ./bin/local-cloud.sh status"
    return str(error)


def is_denied(error: ClientError) -> bool:
    """Whether the credentials lack a permission."""
    return error.response["Error"]["Code"] in _DENIED


def _explained_refusal(error: ClientError) -> str:
    code = error.response["Error"]["Code"]
    if code in _EXPIRED:
        return "the AWS credentials have expired. Log in again (for example with `aws sso login`) and try again"
    if code in _UNKNOWN:
        return f"AWS does not accept these credentials ({code}). Check AWS_PROFILE or the AWS_ACCESS_KEY_ID set here"
    if is_denied(error):
        return f"these AWS credentials lack a permission: {error.response['Error'].get('Message', code)}"
    return str(error)
