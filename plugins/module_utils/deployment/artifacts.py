"""The artifact bucket. A key contains its content's hash; what is missing, or has other content, is uploaded."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from .packaging import Package, package

_PARALLEL_UPLOADS = 8
_CONTENT_TYPES = {".zip": "application/zip", ".json": "application/json"}


def packaged(templates: Path, bundles: Iterable[Mapping[str, Any]], parameters: Mapping[str, Any]) -> Package:
    """The templates of a folder, packaged with these bundles and root parameters. Raises PackagingError."""
    files = {path.name: path.read_text(encoding="utf-8") for path in templates.glob("*.json")}
    keys = {bundle["name"]: bundle["key"] for bundle in bundles}
    return package(files, keys, {name: str(value) for name, value in parameters.items()})


def contents(package: Package, bundles: Iterable[Mapping[str, Any]]) -> dict[str, Callable[[], bytes]]:
    """What the bucket has to contain: each key with the function that returns its bytes."""
    wanted: dict[str, Callable[[], bytes]] = {bundle["key"]: Path(bundle["path"]).read_bytes for bundle in bundles}
    return wanted | {key: text.encode for key, text in package.templates.items()}


def wrong_keys(client: Any, bucket: str, wanted: Mapping[str, Callable[[], bytes]]) -> list[str]:
    """The wanted keys that are not in the bucket, or have other content there, sorted. Raises the SDK's errors.

    Someone who may write to the bucket could otherwise have a template of theirs deployed with another's rights.
    """
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    present = {item["Key"]: item["ETag"] for page in pages for item in page.get("Contents", [])}
    return sorted(key for key, content in wanted.items() if key not in present or present[key] != _etag(content()))


def _etag(content: bytes) -> str:
    """The ETag of an object that was uploaded at once and that S3 encrypts with its own keys: its MD5 digest.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
    """
    return f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'


def upload(client: Any, bucket: str, objects: Mapping[str, Callable[[], bytes]]) -> None:
    """Upload the objects, several at a time. Raises the SDK's first error once the uploads in progress have ended."""

    def put(key: str) -> None:
        client.put_object(
            Bucket=bucket,
            Key=key,
            Body=objects[key](),
            ContentType=_CONTENT_TYPES[Path(key).suffix],
            ServerSideEncryption="AES256",
        )

    with ThreadPoolExecutor(_PARALLEL_UPLOADS) as pool:
        for _ in pool.map(put, objects):
            pass
