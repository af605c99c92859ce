"""The site of an app on this machine, by https: it serves the documents by which apps name themselves, and counts who asks."""

import ipaddress
import json
import ssl
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

HOST = "127.0.0.1"


class AppSite:
    """`serve` puts a document there; `asked` counts requests by path. `settings` let Galaxy go there and trust it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._certificate = certificate_in(folder)
        self._documents: dict[str, tuple[int, str, bytes]] = {}
        self.asked: Counter[str] = Counter()
        self._server = self._listening()
        self.origin = f"https://{HOST}:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def settings(self) -> dict[str, str]:
        """Settings with which a Galaxy can reach this site."""
        return {"EGRESS_ALLOW": self.origin.removeprefix("https://"), "SSL_CERT_FILE": str(self._certificate)}

    def serve(
        self, path: str, document: Any = None, *, status: int = 200, kind: str = "application/json", **changes: Any
    ) -> str:
        """Put the document of an app at the path, with changes to the usual one; gives its client id."""
        address = self.origin + path
        usual = {"client_id": address, "client_name": "Test app", "redirect_uris": ["http://127.0.0.1/callback"]}
        body = document if isinstance(document, bytes) else json.dumps(document or usual | changes).encode()
        self._documents[path] = (status, kind, body)
        return address

    def stop(self) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()

    def _listening(self) -> ThreadingHTTPServer:
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked[self.path] += 1
                status, kind, body = site._documents.get(self.path, (404, "text/plain", b"nothing here"))
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Nothing."""

        server = ThreadingHTTPServer((HOST, 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        return server


def certificate_in(folder: Path) -> Path:
    """A certificate that vouches for itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test apps")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "app-site.pem"
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file
