"""Facts of uploads that lie about themselves; bad_input.py runs them with its own."""
import base64
import json
import random

from support import media, wire
from support.bad_world import Unchanged
from support.facts import equal, fact, true
from support.node import until


def begin(w, size, who=None, **headers):
    return w.send(who or w.alice, "POST", "/v1/uploads",
                  headers={"Tus-Resumable": "1.0.0", "Upload-Length": size, **headers})


def started(w, size):
    status, _, content = begin(w, size)
    equal(status, 201, content)
    return json.loads(content)["media"]


def chunk(w, upload, data, offset=0, who=None, **headers):
    return w.send(who or w.alice, "PATCH", "/v1/uploads/" + upload, data, {
        "Tus-Resumable": "1.0.0", "Upload-Offset": offset,
        "Content-Type": "application/offset+octet-stream", **headers})


@fact("[D23] uploads of no size, of too much, or at a wrong place are refused, and leave no file")
def uploads(w):
    with Unchanged(w, uploads=True) as rows:
        for size in ("0", "-1", "x", "", "1e3", "1.5", None, 1 << 63, 1 << 64, (8 << 30) + 1):
            rows.row(f"a size of {size}", begin(w, size), field="Upload-Length")
        rows.row("a name that is no base64", begin(w, 10, **{"Upload-Metadata": "filename !!"}),
                 field="Upload-Metadata")
        rows.row("a name too long", begin(w, 10, **{
            "Upload-Metadata": "filename " + base64.b64encode(b"x" * 256).decode()}),
            field="Upload-Metadata")
        rows.row("of a fan", begin(w, 10, who=w.bob), status=403)
        upload = started(w, 1000)
        jpeg = media.photo("64x48")[:1000].ljust(1000, b"\0")
        rows.row("at a wrong offset", chunk(w, upload, jpeg[:10], offset=5), status=409,
                 field="Upload-Offset")
        for offset in ("x", "-1", None, "", 1 << 63):
            rows.row(f"at {offset}", chunk(w, upload, jpeg[:10], offset=offset),
                     field="Upload-Offset")
        rows.row("more than declared", chunk(w, upload, jpeg + b"x"), field="Content-Length")
        rows.row("more than declared, in chunks", wire_chunked(w, upload, jpeg + b"x" * 100_000),
                 status=(400, 413, 422))
        rows.row("nothing", chunk(w, upload, b"", **{"Content-Length": 0}))
        rows.row("as JSON", chunk(w, upload, jpeg, **{"Content-Type": "application/json"}),
                 field="Content-Type", status=415)
        rows.row("by another", chunk(w, upload, jpeg, who=w.carol), status=404)
        head = wire.head("PATCH", "/v1/uploads/" + upload, {
            "Authorization": "Bearer " + w.alice.token, "Upload-Offset": 0, "Content-Length": 1000,
            "Content-Type": "application/offset+octet-stream"})
        with wire.open_socket(w.node.url) as connection:
            connection.sendall(head + jpeg[:600])
        until(lambda: w.files() == rows.before["files"], 60, "what was cut off is removed")
        equal(w.alice.get("/v1/uploads/" + upload)["received"], 0, "bytes of what was cut off")
        status, _, content = w.send(w.alice, "DELETE", "/v1/uploads/" + upload)
        equal(status, 204, content)
        w.settle()
        rows.row("after its end", chunk(w, upload, jpeg), status=409, code="upload_ended")
        rows.row("cancelled twice", w.send(w.alice, "DELETE", "/v1/uploads/" + upload), status=409)
        upload = started(w, 1000)  # some of it came, and then it is cancelled
        equal(chunk(w, upload, jpeg[:700])[0], 204)
        equal(w.send(w.alice, "DELETE", "/v1/uploads/" + upload)[0], 204)


@fact("[B11] an upload that is begun again with its key goes on where it stands; the key of another "
      "file is refused")
def begun_again(w):
    def metadata(name):
        return "filename " + base64.b64encode(name).decode()
    named = {"Idempotency-Key": "film", "Upload-Metadata": metadata(b"film.mp4")}
    jpeg = media.photo("64x48")[:1000].ljust(1000, b"\0")
    status, headers, content = begin(w, 1000, **named)
    equal((status, headers["Upload-Offset"]), (201, "0"), content)
    upload = json.loads(content)["media"]
    equal(chunk(w, upload, jpeg[:700])[0], 204)
    for _ in range(2):
        status, headers, content = begin(w, 1000, **named)
        equal((status, headers["Upload-Offset"]), (201, "700"), content)
        equal(json.loads(content)["media"], upload, "the same upload")
        true(headers["Fanledger-Position"], "its position")
    with Unchanged(w, uploads=True) as rows:
        for what, size, more in (("another size", 1001, {}),
                                 ("another name", 1000, {"Upload-Metadata": metadata(b"x.mp4")}),
                                 ("no name", 1000, {"Upload-Metadata": None})):
            rows.row(what, begin(w, size, **{**named, **more}), status=409,
                     field="Idempotency-Key", code="idempotency_key_reused")
    status, headers, content = w.send(w.alice, "DELETE", "/v1/uploads/" + upload)
    equal(status, 204, content)
    true(headers.get("Fanledger-Position"), "the position of its end")
    state = json.loads(w.send(w.alice, "GET", "/v1/uploads/" + upload, headers={
        "Fanledger-Min-Position": headers["Fanledger-Position"]})[2])
    equal(state["state"], "cancelled")
    status, headers, content = begin(w, 1000, **named)
    equal((status, headers["Upload-Offset"]), (201, "700"), "its end does not make it another")


def wire_chunked(w, upload, data):
    """The body in the chunked coding, which declares no length."""
    head = wire.head("PATCH", "/v1/uploads/" + upload, {
        "Authorization": "Bearer " + w.alice.token, "Upload-Offset": 0,
        "Transfer-Encoding": "chunked", "Content-Type": "application/offset+octet-stream"})
    answer = wire.exchange(w.node.url, head + b"%x\r\n%s\r\n0\r\n\r\n" % (len(data), data))
    return answer or (413, {"Content-Type": "application/problem+json"}, json.dumps(
        {"status": 413, "code": "closed", "detail": "The connection was closed."}).encode())


def ended(w, upload):
    """The state of an upload, once it is refused or ready."""
    state = w.alice.get("/v1/uploads/" + upload)
    return state if state["state"] not in ("uploading", "processing") else None


@fact("[D22] [D23] what is no media, whatever its name, is refused by its first bytes; no file "
      "stays")
def disguised(w):
    secret = b"/etc/passwd"
    disguises = {
        "a text": b"Hello, this is a film.\n" * 50,
        "a playlist": b"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nfile://" + secret + b"\n",
        "a playlist after a mark": b"\xef\xbb\xbf#EXTM3U\n#EXTINF:5,\n" + secret + b"\n",
        "a concat script": b"ffconcat version 1.0\nfile " + secret + b"\n",
        "an SVG": b'<svg xmlns="http://www.w3.org/2000/svg">'
                  b'<image href="file:///etc/passwd"/></svg>',
        "a page": b"<!doctype html><script>alert(1)</script>",
        "a PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
        "a program": b"\x7fELF\x02\x01\x01" + b"\0" * 500,
        "noise": random.Random(1).randbytes(1000), "zeros": bytes(1000),
    }
    name = "filename " + base64.b64encode(b"film.mp4").decode()
    with Unchanged(w, uploads=True) as rows:
        for what, data in disguises.items():
            status, _, content = begin(w, len(data), **{"Upload-Metadata": name})
            equal(status, 201, content)
            upload = json.loads(content)["media"]
            rows.row(what, chunk(w, upload, data), status=415, field="file")
            w.refusal_due(upload)
            state = until(lambda upload=upload: ended(w, upload), 60, f"{what}: is refused")
            equal(state["state"], "refused", what)
            true(state["code"] and state["detail"], f"{what}: says why: {state}")
        for _ in range(12):  # none of them is an open upload any more, of which twenty are allowed
            upload = started(w, 100)
            equal(chunk(w, upload, b"x" * 100)[0], 415)
            w.refusal_due(upload)


@fact("[D23] a video or photo that ends too early is refused by the worker, with a reason; no file "
      "stays")
def truncated(w):
    film = media.video(4, "320x240")
    photo = media.photo("640x480")
    with Unchanged(w, uploads=True) as rows:
        for what, data in (("in its head", film[:600]), ("in its middle", film[:len(film) // 2]),
                           ("photo", photo[:len(photo) // 3]),
                           ("photo without its last line", photo[:-200])):
            upload = w.alice.upload(data)
            w.refusal_due(upload)
            state = until(lambda upload=upload: ended(w, upload), 300, f"{what}: decided")
            rows.count += 1
            if state["state"] != "refused" or not state.get("code") or not state.get("detail"):
                rows.wrong.append(f"{what}: {state}")
        until(lambda: w.files() == rows.before["files"] or rows.wrong, 60,
              "what was refused is removed")
