#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""layer.py OUT.TAR BUSYBOX < TABLE: an image layer with BUSYBOX and the files of TABLE: lines of PATH TYPE MODE UID GID,
where TYPE is d, f or h (a hard link to the file of the line before). Needs no privileges."""

import io
import os
import sys
import tarfile


def entry(name, kind, mode, uid=0, gid=0):
    info = tarfile.TarInfo("./" + name)
    info.type, info.mode, info.uid, info.gid = kind, mode, uid, gid
    return info


def main():
    with tarfile.open(sys.argv[1], "w", format=tarfile.GNU_FORMAT) as tar:
        for name in ("bin", "dev", "etc", "proc", "sys", "tmp"):
            tar.addfile(entry(name, tarfile.DIRTYPE, 0o755))
        with open(sys.argv[2], "rb") as busybox:
            info = entry("bin/busybox", tarfile.REGTYPE, 0o755)
            info.size = os.fstat(busybox.fileno()).st_size
            tar.addfile(info, busybox)
        for name in ("sh", "chown", "find", "sort", "stat", "xargs"):
            link = entry("bin/" + name, tarfile.SYMTYPE, 0o777)
            link.linkname = "busybox"
            tar.addfile(link)
        before = None
        for line in sys.stdin:
            name, kind, mode, uid, gid = line.split()
            types = {"d": tarfile.DIRTYPE, "f": tarfile.REGTYPE, "h": tarfile.LNKTYPE}
            info = entry(name, types[kind], int(mode, 8), int(uid), int(gid))
            data = b""
            if kind == "f":
                data = name.encode()
                info.size = len(data)
            elif kind == "h":
                info.linkname = "./" + before
            tar.addfile(info, io.BytesIO(data))
            before = name


main()
