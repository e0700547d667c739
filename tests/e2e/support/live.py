"""A listener on the live channel, on a thread of its own."""
import asyncio
import json
import queue
import threading

import websockets


class Listener:
    def __init__(self, client, channels, in_handshake=False):
        """channels: name → cursor to resume from, or None; in_handshake: where the token goes."""
        self.in_handshake = in_handshake
        self.messages = queue.Queue()
        self.cursors = {}
        self.loop = asyncio.new_event_loop()
        self.socket = None
        self.thread = threading.Thread(target=self._run, args=(client,), daemon=True)
        self.thread.start()
        self.expect("ready")
        for name, cursor in channels.items():
            message = {"type": "subscribe", "channel": name}
            if cursor:
                message["cursor"] = cursor
            self.send(message)
            self.expect("subscribed", channel=name)

    def _run(self, client):
        asyncio.set_event_loop(self.loop)
        try:
            self.loop.run_until_complete(self._read(client))
        except (OSError, websockets.exceptions.WebSocketException) as error:
            self.messages.put({"type": "closed", "error": str(error), **self._closing()})

    async def _read(self, client):
        address = client.url.replace("http", "ws", 1) + "/v1/live"
        headers = {"Authorization": "Bearer " + client.token} if self.in_handshake else {}
        async with websockets.connect(address, open_timeout=10, extra_headers=headers) as socket:
            self.socket = socket
            if not self.in_handshake:
                await socket.send(json.dumps({"type": "auth", "token": client.token}))
            async for text in socket:
                message = json.loads(text)
                if "cursor" in message:
                    self.cursors[message["channel"]] = message["cursor"]
                self.messages.put(message)
        self.messages.put({"type": "closed", **self._closing()})

    def _closing(self):
        socket = self.socket
        return {"code": socket.close_code, "reason": socket.close_reason} if socket else {}

    def send(self, message):
        asyncio.run_coroutine_threadsafe(self.socket.send(json.dumps(message)),
                                         self.loop).result(10)

    def expect(self, kind, seconds=15, **wanted):
        """The next message of this kind; others before it are dropped."""
        while True:
            message = self.messages.get(timeout=seconds)
            if message["type"] == kind and all(message.get(k) == v for k, v in wanted.items()):
                return message
            if message["type"] in ("closed", "error"):
                raise AssertionError(f"wanted {kind}, got {message}")

    def closed(self, seconds=15):
        """The code and reason with which the server closes it; messages before are dropped."""
        while True:
            message = self.messages.get(timeout=seconds)
            if message["type"] == "closed":
                return message.get("code"), message.get("reason")

    def drain(self):
        out = []
        while not self.messages.empty():
            out.append(self.messages.get())
        return out

    def close(self):
        asyncio.run_coroutine_threadsafe(self.socket.close(), self.loop).result(10)
        self.thread.join(10)
