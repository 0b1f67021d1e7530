# The pages that browsers load are built in the first stage, the wheel in the second; the last
# holds what runs and nothing else.

FROM node:22-slim AS pages
WORKDIR /src/web
COPY web/console/package.json web/console/package-lock.json console/
COPY web/widget/package.json web/widget/package-lock.json widget/
RUN npm ci --no-audit --no-fund --prefix console && npm ci --no-audit --no-fund --prefix widget
COPY web/console console
COPY web/widget widget
RUN npm run --prefix console build:only && npm run --prefix widget build:only

FROM python:3.12-slim AS wheel
WORKDIR /src
COPY requirements.lock ./
RUN python -m venv /opt/contact-center \
    && /opt/contact-center/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY . .
COPY --from=pages /src/web/static web/static
RUN /opt/contact-center/bin/pip wheel --no-cache-dir --no-deps --wheel-dir /wheels . \
    && /opt/contact-center/bin/pip install --no-cache-dir --no-deps /wheels/*.whl

FROM python:3.12-slim
RUN groupadd --system --gid 10001 desk \
    && useradd --system --uid 10001 --gid desk --no-create-home --shell /usr/sbin/nologin desk \
    && install -d -o desk -g desk -m 0700 /var/lib/contact-center
COPY --from=wheel /opt/contact-center /opt/contact-center
ENV PATH=/opt/contact-center/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    CONTACT_CENTER_LISTEN_HOST=0.0.0.0 \
    CONTACT_CENTER_DATA_DIR=/var/lib/contact-center
WORKDIR /var/lib/contact-center
USER 10001:10001
VOLUME /var/lib/contact-center
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 CMD ["python", "-c", \
    "import urllib.request as ask; ask.urlopen('http://127.0.0.1:8080/readyz', timeout=4)"]
ENTRYPOINT ["contact-center"]
CMD ["serve"]
