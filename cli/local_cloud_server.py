"""Run MiniStack, the local cloud, with one of its mistakes put right: `python cli/local_cloud_server.py`."""

from __future__ import annotations

from typing import Any

from ministack.app import main
from ministack.services import cloudformation
from ministack.services.cloudformation import provisioners

_update_resource = provisioners._update_resource


def _keeping_attributes(
    resource_type: str,
    physical_id: str,
    old_properties: dict[str, Any],
    new_properties: dict[str, Any],
    stack_name: str,
    logical_id: str,
    old_attributes: dict[str, Any] | None = None,
) -> Any:
    """Update a resource of a nested stack without forgetting its attributes.

    MiniStack 1.5.33 loses those of unchanged resources, and the next `Fn::GetAtt` of one fails the update. This can go
    when `_cfn_nested_stack_deploy` passes `old_attrs`.
    """
    if old_attributes is None:
        resources = cloudformation._stacks[stack_name]["_resources"]
        old_attributes = resources.get(logical_id, {}).get("Attributes")
    return _update_resource(
        resource_type, physical_id, old_properties, new_properties, stack_name, logical_id, old_attributes
    )


if __name__ == "__main__":
    provisioners._update_resource = _keeping_attributes
    main()
