#!/usr/bin/python
# MIT License
"""Ansible module: build the zips that Lambda runs."""

from __future__ import annotations

DOCUMENTATION = r"""
module: lambda_bundles
short_description: Build the functions' zips and their layer
description:
  - Builds one zip for each folder of I(source) that has a C(handler.py), including the shared C(common) folder, and one
    layer with the pinned requirements for Lambda's platform (arm64, Python 3.13).
  - The same sources always give the same bytes, so a zip's key in the artifact bucket contains its hash.
  - Runs pip only if I(build) does not have a layer for these requirements yet.
  - The build folder is a cache on this machine. It is filled in check mode too, and filling it is not reported as a
    change.
options:
  source:
    description: The folder of the functions.
    type: path
    required: true
  shared:
    description: The folder that each zip has as C(common/shared).
    type: path
    required: true
  client:
    description: The terminal client, which the zip of the function C(install) has as C(install/test-time.sh).
    type: path
    required: true
  requirements:
    description: The layer's pinned requirements.
    type: path
    required: true
  build:
    description: The folder in which the zips are kept.
    type: path
    required: true
author:
  - The Test time developers
attributes:
  check_mode:
    description: Builds the bundles as usual, because only the cache changes.
    support: full
"""

EXAMPLES = r"""
- name: Build the bundles
  training.test_time.lambda_bundles:
    source: lambda_src
    shared: plugins/module_utils/shared
    client: bin/test-time.sh
    requirements: lambda_src/requirements.txt
    build: .build/bundles
"""

RETURN = r"""
bundles:
  description: Each bundle's name, S3 key, file and size in bytes.
  returned: success
  type: list
  elements: dict
  sample:
    - {name: upload_test, key: code/upload_test-1f0a.zip, path: .build/bundles/upload_test-1f0a.zip, size_bytes: 31337}
"""

from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.training.test_time.plugins.module_utils.deployment.bundles import (
    CLIENT,
    SHARED,
    Bundle,
    BundleError,
    build_function,
    build_layer,
    function_names,
)

_PATHS = ("source", "shared", "client", "requirements", "build")


def build_all(source: Path, shared: Path, client: Path, requirements: Path, build: Path) -> list[Bundle]:
    """Every function's bundle and the layer. Raises BundleError."""
    names = function_names(source)
    if not names:
        raise BundleError(f"{source} does not contain a folder with a handler.py")
    linked = {SHARED: shared, CLIENT: client}
    return [*(build_function(source, linked, name, build) for name in names), build_layer(requirements, build)]


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={name: {"type": "path", "required": True} for name in _PATHS},
        supports_check_mode=True,
    )
    try:
        bundles = build_all(*(Path(module.params[name]) for name in _PATHS))
    except (BundleError, OSError) as error:
        module.fail_json(msg=str(error))
    module.exit_json(
        changed=False,
        bundles=[
            {"name": b.name, "key": b.key, "path": str(b.path), "size_bytes": b.path.stat().st_size} for b in bundles
        ],
    )


if __name__ == "__main__":
    main()
