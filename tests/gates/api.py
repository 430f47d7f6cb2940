"""openapi-spec-validator: what OpenAPI 3.0 does not allow."""

from __future__ import annotations

from openapi_spec_validator import OpenAPIV30SpecValidator

from support.packaged import Json, api_document


def problems(templates: dict[str, Json]) -> list[str]:
    """What is wrong with the API's definition once its references are resolved."""
    found = OpenAPIV30SpecValidator(api_document(templates["api"])).iter_errors()
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message}" for error in found]
