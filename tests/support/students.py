"""A class on the fake of AWS, as bin/students.sh sees it."""

from __future__ import annotations

from cli.students.deployed import Stage

from common.storage import Bucket
from support.class_cloud import STACK, Cloud

ENDPOINT = "https://api.example.org/api"


def stage_of(cloud: Cloud) -> Stage:
    return Stage(
        cloud.clients.s3,
        cloud.clients.apigateway,
        STACK,
        Bucket("data", cloud.clients.s3, lists=True),
        cloud.plan,
        ENDPOINT,
    )
