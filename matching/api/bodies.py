"""A request's body as its serializer reads it."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


def read(serializer: type[serializers.Serializer], request: Any) -> dict[str, Any]:
    """Validated values; raises rest_framework's ValidationError, told as a problem."""
    form = serializer(data=request.data)
    form.is_valid(raise_exception=True)
    return dict(form.validated_data)
