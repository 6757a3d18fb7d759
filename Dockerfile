# `app` is the image of web, worker, beat and the one-off commands; `proxy` keeps their pages and stands in
# front of them, `door` in front of all, with the certificate.
FROM python:3.11-slim AS app

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 DATA_DIR=/data
RUN useradd --system --uid 10001 --home-dir /data --create-home ldn
WORKDIR /app

COPY requirements.lock ./
RUN python -m venv .venv && .venv/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements.lock

COPY . .
# Two volumes, whose owner is that of the directory here: the static files, of which earlier ones are kept for
# pages that still refer to them, and the file at which the proxy finds the web server.
RUN mkdir /data/static /run/ldn-kb && chown ldn /data/static /run/ldn-kb

USER ldn
CMD [".venv/bin/python", "-m", "ldn_kb.serve", "--socket", "/run/ldn-kb/web.sock", "--workers", "2"]


FROM nginx:1 AS proxy

RUN useradd --system --uid 10001 --no-create-home ldn && mkdir /data /run/ldn-kb && chown ldn /data /run/ldn-kb
COPY deploy/unavailable.html /etc/nginx/ldn/unavailable.html
COPY deploy/nginx.conf /etc/nginx/nginx.conf

USER ldn


FROM caddy:2 AS door

RUN adduser -S -D -H -u 10001 ldn && chown -R ldn /data /config
COPY deploy/Caddyfile /etc/caddy/Caddyfile

USER ldn
