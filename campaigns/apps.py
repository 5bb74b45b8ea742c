from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "campaigns"
    verbose_name = "Campaigns"

    def ready(self) -> None:
        from campaigns import commitments, history, reactions  # noqa: F401  (reactions register themselves when imported)
        from campaigns.contracts import guard

        commitments.register()
        history.register()
        guard.register()
