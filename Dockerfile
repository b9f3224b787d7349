# Fener in a container: two stages, nothing from the build in the result, not root, read-only file system.
# docs/how-to/run-in-a-container.md says how to start it.
FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /opt/fener
RUN python -m venv /opt/venv
COPY requirements.lock ./
RUN /opt/venv/bin/pip install --require-hashes --no-deps -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY bot ./bot
RUN /opt/venv/bin/pip install --no-deps --no-build-isolation . \
 && /opt/venv/bin/pip uninstall --yes pip setuptools

FROM python:3.11-slim-bookworm
LABEL org.opencontainers.image.title="Fener" \
      org.opencontainers.image.licenses="AGPL-3.0-or-later"
RUN groupadd --system --gid 10001 fener \
 && useradd --system --uid 10001 --gid fener --home-dir /nonexistent --shell /usr/sbin/nologin fener \
 && install -d -o fener -g fener -m 0700 /var/lib/fener /run/fener-keys
COPY --from=build /opt/venv /opt/venv
COPY flows /srv/fener/flows
COPY directory /srv/fener/directory
COPY translations /srv/fener/translations
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    FENER_CONTENT_DIR=/srv/fener \
    FENER_DATA_DIR=/var/lib/fener \
    FENER_KEYS_DIR=/run/fener-keys
WORKDIR /srv/fener
USER 10001:10001
# Two volumes on purpose: a snapshot of the data must not take the keys with it.
VOLUME ["/var/lib/fener", "/run/fener-keys"]
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=15s --retries=3 \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/healthz', timeout=4)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["fener"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8080"]
