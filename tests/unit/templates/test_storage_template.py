"""The buckets: encryption, lifecycle and policies, which the local cloud takes and drops."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from common.shared.invitation import LIFE
from common.shared.object_keys import (
    ANSWERS,
    DRAFTS,
    INVITATIONS,
    NOTIFICATIONS,
    RELEASES,
    REPORTS,
    REVIEWS,
    RUNS,
    SCORES,
)
from support.templates import arn_text, as_list, of_type, properties, statements, template

BUCKETS = ("DataBucket", "ArtifactBucket")
PERSONAL = (ANSWERS, DRAFTS, SCORES, REVIEWS, RELEASES, REPORTS, NOTIFICATIONS)


def rules() -> dict[str, dict[str, Any]]:
    configuration = properties("storage", "DataBucket")["LifecycleConfiguration"]
    return {rule["Id"]: rule for rule in configuration["Rules"] if rule["Status"] == "Enabled"}


def test_there_are_two_buckets() -> None:
    assert set(of_type("storage", "AWS::S3::Bucket")) == set(BUCKETS)


@pytest.mark.parametrize("bucket", BUCKETS)
def test_a_bucket_encrypts_with_aes_256(bucket: str) -> None:
    [rule] = properties("storage", bucket)["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule == {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}


@pytest.mark.parametrize("bucket", BUCKETS)
def test_a_bucket_is_closed_to_the_public_and_its_owners(bucket: str) -> None:
    settings = properties("storage", bucket)
    assert set(settings["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(settings["PublicAccessBlockConfiguration"]) == 4
    assert settings["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    assert settings["VersioningConfiguration"] == {"Status": "Enabled"}


@pytest.mark.parametrize("resource", list(template("storage")["Resources"]))
def test_what_the_storage_stack_holds_outlives_it(resource: str) -> None:
    definition = template("storage")["Resources"][resource]
    # A first deployment that fails leaves none of it behind: Retain alone would, and nobody would know whose it is.
    assert (definition["DeletionPolicy"], definition["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")


@pytest.mark.parametrize("bucket", BUCKETS)
def test_a_bucket_refuses_plain_http_and_uploads_without_or_with_other_encryption(bucket: str) -> None:
    denied = {s["Sid"]: s for logical_id, s in statements("storage") if logical_id == f"{bucket}Policy"}
    everything = {"Fn::Sub": f"${{{bucket}.Arn}}/*"}
    for statement in denied.values():
        assert (statement["Effect"], statement["Principal"]) == ("Deny", "*")
        assert everything in as_list(statement["Resource"])
    assert denied["DenyPlainHttp"]["Action"] == "s3:*"
    assert {"Fn::GetAtt": [bucket, "Arn"]} in denied["DenyPlainHttp"]["Resource"]
    assert denied["DenyPlainHttp"]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    encryption = "s3:x-amz-server-side-encryption"
    assert denied["DenyUploadWithoutEncryption"]["Condition"] == {"Null": {encryption: "true"}}
    assert denied["DenyUploadWithOtherEncryption"]["Condition"] == {"StringNotEquals": {encryption: "AES256"}}
    for name in ("DenyUploadWithoutEncryption", "DenyUploadWithOtherEncryption"):
        assert denied[name]["Action"] == "s3:PutObject"
    assert properties("storage", f"{bucket}Policy")["Bucket"] == {"Ref": bucket}


@pytest.mark.parametrize("prefix", PERSONAL)
def test_what_is_personal_expires_after_the_retention_time(prefix: str) -> None:
    [rule] = [rule for rule in rules().values() if rule.get("Prefix") == prefix]
    assert rule["ExpirationInDays"] == {"Ref": "RetentionDays"}


def test_a_runs_addresses_are_gone_sooner_than_anything_may_be_kept() -> None:
    [rule] = [rule for rule in rules().values() if rule.get("Prefix") == RUNS]
    assert rule["ExpirationInDays"] <= template("storage")["Parameters"]["RetentionDays"]["MinValue"]


def test_what_is_needed_as_long_as_it_is_published_never_expires() -> None:
    prefixes = {rule["Prefix"] for rule in rules().values() if "ExpirationInDays" in rule}
    assert prefixes == {*PERSONAL, RUNS, INVITATIONS}


def test_earlier_versions_of_drafts_of_which_a_minute_may_bring_another_live_a_day() -> None:
    assert rules()["drafts"]["NoncurrentVersionExpiration"] == {"NoncurrentDays": 1}


def test_s3_removes_invitations_that_the_function_has_not_removed() -> None:
    rule = rules()["invitations"]
    assert rule["Prefix"] == INVITATIONS
    assert timedelta(days=rule["ExpirationInDays"]) == LIFE + timedelta(days=1)
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 1}


@pytest.mark.parametrize("bucket", BUCKETS)
def test_old_versions_and_unfinished_uploads_do_not_pile_up(bucket: str) -> None:
    configuration = properties("storage", bucket)["LifecycleConfiguration"]["Rules"]
    assert all(rule["Status"] == "Enabled" for rule in configuration)
    assert any(rule.get("ExpiredObjectDeleteMarker") for rule in configuration)
    of_everything = [rule for rule in configuration if "Prefix" not in rule]
    assert any(rule.get("NoncurrentVersionExpiration", {}).get("NoncurrentDays", 0) > 0 for rule in of_everything)
    assert any("AbortIncompleteMultipartUpload" in rule for rule in configuration)


def test_api_gateway_may_write_its_logs_before_any_stage_wants_to() -> None:
    account = properties("storage", "ApiGatewayAccount")
    assert account["CloudWatchRoleArn"] == {"Fn::GetAtt": ["ApiGatewayLogRole", "Arn"]}
    [policy] = properties("storage", "ApiGatewayLogRole")["ManagedPolicyArns"]
    assert arn_text(policy).endswith(":iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs")
