"""The description of ``/api/v1/`` in OpenAPI 3.1, made of the very types that are read and sent."""

from __future__ import annotations

from typing import Any

import msgspec

from survey.intake import sync_words as words

_TYPES = (
    words.Enrolment,
    words.Enrolled,
    words.Envelope,
    words.Item,
    words.Reply,
    words.PointPaper,
    words.QuestionnairePaper,
    words.Trouble,
)
_SIGNED = {
    "name": "Device-Signature",
    "in": "header",
    "required": True,
    "schema": {"type": "string"},
    "description": "ECDSA P-256 with SHA-256 over the bytes of the body, r and s of 32 bytes each,"
    " base64url without padding",
}


def document(public_url: str) -> dict[str, Any]:
    """Return the document as built-in values; ``public_url`` is the server's own address."""
    _, components = msgspec.json.schema_components(
        _TYPES, ref_template="#/components/schemas/{name}"
    )
    schemas = dict(components)
    # items are read one by one, so that a broken one does not hold up the others
    schemas["Envelope"]["properties"]["items"]["items"] = _of("Item")
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Hài Lòng: devices",
            "version": "1",
            "description": "Changes by addition only; protocol 1 is honoured for 24 months after"
            " another one is offered. See docs/devices.md.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": public_url}],
        "paths": {
            "/api/v1/devices": {
                "post": _operation(
                    "enrol",
                    "Enrol a device by its one-time code; signed with the key inside",
                    {"201": "Enrolled"},
                    (400, 401, 403, 429, 503),
                    takes="Enrolment",
                )
            },
            "/api/v1/devices/{device}/batches": {
                "parameters": [_path("device", {"type": "string", "format": "uuid"})],
                "post": _operation(
                    "send",
                    "Send up to 100 sealed items, or none to say that the device is there",
                    {"200": "Reply"},
                    (400, 401, 403, 413, 503),
                    takes="Envelope",
                ),
            },
            "/api/v1/points/{point}": {
                "parameters": [_path("point", {"type": "string"})],
                "get": _operation(
                    "point",
                    "What a device at a reception point shows today",
                    {"200": "PointPaper"},
                    (404, 503),
                ),
            },
            "/api/v1/questionnaires/{sha256}": {
                "parameters": [_path("sha256", {"type": "string"})],
                "get": _operation(
                    "questionnaire",
                    "A published questionnaire version in every language",
                    {"200": "QuestionnairePaper"},
                    (404, 503),
                ),
            },
        },
        "components": {"schemas": schemas},
    }


def _operation(
    name: str, summary: str, gives: dict[str, str], troubles: tuple[int, ...], takes: str = ""
) -> dict[str, Any]:
    responses = {
        status: {"description": kind, "content": _json("application/json", kind)}
        for status, kind in gives.items()
    }
    for trouble in troubles:
        content = _json("application/problem+json", "Trouble")
        responses[str(trouble)] = {"description": "Problem details", "content": content}
    operation: dict[str, Any] = {"operationId": name, "summary": summary, "responses": responses}
    if takes:
        operation["parameters"] = [_SIGNED]
        body = {"required": True, "content": _json("application/json", takes)}
        operation["requestBody"] = body
    return operation


def _path(name: str, schema: dict[str, str]) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _json(media: str, kind: str) -> dict[str, Any]:
    return {media: {"schema": _of(kind)}}


def _of(kind: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{kind}"}
