#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""sendfd.py SOCKET ACTION...: talks to the daemon as a runtime would, or as one would not.

send FDS DATA    sends DATA (Python escapes; empty: nothing) with FDS, a list of null, socket, file, pipe, listener, dead
                 (a listener without a task), eventfd, memfd, epoll, pidfd, dir, path:FILE joined by commas, or none; prints "closed" when the daemon closes the connection, "open" if it does not in 60 s
hold N DATA      N connections that send DATA each, until stdin ends; prints "ready"
bytes N          N spaces after a '{', as fast as they are taken; prints "closed" or "open"
serve DATA FILE  in a user namespace of its own, sends a listener whose filter traps chown with DATA, then does
                 chown FILE 42:43 and prints what that returned
"""

import ctypes
import os
import select
import socket
import struct
import sys

libc = ctypes.CDLL(None, use_errno=True)
SYSCALLS = {"x86_64": (0xC000003E, 317, 260), "aarch64": (0xC00000B7, 277, 54)}  # audit arch, seccomp, fchownat
NEW_LISTENER = 8
CLONE_NEWUSER, CLONE_NEWNS = 0x10000000, 0x00020000


def load_filter():
    """A listener for fchownat, in this thread."""
    arch, seccomp, fchownat = SYSCALLS[os.uname().machine]
    code = [
        (0x20, 0, 0, 4), (0x15, 0, 3, arch),
        (0x20, 0, 0, 0), (0x15, 0, 1, fchownat), (0x06, 0, 0, 0x7FC00000),
        (0x06, 0, 0, 0x7FFF0000),
    ]
    program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *c) for c in code))
    prog = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(code), ctypes.addressof(program)))
    libc.prctl(38, 1, 0, 0, 0)
    fd = libc.syscall(seccomp, 1, NEW_LISTENER, prog)
    if fd < 0:
        raise OSError(ctypes.get_errno(), "seccomp")
    return fd


def dead_listener():
    ours, theirs = socket.socketpair(socket.AF_UNIX)
    pid = os.fork()
    if pid == 0:
        socket.send_fds(theirs, [b"x"], [load_filter()])
        os._exit(0)
    _, fds, _, _ = socket.recv_fds(ours, 1, 1)
    os.waitpid(pid, 0)
    return fds[0]


kept = []


def epoll():
    kept.append(select.epoll())
    return kept[-1].fileno()


MAKERS = {
    "dead": dead_listener,
    "eventfd": lambda: os.eventfd(1),
    "memfd": lambda: os.memfd_create("seccomp notify"),
    "epoll": epoll,
    "pidfd": lambda: os.pidfd_open(os.getpid()),
    "dir": lambda: os.open("/", os.O_PATH),
}


def make_fd(kind):
    if kind in MAKERS:
        return MAKERS[kind]()
    if kind.startswith("path:"):
        return os.open(kind[5:], os.O_RDWR)
    if kind == "null":
        return os.open("/dev/null", os.O_RDWR)
    if kind == "socket":
        return socket.socketpair(socket.AF_UNIX)[0].detach()
    if kind == "file":
        return os.open(sys.argv[0], os.O_RDONLY)
    if kind == "pipe":
        return os.pipe()[0]
    if kind == "listener":
        return load_filter()
    raise ValueError(kind)


def connect(path):
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(path)
    return connection


def is_closed(connection, seconds=60):
    connection.settimeout(seconds)
    try:
        return "closed" if connection.recv(1) == b"" else "answered"
    except TimeoutError:
        return "open"
    except ConnectionError:
        return "closed"


def unescape(text):
    return text.encode().decode("unicode_escape").encode("latin-1")


def send(path, fds, data):
    connection = connect(path)
    fds = [make_fd(kind) for kind in fds.split(",") if kind != "none"]
    try:
        if data:
            socket.send_fds(connection, [unescape(data)], fds)
    except ConnectionError:
        pass
    print(is_closed(connection))


def hold(path, n, data):
    connections = [connect(path) for _ in range(int(n))]
    for connection in connections:
        if data:
            connection.sendall(unescape(data))
    print("ready", flush=True)
    sys.stdin.read()


def send_bytes(path, n):
    connection = connect(path)
    try:
        connection.sendall(b"{")
        for _ in range(int(n) // 65536):
            connection.sendall(b" " * 65536)
    except ConnectionError:
        pass
    print(is_closed(connection))


def serve(path, data, name):
    uid, gid = os.getuid(), os.getgid()
    if libc.unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0:
        raise OSError(ctypes.get_errno(), "unshare")
    for file, text in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"), ("gid_map", f"0 {gid} 1")):
        with open("/proc/self/" + file, "w") as f:
            f.write(text)
    connection = connect(path)
    listener = load_filter()
    socket.send_fds(connection, [unescape(data)], [listener])
    os.close(listener)
    connection.close()
    arch, _, fchownat = SYSCALLS[os.uname().machine]
    if libc.syscall(fchownat, -100, name.encode(), 42, 43, 0) < 0:
        print(os.strerror(ctypes.get_errno()))
    else:
        print("changed")


def main():
    path, action, *arguments = sys.argv[1:]
    {"send": send, "hold": hold, "bytes": send_bytes, "serve": serve}[action](path, *arguments)


main()
