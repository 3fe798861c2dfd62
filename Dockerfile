# One image for every process of the service: the web server with its clock, and `migrate`.
# It installs what requirements.lock and package-lock.json pin, by hash; there is one lock for all, so
# the check tools come along.
# CI has no container engine, so nothing builds this file there: `./run` is the tested way.

FROM node:22-slim AS console
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM python:3.12-slim AS packages
COPY requirements.lock ./
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --no-deps --require-hashes --requirement requirements.lock

FROM python:3.12-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libgomp1 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 surgeport \
    && install --directory --owner=surgeport /var/lib/surgeport
WORKDIR /app
COPY --from=packages /venv /venv
COPY --from=console /app/node_modules node_modules
COPY pyproject.toml LICENSE ./
COPY forecasting forecasting
COPY routing routing
COPY logistics logistics
COPY data data
COPY api api
USER surgeport
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    SURGEPORT_DATA_DIR=/var/lib/surgeport \
    SURGEPORT_HOST=0.0.0.0
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=3s --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz')"]
CMD ["python", "-m", "api.cli", "serve"]
