"""Keep the attributes of unchanged resources when a nested stack is updated.

Why: MiniStack loses them, and the next `Fn::GetAtt` of such an attribute makes the update fail.

It can be removed when MiniStack's `_cfn_nested_stack_deploy` passes `old_attrs`.
"""

from __future__ import annotations

from typing import Any

from ministack.services import cloudformation
from ministack.services.cloudformation import provisioners

_update_resource = provisioners._update_resource


def apply() -> None:
    """Put the correction in place."""
    provisioners._update_resource = _keeping_attributes


def _keeping_attributes(
    resource_type: str,
    physical_id: str,
    old_properties: dict[str, Any],
    new_properties: dict[str, Any],
    stack_name: str,
    logical_id: str,
    old_attributes: dict[str, Any] | None = None,
) -> Any:
    if old_attributes is None:
        resources = cloudformation._stacks[stack_name]["_resources"]
        old_attributes = resources.get(logical_id, {}).get("Attributes")
    return _update_resource(
        resource_type, physical_id, old_properties, new_properties, stack_name, logical_id, old_attributes
    )
