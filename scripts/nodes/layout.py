"""Who the nodes of a platform on Kafka are, and what each is told.

The one place for it: scripts/cluster starts processes with these arguments, and a check holds the
services of docker/compose.yaml against them.
"""

import dataclasses
from typing import Callable


@dataclasses.dataclass(frozen=True)
class Member:
    name: str
    role: str  # api, owner or worker


# In the order of starting. Two of each: one may be lost. The owner that comes second stands by.
MEMBERS = (Member("owner-1", "owner"), Member("owner-2", "owner"), Member("api-1", "api"),
           Member("api-2", "api"), Member("worker-1", "worker"), Member("worker-2", "worker"))
OWNERS = tuple(member.name for member in MEMBERS if member.role == "owner")
# Answers 200 when the node can do its part; a standby can when it follows the log.
READY = "/readyz"


@dataclasses.dataclass(frozen=True)
class Places:
    """Where everything is, as a node sees it. What takes a name differs from node to node."""

    kafka: str                      # host:port,…
    replication: int
    keys: str                       # the key ring of all nodes
    shared: str                     # blobs and sources of all nodes
    admin_key: str                  # the public key of the first admin, for Genesis
    first_data: str                 # the local state of `init`
    data: Callable[[str], str]
    certificates: Callable[[str], str]
    listen: Callable[[str], str]
    public_url: Callable[[str], str]
    node_listen: Callable[[str], str]
    node_url: Callable[[str], str]  # where the others reach an owner
    kafka_config: str = ""          # security, in a file
    prefix: str = ""                # of the topics, if not the default


def log(places):
    """Where the log is: the same words for init and serve."""
    config = ["--kafka-config", places.kafka_config] if places.kafka_config else []
    prefix = ["--topic-prefix", places.prefix] if places.prefix else []
    return ["--kafka", places.kafka, "--replication", str(places.replication), *config, *prefix]


def init(places):
    """fanledgerd's arguments that make the ledger, once."""
    return ["init", *log(places), "--data", places.first_data, "--keys", places.keys,
            "--admin-key", places.admin_key]


def serve(member, places):
    """fanledgerd's arguments for a node."""
    arguments = ["serve", "--roles", member.role, *log(places),
                 "--data", places.data(member.name), "--keys", places.keys,
                 "--shared", places.shared, "--listen", places.listen(member.name),
                 "--node-certs", places.certificates(member.name)]
    for owner in OWNERS:
        arguments += ["--node", places.node_url(owner)]
    if member.role == "owner":
        arguments += ["--node-listen", places.node_listen(member.name),
                      "--node-url", places.node_url(member.name)]
    if member.role == "api":
        arguments += ["--public-url", places.public_url(member.name)]
    return arguments
