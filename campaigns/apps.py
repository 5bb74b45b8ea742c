from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "campaigns"
    verbose_name = "Campaigns"

    def ready(self) -> None:
        from campaigns import choices, commitments, copied, erasure, history, presenters, reactions  # noqa: F401  (these register themselves)
        from campaigns.contracts import guard

        commitments.register()
        history.register()
        guard.register()
