#!/usr/bin/env python
"""Django's command line for Resonance."""

import os
import sys

# These read or write files only; every other command finds the database running.
_WITHOUT_SERVERS = {
    "check",
    "collectstatic",
    "diffsettings",
    "findstatic",
    "help",
    "makemigrations",
    "prepare_semantics",
    "spectacular",
    "translations",
    "version",
}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    try:
        from django.core.management import execute_from_command_line

        from config.embedded import Servers
        from config.environment import VAR_DIR, StartError
    except ImportError as error:
        sys.exit(f"{error}. Run “make install” first, then .venv/bin/python manage.py …")
    command = next((word for word in sys.argv[1:] if not word.startswith("-")), "help")
    try:
        if command in _WITHOUT_SERVERS or "--help" in sys.argv:
            execute_from_command_line(sys.argv)
            return
        with Servers(VAR_DIR, report=lambda text: print(text, file=sys.stderr)).held():
            execute_from_command_line(sys.argv)
    except StartError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
