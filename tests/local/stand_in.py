"""Stands in for ``python -m saduak`` where only the running of processes is tested.

It answers on the port that it is told, as every service does, and does nothing else.
"""

import os
from http.server import BaseHTTPRequestHandler, HTTPServer


class Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()


if __name__ == "__main__":
    HTTPServer(("127.0.0.1", int(os.environ["SADUAK_LISTEN_PORT"])), Answer).serve_forever()
