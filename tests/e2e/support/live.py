"""A listener on the live channel, on a thread of its own."""
import asyncio
import json
import queue
import threading

import websockets


class Listener:
    def __init__(self, client, channels):
        """channels: name → cursor to resume from, or None."""
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
            self.messages.put({"type": "closed", "error": str(error)})

    async def _read(self, client):
        address = client.url.replace("http", "ws", 1) + "/v1/live"
        async with websockets.connect(address, open_timeout=10) as socket:
            self.socket = socket
            await socket.send(json.dumps({"type": "auth", "token": client.token}))
            async for text in socket:
                message = json.loads(text)
                if "cursor" in message:
                    self.cursors[message["channel"]] = message["cursor"]
                self.messages.put(message)
        self.messages.put({"type": "closed"})

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

    def drain(self):
        out = []
        while not self.messages.empty():
            out.append(self.messages.get())
        return out

    def close(self):
        asyncio.run_coroutine_threadsafe(self.socket.close(), self.loop).result(10)
        self.thread.join(10)
