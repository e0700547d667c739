"""Runs a command as a worker's container does: no capabilities, none to gain, and the system calls that
docker/worker-seccomp.json refuses are refused. The caller takes the capabilities away, by setpriv.

    confined.py TEXT_OF_PROFILE COMMAND…
"""

import ctypes
import json
import os
import sys

ALLOW, ERRNO = 0x7FFF0000, 0x00050000


def load(profile):
    document = json.loads(profile)
    assert document["defaultAction"] == "SCMP_ACT_ALLOW", "this takes profiles that allow by default"
    library = ctypes.CDLL("libseccomp.so.2", use_errno=True)
    library.seccomp_init.restype = ctypes.c_void_p
    filter_ = ctypes.c_void_p(library.seccomp_init(ctypes.c_uint32(ALLOW)))
    for rule in document["syscalls"]:
        assert rule["action"] == "SCMP_ACT_ERRNO"
        for name in rule["names"]:
            number = library.seccomp_syscall_resolve_name(name.encode())
            if number == -1:
                sys.exit(f"there is no system call {name}")
            if number >= 0:  # below: a call of another kind of machine
                code = library.seccomp_rule_add(filter_, ctypes.c_uint32(ERRNO | rule["errnoRet"]), number, 0)
                if code:
                    sys.exit(f"{name} cannot be refused: {os.strerror(-code)}")
    code = library.seccomp_load(filter_)
    if code:
        sys.exit(f"the filter cannot be loaded: {os.strerror(-code)}")


if __name__ == "__main__":
    load(sys.argv[1])
    os.execvp(sys.argv[2], sys.argv[2:])
