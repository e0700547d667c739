"""Requests as bytes on a socket, for what no proper client would send."""
import http.client
import socket
from urllib.parse import urlsplit


def open_socket(url):
    parts = urlsplit(url)
    return socket.create_connection((parts.hostname, parts.port), timeout=60)


def head(method, path, headers):
    """The bytes before the body. Values may be bytes, and anything at all."""
    def octets(value):
        return value if isinstance(value, bytes) else str(value).encode()
    lines = [octets(method) + b" " + octets(path) + b" HTTP/1.1", b"Host: localhost",
             b"Connection: close"]
    lines += [octets(name) + b": " + octets(value) for name, value in headers.items()]
    return b"\r\n".join(lines) + b"\r\n\r\n"


def exchange(url, sent):
    """(status, headers, body) of the answer; None when the server just closed."""
    with open_socket(url) as connection:
        try:
            connection.sendall(sent)
            response = http.client.HTTPResponse(connection, method=sent.split(b" ")[0].decode(
                "latin-1"))
            response.begin()
            return response.status, response.headers, response.read()
        except (ConnectionError, http.client.HTTPException):
            return None
