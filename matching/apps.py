from django.apps import AppConfig


class MatchingConfig(AppConfig):
    name = "matching"
    verbose_name = "Matching"

    def ready(self) -> None:
        from matching import erasure, reactions, tasks  # noqa: F401  (jobs and reactions register themselves when imported)
