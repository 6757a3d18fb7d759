# `app` is the image of web, worker, beat and the one-off commands; `proxy` stands in front of them.
FROM python:3.11-slim AS app

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 DATA_DIR=/data
RUN useradd --system --uid 10001 --home-dir /data --create-home ldn
WORKDIR /app

COPY requirements.lock ./
RUN python -m venv .venv && .venv/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements.lock

COPY . .
# The addresses are never asked: they say that no embedded service is needed.
RUN SECRET_KEY=build DATABASE_URL=postgresql://none/none REDIS_URL=redis://none \
    .venv/bin/python manage.py collectstatic --no-input

USER ldn
EXPOSE 8000
CMD [".venv/bin/granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", "--blocking-threads", "4", "--backpressure", "64", "ldn_kb.wsgi:application"]


FROM caddy:2 AS proxy

RUN adduser -S -D -H -u 10001 ldn && chown -R ldn /data /config
COPY --from=app /app/staticfiles /srv/static
COPY deploy/Caddyfile /etc/caddy/Caddyfile

USER ldn
