# The image of Latchkey, the same for web, worker, beat and migrations: docker-compose.yml says which is which.
FROM python:3.11-slim-bookworm AS build
RUN python -m venv /venv
WORKDIR /app
COPY requirements.txt .
RUN /venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check -r requirements.txt
COPY . .
# Settings want a key and a folder for state even here; neither gets into the image.
RUN SECRET_KEY=only-for-this-line PIN_KEYS=only-for-this-line SEAM_API_KEY=only-for-this-line \
    VAR_DIR=/tmp/var STATIC_ROOT=/app/staticfiles /venv/bin/python manage.py collectstatic --noinput

FROM python:3.11-slim-bookworm
RUN useradd --uid 10001 --home-dir /var/lib/latchkey --no-create-home --shell /usr/sbin/nologin latchkey \
    && install --directory --owner latchkey --group latchkey --mode 700 /var/lib/latchkey
COPY --from=build /venv /venv
COPY --from=build /app /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 VAR_DIR=/var/lib/latchkey STATIC_ROOT=/app/staticfiles
WORKDIR /app
USER latchkey
EXPOSE 8000
CMD ["gunicorn", "--bind", "0.0.0.0:8000"]
