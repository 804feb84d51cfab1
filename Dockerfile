# One file, an image a role: docker build --target site|reporting|setup -t saduak-site:0.1.0 .
# Wheels are hashed and the same that the tests run with; nothing is compiled, nobody is root, and
# nothing is written outside of mounted places.

FROM python:3.13.13-slim-trixie AS base
ENV PATH=/opt/saduak/bin:$PATH \
    PYTHONPATH=/app \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    SADUAK_STANDARDS=/app/standards
RUN groupadd --gid 10001 saduak && useradd --uid 10001 --gid 10001 --no-create-home saduak
WORKDIR /app

FROM base AS wheels
RUN python -m venv --without-pip /opt/saduak
ENV INSTALL="python -m pip --python /opt/saduak/bin/python install --no-cache-dir --require-hashes --only-binary :all: --compile"

FROM wheels AS site-wheels
COPY requirements/site.txt .
RUN $INSTALL -r site.txt

FROM wheels AS reporting-wheels
COPY requirements/reporting.txt .
RUN $INSTALL -r reporting.txt

FROM wheels AS setup-wheels
COPY requirements/setup.txt .
RUN $INSTALL -r setup.txt

# A site's two services, and what makes its own machine ready. Nothing of the centre.
FROM base AS site
COPY --from=site-wheels /opt/saduak /opt/saduak
COPY libs /app/libs
COPY services/__init__.py /app/services/
COPY services/ticketing /app/services/ticketing
COPY services/feedback /app/services/feedback
COPY saduak/__init__.py saduak/__main__.py saduak/cli.py saduak/standards_cli.py saduak/office_cli.py /app/saduak/
COPY saduak/provision/__init__.py saduak/provision/databases.py saduak/provision/office.py saduak/provision/postgres.py saduak/provision/scram.py saduak/provision/secret_files.py saduak/provision/vault.py /app/saduak/provision/
COPY saduak/provision/sql /app/saduak/provision/sql
COPY standards /app/standards
RUN python -m compileall -q /app && install -d -m 700 -o 10001 -g 10001 /vault /proxy
USER 10001:10001
EXPOSE 8000 9000
ENTRYPOINT ["python", "-m", "saduak"]
CMD ["--help"]

# The centre's service, with its operator's tools.
FROM base AS reporting
COPY --from=reporting-wheels /opt/saduak /opt/saduak
COPY libs/__init__.py libs/clock.py /app/libs/
COPY libs/events /app/libs/events
COPY libs/database /app/libs/database
COPY libs/standards /app/libs/standards
COPY libs/stream /app/libs/stream
COPY libs/service /app/libs/service
COPY services/__init__.py /app/services/
COPY services/reporting /app/services/reporting
COPY saduak/__init__.py saduak/__main__.py saduak/cli.py saduak/standards_cli.py /app/saduak/
COPY standards /app/standards
RUN python -m compileall -q /app
USER 10001:10001
EXPOSE 8000 9000
ENTRYPOINT ["python", "-m", "saduak"]
CMD ["--help"]

# The centre's one-shot set-up and its operator's commands; of the services the schemas only.
FROM base AS setup
COPY --from=setup-wheels /opt/saduak /opt/saduak
COPY libs /app/libs
COPY services/__init__.py /app/services/
COPY services/ticketing/__init__.py /app/services/ticketing/
COPY services/ticketing/migrations /app/services/ticketing/migrations
COPY services/ticketing/sql /app/services/ticketing/sql
COPY services/feedback/__init__.py /app/services/feedback/
COPY services/feedback/migrations /app/services/feedback/migrations
COPY services/feedback/sql /app/services/feedback/sql
COPY services/reporting/__init__.py /app/services/reporting/
COPY services/reporting/migrations /app/services/reporting/migrations
COPY services/reporting/sql /app/services/reporting/sql
COPY saduak/__init__.py saduak/__main__.py saduak/cli.py saduak/standards_cli.py /app/saduak/
COPY saduak/provision /app/saduak/provision
COPY standards /app/standards
RUN python -m compileall -q /app && install -d -m 700 -o 10001 -g 10001 /vault
USER 10001:10001
ENTRYPOINT ["python", "-m", "saduak"]
CMD ["--help"]
