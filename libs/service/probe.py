"""``python -m libs.service.probe``: whether the service beside it is ready; for health checks.

It asks ``/health/ready`` at this machine's own SADUAK_OPERATIONS_PORT, where that says what is
wrong, else at SADUAK_LISTEN_PORT. Status 0 if it is ready, else
1, with what it lacks. Standard library only, so that it takes some hundredths of a second.
"""

import os
import sys
from http.client import HTTPConnection

PATIENCE_SECONDS = 4


def main() -> int:
    ports = (os.environ.get(f"SADUAK_{name}_PORT") for name in ("OPERATIONS", "LISTEN"))
    port = next(filter(None, ports), "")
    connection = HTTPConnection(f"127.0.0.1:{port}", timeout=PATIENCE_SECONDS)
    try:
        connection.request("GET", "/health/ready")
        answer = connection.getresponse()
        said = answer.read(2000).decode(errors="replace")
    except (OSError, ValueError) as error:
        print(f"no answer on port {port}: {error}", file=sys.stderr)  # noqa: T201
        return 1
    if answer.status != 200:
        print(said, file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
