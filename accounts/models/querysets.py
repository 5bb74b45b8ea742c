"""Tenancy as a queryset verb: `visible_to(actor)` on every model that belongs to somebody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models

from accounts.scope import scope_q

if TYPE_CHECKING:
    from accounts.actors import Actor


class TenantQuerySet(models.QuerySet[Any]):
    """Subclasses say which rows an actor may see; in doubt nobody sees anything."""

    def visible_to(self, actor: Actor) -> Self:
        return self.none()


class WorkspaceQuerySet(TenantQuerySet):
    """Rows of one workspace, seen by its members and API clients. `path` leads to the workspace."""

    path = "workspace"

    def visible_to(self, actor: Actor) -> Self:
        if actor.workspace_id is None:
            return self.none()
        return self.filter(scope_q(self.model, actor), **{f"{self.path}_id": actor.workspace_id})


class Visible(models.Model):
    """Gives a model `Model.visible_to(actor)`, the only way views and API reach rows."""

    class Meta:
        abstract = True

    @classmethod
    def visible_to(cls, actor: Actor) -> Any:
        return cls._default_manager.all().visible_to(actor)  # type: ignore[attr-defined]
