"""What the parts of the story share: the platform, its people, their post, and the books."""
from support import media
from support.node import until


class World:
    def __init__(self, node):
        self.node = node.start()
        self.video = media.video(6, "1280x720")
        self.deposited = 0  # all that staff paid in, in cents
        self.sold = []  # (kind, cents) of all that was paid

    def deposit(self, username, cents):
        self.deposited += cents
        self.node.deposit(username, f"{cents // 100}.{cents % 100:02}",
                          reference=f"wire {username} {self.deposited}")
        self.settle()

    def settle(self):
        """Until the read models have read all of the log."""
        until(self.node.settled, 60, "the read models reach the end of the log")

    def close(self):
        self.node.close()
