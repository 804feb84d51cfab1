"""Stands in for ``python -m saduak`` where only the running of processes is tested.

It answers on the ports that it is told, as every service does, and does nothing else.
"""

import os
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread


class Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()


if __name__ == "__main__":
    doors = ("SADUAK_LISTEN_PORT", "SADUAK_OPERATIONS_PORT")
    public, inner = (HTTPServer(("127.0.0.1", int(os.environ[door])), Answer) for door in doors)
    Thread(target=inner.serve_forever, daemon=True).start()
    public.serve_forever()
