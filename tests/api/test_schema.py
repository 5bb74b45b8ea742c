"""The committed description of the API is what the code serves; its docs page needs nothing from outside."""

from pathlib import Path

import yaml
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

from tests.cast import Cast

COMMITTED = Path(__file__).parents[2] / "openapi.yaml"


def test_the_committed_description_is_the_served_one() -> None:
    schema = SchemaGenerator().get_schema(request=None, public=True)
    validate_schema(schema)
    from drf_spectacular.renderers import OpenApiYamlRenderer

    served = yaml.safe_load(OpenApiYamlRenderer().render(schema, renderer_context={}))
    assert served == yaml.safe_load(COMMITTED.read_text(encoding="utf-8")), (
        "run: manage.py spectacular --file openapi.yaml"
    )


def test_every_write_names_its_key_and_every_operation_its_problems() -> None:
    paths = yaml.safe_load(COMMITTED.read_text(encoding="utf-8"))["paths"]
    for address, operations in paths.items():
        if not address.startswith("/api/v1/"):
            continue
        for method, operation in operations.items():
            assert {"401", "403", "429"} <= set(operation["responses"]), (method, address)
            names = {parameter["name"] for parameter in operation.get("parameters", [])}
            assert method == "get" or "Idempotency-Key" in names, (method, address)


def test_the_docs_page_and_schema_are_served(cast: Cast) -> None:
    page = cast.browser(None).get("/api/docs/")
    assert page.status_code == 200
    body = page.content.decode()
    assert "<style" not in body
    assert "http://" not in body.replace("http://testserver", "")
    assert "https://" not in body
    assert cast.browser(None).get("/api/schema/").status_code == 200
