"""A client of the HTTP API, as a stranger would write it, from the standard library alone."""
import http.client
import json
import uuid
from urllib.parse import urlsplit


PASSWORD = "correct horse battery"  # everybody's


class Refused(Exception):
    """An answer of 4xx or 5xx: a problem document."""

    def __init__(self, status, problem, headers):
        super().__init__(f"{status} {problem.get('code')}: {problem.get('detail')}"
                         f" (field {problem.get('field')!r})")
        self.status = status
        self.problem = problem
        self.code = problem.get("code")
        self.field = problem.get("field")
        self.headers = headers


class Client:
    """One person. Keeps the session's token and the position of the last write."""

    def __init__(self, url, username=None):
        self.url = url
        self.username = username
        self.token = None
        self.position = None

    def raw(self, method, path, body=None, headers=None, timeout=60):
        """(status, headers, bytes)"""
        parts = urlsplit(self.url)
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()

    def headers(self, extra=None):
        headers = {}
        if self.token:
            headers["Authorization"] = "Bearer " + self.token
        if self.position:
            headers["Fanledger-Min-Position"] = self.position
        headers.update(extra or {})
        return headers

    def call(self, method, path, body=None, key=None, headers=None):
        """The JSON answer, or Refused."""
        sent = self.headers(headers)
        data = None
        if body is not None:
            data = json.dumps(body)
            sent["Content-Type"] = "application/json"
        if key is not None:
            sent["Idempotency-Key"] = key
        status, got, content = self.raw(method, path, data, sent)
        if status >= 400:
            try:
                problem = json.loads(content)
            except ValueError:
                problem = {"code": "not_json", "detail": content[:200].decode("latin-1")}
            raise Refused(status, problem, got)
        if got.get("Fanledger-Position"):
            self.position = got["Fanledger-Position"]
        return json.loads(content) if content else None

    def get(self, path, **more):
        return self.call("GET", path, **more)

    def post(self, path, body=None, **more):
        return self.call("POST", path, body, **more)

    def put(self, path, body=None, **more):
        return self.call("PUT", path, body, **more)

    def delete(self, path, **more):
        return self.call("DELETE", path, **more)

    def sign_up(self, username, role="fan", password=PASSWORD):
        self.post("/v1/accounts", {"email": f"{username}@example.org", "password": password,
                                   "password_repeat": password, "username": username,
                                   "role": role})
        self.username = username
        self.token = self.post("/v1/sessions",
                               {"login": username, "password": password})["token"]
        return self

    def wallet(self, currency="USD", book="wallet"):
        for money in self.get("/v1/me")[book]:
            if money["currency"] == currency:
                return money["amount"]
        return 0

    def upload(self, data, name="video.mp4", chunk=1 << 20):
        """Uploads the bytes by tus, and returns the media's id."""
        media = self.begin_upload(data, name)
        self.send_upload(media, data, chunk)
        return media

    def begin_upload(self, data, name="video.mp4"):
        """The media's id."""
        import base64
        started = self.call("POST", "/v1/uploads", headers={
            "Tus-Resumable": "1.0.0", "Upload-Length": str(len(data)),
            "Upload-Metadata": "filename " + base64.b64encode(name.encode()).decode()})
        return started["media"]

    def send_upload(self, media, data, chunk=1 << 20):
        """Sends what is missing."""
        offset = self.get("/v1/uploads/" + media)["received"]
        while offset < len(data):
            piece = data[offset:offset + chunk]
            status, headers, content = self.raw(
                "PATCH", "/v1/uploads/" + media, piece,
                self.headers({"Tus-Resumable": "1.0.0", "Upload-Offset": str(offset),
                              "Content-Type": "application/offset+octet-stream"}))
            if status >= 400:
                raise Refused(status, json.loads(content), headers)
            offset = int(headers["Upload-Offset"])


def new_key():
    return str(uuid.uuid4())
