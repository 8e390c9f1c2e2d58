# The image of web, worker, beat and migrate: they differ only by their command.

FROM python:3.12-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
RUN python -m venv /opt/venv
COPY requirements/base.txt requirements/setup.txt /build/
RUN /opt/venv/bin/pip install --require-hashes -r /build/base.txt \
    && pip install --require-hashes -r /build/setup.txt
COPY . /srv/huopan
WORKDIR /srv/huopan
RUN python -m running.translating compile
# Made up for this one command, which only copies files; no secret is part of the image.
RUN HUOPAN_ENV=production \
    SECRET_KEY=only-while-the-image-is-being-built-1 \
    HASH_KEY=only-while-the-image-is-being-built-2 \
    FIELD_KEYS=build:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= \
    STATIC_ROOT=/srv/static \
    /opt/venv/bin/python manage.py collectstatic --no-input \
    && /opt/venv/bin/python -m compileall -q /srv/huopan

FROM python:3.12-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /srv/home --create-home huopan \
    && install -d -o huopan -g huopan /srv/media /srv/private
COPY --from=build /opt/venv /opt/venv
COPY --from=build /srv/static /srv/static
COPY --from=build /srv/huopan /srv/huopan
WORKDIR /srv/huopan
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=config.settings \
    HUOPAN_ENV=production \
    HUOPAN_HOME=/srv/home \
    STATIC_ROOT=/srv/static \
    MEDIA_ROOT=/srv/media \
    PRIVATE_ROOT=/srv/private \
    WEB_BIND=0.0.0.0:8000
USER huopan
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=40s --retries=3 \
    CMD ["python", "-m", "running.healthy", "web"]
CMD ["gunicorn", "-c", "config/gunicorn.py"]
