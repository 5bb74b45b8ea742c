"""The last lines of a start: the address, the demo's logins, what a reader should know first."""

import json

from config.console import announce, problem, progress, table
from config.environment import VAR_DIR, env


def show_welcome(port: str) -> None:
    address = env.str("BASE_URL", default=f"http://localhost:{port}").rstrip("/")
    announce(f"\nResonance runs at {address}")
    rows = _logins()
    if rows:
        table([("Demo login", "E-mail", "Password", "Page"), *rows])
    elif not env.bool("DEMO", default=True):
        progress("The first account: .venv/bin/python manage.py create_workspace --name NAME --owner EMAIL")
    progress(f"Logs: {VAR_DIR / 'log'}   Stop with Ctrl-C")


def show_warnings(*, public: bool) -> None:
    if not public:
        return
    if env.bool("DEMO", default=True):
        problem(
            "Other machines can reach this address, and the demo signs anyone in with public passwords. "
            "Set DEMO=0 with your own data, or HOST=127.0.0.1."
        )
    if not env.str("ALLOWED_HOSTS", default=""):
        problem(
            "Only “localhost” is answered as a host name. Set ALLOWED_HOSTS to the names or addresses that people "
            "open, and BASE_URL to the one that links in mail should use."
        )


def _logins() -> list[tuple[str, str, str, str]]:
    if not env.bool("DEMO", default=True):
        return []
    try:
        entries = json.loads((VAR_DIR / "demo_logins.json").read_text())
        return [(entry["role"], entry["email"], entry["password"], entry.get("path", "/")) for entry in entries]
    except (OSError, ValueError, KeyError, TypeError):
        return []
