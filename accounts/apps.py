from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "People and workspaces"

    def ready(self) -> None:
        from accounts import reactions, tasks  # noqa: F401  (nudges and reactions register themselves when imported)
