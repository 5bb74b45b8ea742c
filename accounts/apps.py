from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "People and workspaces"

    def ready(self) -> None:
        from accounts import tasks  # noqa: F401  (registers the nudges: the web process starts work at once)
