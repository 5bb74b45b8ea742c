"""JSON bodies, strictly: UTF-8, no NaN, no NUL, no lone surrogates, bounded nesting."""

from __future__ import annotations

from typing import Any

import orjson
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class StrictJSONParser(JSONParser):
    """What PostgreSQL could not keep is refused here, with 400, and never reaches a use-case."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        body = stream.read()
        try:
            data = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise ParseError(_("The body is not valid JSON: %(error)s") % {"error": error}) from error
        if b"\\u0000" in body:
            raise ParseError(_("The body contains a NUL character."))
        return data
