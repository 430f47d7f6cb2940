"""A trainer with the rights to deploy and those about people, whose commands read a bucket kept in memory."""

from __future__ import annotations

from support.deployer import DEPLOYER, PEOPLE, Policy, policy_statements
from support.memory_s3 import MemoryS3
from support.permissions import BUCKET_ARN, ClientOf, NotGranted, Permission, Role

BUCKET = "arn:aws:s3:::trainings-tests-storage-databucket-1abc"


class Trainer(Role):
    """Refuses what the policies of docs/ do not grant."""

    def __init__(self) -> None:
        super().__init__("the trainer")
        self._policy = Policy(policy_statements(*DEPLOYER, PEOPLE))

    def use(self, *permissions: Permission) -> None:
        for permission in permissions:
            asked = permission._replace(resource=permission.resource.replace(BUCKET_ARN, BUCKET))
            if not self._policy.allows(asked):
                raise NotGranted(f"a trainer needs {asked}, which none of the policies grants")
            self.used.add(permission)


def client_of_trainer(s3: MemoryS3) -> ClientOf:
    """The S3 client of the trainer's commands."""
    return ClientOf(s3, Trainer())
