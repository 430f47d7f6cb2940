"""Turn the raw templates into what CloudFormation takes, as `aws cloudformation package` does. Pure functions.

The raw templates in `templates/` name their parts by local path, so that cfn-lint reads them as they stand:

- `TemplateURL: "api.json"` of a nested stack becomes the URL of that template in the artifact bucket;
- `Code: "../lambda_src/upload_test"` and a layer's `Content` become `{"S3Bucket", "S3Key"}`; the path's last
  component is the bundle's name;
- `Body: {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "openapi.json"}}}` becomes the document;
- the logical ID of each `AWS::ApiGateway::Deployment` gets a hash of its API's definition appended. A Deployment is a
  snapshot: without a new one, a changed API never reaches its stage.

Every key is content-addressed, so the same input gives the same keys and text, and a changed bundle changes
exactly the function that is made of it.

Bundles: one for each function, named like its folder in `lambda_src` (`authorizer`, `list_tests`, `get_test`,
`upload_test`, `student`, `web_page`, `plan_run`, `score_batch`, `mail_batch`, `report_run`), and `dependencies`, the
layer (its zip holds `python/`).

Deploying, in this order:

1. `templates/storage.json` as stack `<root>-storage`, as it stands (template body; CAPABILITY_IAM: it holds the role
   by which API Gateway writes its logs). Parameter: `RetentionDays`. Outputs: `DataBucketName`, `ArtifactBucketName`.
2. Upload the bundles under `bundle_key(...)` and, from `package(...)`, each of `Package.templates`, to the
   artifact bucket with encryption AES256.
3. `Package.root_key` as stack `<root>`, by
   `template_url = https://s3.<region>.amazonaws.com/<artifact bucket>/<root_key>` (or `template_body`, it is small),
   CAPABILITY_IAM. Its parameters and outputs are described in `templates/trainings-tests.json`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ROOT_TEMPLATE = "trainings-tests.json"


class PackagingError(Exception):
    """A template names a file or a bundle that is not there, or is not JSON. The message says which."""


@dataclass(frozen=True)
class Package:
    """What goes to the artifact bucket.

    `templates`: S3 key -> JSON text, the root template's included. `root_key`: the root template's key.
    """

    root_key: str
    templates: dict[str, str]


def bundle_key(name: str, content: bytes) -> str:
    """The S3 key of a bundle: `code/<name>-<sha256>.zip`."""
    return f"code/{name}-{hashlib.sha256(content).hexdigest()}.zip"


def package(
    files: Mapping[str, str],
    bundles: Mapping[str, str],
    parameters: Mapping[str, str],
    root: str = ROOT_TEMPLATE,
) -> Package:
    """The packaged root template and all templates below it.

    `files`: the text of each file of `templates/`, by its name. `bundles`: bundle name -> S3 key.
    `parameters`: the root stack's parameters; those that the API's definition takes up are part of its hash.
    Raises PackagingError.
    """
    raise NotImplementedError
