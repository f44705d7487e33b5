"""Hosts on real local sockets that answer as told, also badly, and a certificate that tests trust."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

# Sends what a host says; gets the request as it came.
Script = Callable[[socket.socket, str], None]


class Host:
    """Listens on a port of its own and remembers what it was asked."""

    def __init__(self, script: Script, tls: ssl.SSLContext | None = None) -> None:
        self.asked: list[str] = []
        self._script = script
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        try:
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
            request = b""
            while b"\r\n\r\n" not in request:
                request += connection.recv(4096)
            self.asked.append(request.decode())
            self._script(connection, request.decode())
        except OSError:
            pass
        finally:
            connection.close()

    def stop(self) -> None:
        self._listener.close()


@contextmanager
def host(script: Script, tls: ssl.SSLContext | None = None) -> Iterator[Host]:
    one = Host(script, tls)
    yield one
    one.stop()


def says(body: bytes = b"", status: str = "200 OK", **headers: str) -> Script:
    """An ordinary answer; `Content_Type` names the header Content-Type."""
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in {"Content_Length": len(body), **headers}.items()]
    whole = "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode() + body
    return lambda connection, request: connection.sendall(whole)


def drips(whole: bytes) -> Script:
    """A byte at a time, for ever slower than any deadline of a test."""

    def send(connection: socket.socket, request: str) -> None:
        for byte in whole:
            connection.sendall(bytes([byte]))
            time.sleep(0.05)

    return send


def certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """TLS contexts of a host called `name`, and of a client that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    begins = datetime.now(UTC) - timedelta(days=1)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=3))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, secret = folder / "host.pem", folder / "host.key"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    no_password = serialization.NoEncryption()
    kinds = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    secret.write_bytes(key.private_bytes(*kinds, no_password))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem, secret)
    return server, ssl.create_default_context(cafile=str(pem))


LOOPBACK = ipaddress.ip_address("127.0.0.1")
