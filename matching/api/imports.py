"""Files over the API: 202 with a job to watch."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from accounts.api.endpoint import Endpoint, idempotent
from accounts.api.presenters import JobSerializer
from accounts.api.schema import documented
from accounts.errors import InvalidInput, WrongState
from accounts.models import Job, SourceKind
from matching.api import serializers as s
from matching.ingest import uploads
from matching.ingest.definition import parse_mapping
from matching.services.imports import KIND, Wish, create_import, rejects_path


class Imports(Endpoint):
    verbs = {"POST": "import.run"}
    parser_classes = [MultiPartParser]
    streams_body = True

    @documented(
        JobSerializer,
        request={"multipart/form-data": s.ImportRequestSerializer},
        status=202,
        operation_id="imports_create",
        tags=["Imports"],
    )
    @idempotent
    def post(self, request: Any) -> Response:
        """Starts an import of whole files. The answer is a job: GET /jobs/{id}, then GET /imports/{id}/rejects."""
        files = request.FILES.getlist("files")
        if not files:
            raise InvalidInput(fields={"files": [_("Send at least one file.")]})
        mapping = parse_mapping(str(request.data.get("mapping", "")))
        kept: list[dict[str, Any]] = []
        try:
            kept.extend(uploads.keep(file.name, file.chunks()) for file in files)
            wish = Wish(
                files=kept,
                mapping=mapping,
                kind=str(request.data.get("kind", "")),
                source=str(request.data.get("source", ""))[:200],
                provenance=SourceKind.API,
            )
            job = create_import(actor=request.actor, wish=wish)
        except Exception:
            uploads.remove(kept)
            raise
        return Response(JobSerializer(job).data, status=202, headers={"Location": f"/api/v1/jobs/{job.pk}"})


class ImportRejects(Endpoint):
    verbs = {"GET": "import.read"}

    @documented({(200, "text/csv"): str}, also=(409,), operation_id="imports_rejects", tags=["Imports"])
    def get(self, request: Any, pk: Any) -> Any:
        """Every rejected row with its file, line, field, reason and remedy, as CSV."""
        job = get_object_or_404(Job.visible_to(request.actor).filter(kind=KIND), pk=pk)
        path = rejects_path(job)
        if not path.is_file():
            raise WrongState(_("No row was rejected so far."), code="nothing_rejected")
        return FileResponse(
            path.open("rb"), as_attachment=True, filename=f"rejects-{job.pk}.csv", content_type="text/csv"
        )
