# One image for web, worker, beat and migrations. Static files and the semantic space are made here, so that a
# container starts in seconds and needs neither Node nor the network.

FROM node:22-slim AS browser
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund

FROM python:3.11-slim
ENV PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1
RUN useradd --create-home --uid 10001 resonance
WORKDIR /app
COPY requirements.txt ./
RUN pip install --require-hashes -r requirements.txt
COPY --from=browser /app/node_modules ./node_modules
COPY . .
# Building needs no secret: development settings, and no server is started by these commands.
RUN DJANGO_SETTINGS_MODULE=config.settings.dev python manage.py translations compile \
    && DJANGO_SETTINGS_MODULE=config.settings.dev python manage.py prepare_semantics \
    && DJANGO_SETTINGS_MODULE=config.settings.dev python manage.py collectstatic --noinput --verbosity 0 \
    && mkdir -p var/media var/uploads var/imports var/seal var/run var/log \
    && chown -R resonance:resonance var
USER resonance

# Every blocking thread keeps a database connection: 2 x 4 per web container.
ENV DJANGO_SETTINGS_MODULE=config.settings.prod \
    GRANIAN_INTERFACE=wsgi \
    GRANIAN_HOST=0.0.0.0 \
    GRANIAN_PORT=8000 \
    GRANIAN_WORKERS=2 \
    GRANIAN_BLOCKING_THREADS=4 \
    GRANIAN_WEBSOCKETS=false \
    GRANIAN_RESPAWN_FAILED_WORKERS=true
EXPOSE 8000
CMD ["granian", "config.wsgi:application"]
