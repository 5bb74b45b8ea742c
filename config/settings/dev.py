"""`make run`: the product on one machine, with embedded PostgreSQL and Redis."""

from config.settings.base import *
from config.settings.base import env

SECRET_KEY = env.str("SECRET_KEY", default="demo-only-secret-key-not-for-production-use-0123456789")
DEBUG = env.bool("DEBUG", default=False)
