import re
from typing import Any

import httpx

from service.api import alert_schema, stream_schema
from service.api.schema import MODELS, Result, Results


def references(node: Any) -> set[str]:
    if isinstance(node, dict):
        here = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return here.union(*map(references, node.values()))
    return set().union(*map(references, node)) if isinstance(node, list) else set()


def test_every_reference_of_the_document_leads_somewhere(client: httpx.Client) -> None:
    document = client.get("/openapi.json").json()
    names = {re.sub("^#/components/schemas/", "", reference) for reference in references(document)}
    assert {"Comment", "Comments", "Result", "Results", "Problem"} <= names <= set(document["components"]["schemas"])


def test_the_document_has_no_shape_but_ours(client: httpx.Client) -> None:
    shapes = client.get("/openapi.json").json()["components"]["schemas"]
    assert set(shapes) == {model.__name__ for model in (*MODELS, *stream_schema.MODELS, *alert_schema.MODELS)}


def test_every_route_is_documented(client: httpx.Client) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert set(paths) == {
        *("/score", "/model", "/model/reload", "/livez", "/readyz", "/metrics"),
        *("/streams", "/streams/{stream}", "/streams/{stream}/comments", "/streams/{stream}/series"),
        *("/streams/{stream}/segments", "/streams/{stream}/segments/{id}/promote", "/streams/{stream}/alerts"),
        *("/streams/{stream}/events", "/events", "/alerts", "/alerts/{id}", "/alerts/{id}/acknowledge"),
        *("/silences", "/silences/{id}", "/dead-letters", "/dead-letters/retry"),
    }
    assert all(operation["description"] for path in paths.values() for operation in path.values())


def test_the_example_of_a_result_is_a_result(client: httpx.Client) -> None:
    answer = client.get("/openapi.json").json()["paths"]["/score"]["post"]["responses"]["200"]
    examples = answer["content"]["application/json"]["examples"]
    Result.model_validate(examples["one"]["value"], extra="forbid")
    Results.model_validate(examples["several"]["value"], extra="forbid")
    assert examples["one"]["value"]["p_circles"]


def test_what_may_be_asked_for_is_documented(client: httpx.Client) -> None:
    parameters = client.get("/openapi.json").json()["paths"]["/score"]["post"]["parameters"]
    assert {parameter["name"] for parameter in parameters} == {"explain", "probabilities", "on_error"}
    assert all(parameter["description"] for parameter in parameters)


def test_every_parameter_is_described(client: httpx.Client) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    operations = [operation for path in paths.values() for operation in path.values()]
    assert all(parameter["description"] for each in operations for parameter in each.get("parameters", ()))


def test_requests_have_examples(client: httpx.Client) -> None:
    content = client.get("/openapi.json").json()["paths"]["/score"]["post"]["requestBody"]["content"]
    assert set(content) == {"application/json", "application/x-ndjson"}
    assert all(form["examples"] for form in content.values())
