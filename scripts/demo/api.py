"""One person's access to the HTTP API."""
import base64
import http.client
import json
import time
from urllib.parse import urlsplit

CHUNK = 4 << 20
PATIENCE = 60  # seconds of asking again while the platform says "retry"
TIMEOUT = 120  # seconds for one answer: a busy machine hashes passwords slowly


class Refused(Exception):
    """An answer of 4xx or 5xx, or none."""

    def __init__(self, what, status, code, detail):
        super().__init__(f"{what} was answered with {status} {code}: {detail}")
        self.status = status
        self.code = code


class Api:
    """Keeps the session's token and the position of the last write, so one reads one's own writes.

    Every write has a key of its own, so that it may be sent again without doing it twice.
    """

    def __init__(self, url):
        self.url = url
        self.token = None
        self.position = None

    def call(self, method, path, body=None, key=None, headers=None):
        """The JSON answer; asks again while the platform says that this may help."""
        data = None if body is None else json.dumps(body).encode()
        sent = dict(headers or {})
        if data is not None:
            sent["Content-Type"] = "application/json"
        if key is not None:
            sent["Idempotency-Key"] = key
        end = time.monotonic() + PATIENCE
        while True:
            try:
                _, content = self.send(method, path, data, sent)
                return json.loads(content) if content else None
            except Refused as error:
                repeatable = method == "GET" or key is not None
                if error.status != 503 or not repeatable or time.monotonic() > end:
                    raise
            time.sleep(0.3)

    def send(self, method, path, data, headers):
        """(headers, bytes) of one request, or Refused."""
        what = f"{method} {path}"
        parts = urlsplit(self.url)
        sent = dict(headers)
        if self.token:
            sent["Authorization"] = "Bearer " + self.token
        if self.position:
            sent["Fanledger-Min-Position"] = self.position
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=TIMEOUT)
        try:
            connection.request(method, path, body=data, headers=sent)
            response = connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise Refused(what, 0, "no_answer", repr(error)) from error
        finally:
            connection.close()
        if response.status >= 400:
            try:
                problem = json.loads(content)
            except ValueError:
                problem = {"detail": content[:200].decode("latin-1")}
            raise Refused(what, response.status, problem.get("code"), problem.get("detail"))
        self.position = response.headers.get("Fanledger-Position") or self.position
        return response.headers, content

    def exists(self, path):
        try:
            self.call("GET", path)
            return True
        except Refused as error:
            if error.status == 404:
                return False
            raise

    def pages(self, path):
        """Every item of a list, page by page."""
        cursor = None
        while True:
            page = self.call("GET", f"{path}?limit=100" + (f"&cursor={cursor}" if cursor else ""))
            yield from page["data"]
            cursor = page["next"]
            if not cursor:
                return

    def upload(self, path, key):
        """Uploads a file by tus, from where an earlier attempt with this key ended. The media's id."""
        tus = {"Tus-Resumable": "1.0.0"}
        size = path.stat().st_size
        name = base64.b64encode(path.name.encode()).decode()
        media = self.call("POST", "/v1/uploads", key=key, headers={
            **tus, "Upload-Length": str(size), "Upload-Metadata": "filename " + name})["media"]
        offset = self.call("GET", "/v1/uploads/" + media)["received"]
        with path.open("rb") as file:
            while offset < size:
                file.seek(offset)
                headers, _ = self.send("PATCH", "/v1/uploads/" + media, file.read(CHUNK), {
                    **tus, "Upload-Offset": str(offset),
                    "Content-Type": "application/offset+octet-stream"})
                offset = int(headers["Upload-Offset"])
        return media
