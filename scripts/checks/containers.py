#!/usr/bin/python3
"""docker/: each service is confined and checked, starts as scripts/cluster does, and names only what exists."""

import importlib.util
import re
import shlex

import tree

COMPOSE = "docker/compose.yaml"
DOCKERFILE = "docker/Dockerfile"
PACKAGES = "scripts/packages.txt"
RUN_PACKAGES = "docker/packages.txt"
LAYOUT = "scripts/nodes/layout.py"
PORTS = {"api-1": 8080, "api-2": 8081}  # of this machine
A_SECRET = re.compile(r"PASSWORD|PASSWD|SECRET|TOKEN|CREDENTIAL|PRIVATE|_KEY\b", re.IGNORECASE)


def layout_of(source):
    spec = importlib.util.spec_from_file_location("layout", source.path(LAYOUT))
    module = importlib.util.module_from_spec(spec)
    # A dataclass looks its module up.
    tree.sys.modules["layout"] = module
    spec.loader.exec_module(module)
    return module


def places(layout):
    """Where everything is in a container."""
    roles = {member.name: member.role for member in layout.MEMBERS}
    return layout.Places(
        kafka="kafka:9092", replication=1, kafka_config="/etc/fanledger/kafka.conf", keys="/keys",
        shared="/shared", admin_key="/run/secrets/admin.key.pub", first_data="/data",
        data=lambda name: "/data", certificates=lambda name: "/run/secrets",
        listen=lambda name: ("0.0.0.0" if roles[name] == "api" else "127.0.0.1") + ":8080",
        public_url=lambda name: f"http://127.0.0.1:{PORTS[name]}",
        node_listen=lambda name: "0.0.0.0:7000", node_url=lambda name: f"tls://{name}:7000")


def lines(text):
    """The lines of a list of packages, without comments."""
    return [line for line in (row.split("#")[0].strip() for row in (text or "").splitlines()) if line]


def check_confined(name, service, is_job, add):
    user = str(service.get("user", ""))
    if not re.fullmatch(r"[1-9]\d*:[1-9]\d*", user):
        add(f"{name}: its user is {user or 'that of the image'}, not a number above 0 with a group")
    if service.get("read_only") is not True:
        add(f"{name}: its root is not read_only")
    if service.get("privileged") or service.get("cap_add"):
        add(f"{name}: it is privileged or has capabilities added")
    if service.get("cap_drop") != ["ALL"]:
        add(f"{name}: it does not drop ALL capabilities")
    if "no-new-privileges:true" not in service.get("security_opt", []):
        add(f"{name}: it may gain privileges")
    if not is_job and not service.get("healthcheck", {}).get("test"):
        add(f"{name}: it has no healthcheck")
    for port in service.get("ports", []):
        if not str(port).startswith("127.0.0.1:"):
            add(f"{name}: the port {port} is open beyond this machine")
    environment = service.get("environment", {})
    if isinstance(environment, list):
        environment = dict((one + "=").split("=", 1) for one in environment)
    for variable in environment:
        if A_SECRET.search(variable):
            add(f"{name}: {variable} stands in the environment: a secret is a file")


def check_references(source, name, service, document, add):
    for one in service.get("secrets", []):
        secret = one["source"] if isinstance(one, dict) else one
        if secret not in document.get("secrets", {}):
            add(f"{name}: the secret {secret} is not declared")
    paths = [volume.split(":")[0] for volume in service.get("volumes", [])]
    paths += [option.removeprefix("seccomp=") for option in service.get("security_opt", [])
              if option.startswith("seccomp=")]
    for path in paths:
        if path.startswith("."):
            if not source.path("docker").joinpath(path).exists():
                add(f"{name}: there is no docker/{path.removeprefix('./')}")
        elif "/" not in path and path not in document.get("volumes", {}) and path != "unconfined":
            add(f"{name}: the volume {path} is not declared")
    for other in service.get("depends_on", {}):
        if other not in document["services"]:
            add(f"{name}: it waits for {other}, which is no service")


def check_compose(source, document, add):
    services = document["services"]
    awaited = {other for service in services.values()
               for other, how in service.get("depends_on", {}).items()
               if how.get("condition") == "service_completed_successfully"}
    for name, service in services.items():
        is_job = name in awaited and service.get("restart") == "no"
        check_confined(name, service, is_job, add)
        check_references(source, name, service, document, add)
    for name, secret in document.get("secrets", {}).items():
        if not str(secret.get("file", "")).startswith("./secrets/"):
            add(f"the secret {name} is no file below docker/secrets")


def check_layout(source, document, add):
    """The same nodes with the same options as scripts/cluster."""
    layout = layout_of(source)
    wanted = {member.name: layout.serve(member, places(layout)) for member in layout.MEMBERS}
    wanted["init"] = layout.init(places(layout))
    for name, arguments in wanted.items():
        command = document["services"].get(name, {}).get("command")
        if command != arguments:
            add(f"{name}: its command is {shlex.join(command or [])!r}, that of {LAYOUT} is "
                f"{shlex.join(arguments)!r}")
    ours = {name for name, service in document["services"].items() if service.get("image") == "fanledger"}
    for name in sorted(ours - set(wanted)):
        add(f"{name}: {LAYOUT} knows no such node")


def check_dockerfile(source, add):
    text = re.sub(r"\\\n", " ", source.text(DOCKERFILE) or "")
    users = re.findall(r"^USER\s+(\S+)", text.split("\nFROM ")[-1], re.MULTILINE)
    if not users or users[-1].split(":")[0] in ("0", "root"):
        add("the image runs as root")
    for found in re.finditer(r"^(?:COPY|ADD)\s+(.*)$", text, re.MULTILINE):
        words = found[1].split()
        if any(word.startswith("--from=") for word in words):
            continue
        for word in [one for one in words if not one.startswith("--")][:-1]:
            if not source.path(word).exists():
                add(f"it copies {word}, which does not exist")
    if "scripts/packages" not in text or RUN_PACKAGES not in text:
        add(f"it does not install {PACKAGES} and {RUN_PACKAGES}")


def check_packages(source, add):
    text = source.text(PACKAGES) or ""
    known, run_time = set(lines(text)), text.partition("# run time")[2].partition("\n\n")[0]
    # The first line is the rest of the section's title.
    needed = lines(run_time.partition("\n")[2])
    given = lines(source.text(RUN_PACKAGES))
    for package in given:
        if not package.startswith("lib") and package not in known:
            add(f"{package} does not stand in {PACKAGES}")
    for package in needed:
        if package not in given:
            add(f"{package} is missing, which {PACKAGES} has for the run time")


def check(source, findings):
    if not source.exists(COMPOSE):
        findings.looked_at = "no containers"
        return
    try:
        import yaml  # pylint: disable=import-outside-toplevel
    except ImportError:
        findings.add(COMPOSE, "cannot be read without python3-yaml: run scripts/packages")
        return
    try:
        document = yaml.safe_load(source.text(COMPOSE))
        check_compose(source, document, lambda what: findings.add(COMPOSE, what))
        check_layout(source, document, lambda what: findings.add(COMPOSE, what))
    except (yaml.YAMLError, AttributeError, KeyError, TypeError) as error:
        findings.add(COMPOSE, f"cannot be understood: {error!r}")
        return
    check_dockerfile(source, lambda what: findings.add(DOCKERFILE, what))
    check_packages(source, lambda what: findings.add(RUN_PACKAGES, what))
    findings.looked_at = f"{len(document['services'])} services"


if __name__ == "__main__":
    tree.main(__doc__, check)
