#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tarlist.py TAR|-: a line for each entry but regular files' contents and times: type, mode, owner, device number, link, and xattrs but those
of overlayfs itself; sorted. Hard links are files: which name of them comes first is the archiver's choice."""

import base64
import re
import sys
import tarfile


def describe(info, member):
    device = f"{info.devmajor}:{info.devminor}" if info.type in (tarfile.CHRTYPE, tarfile.BLKTYPE) else "-"
    kind = "0" if info.isreg() else info.type.decode()
    prefix = "SCHILY.xattr."
    xattrs = sorted(
        f"{key[len(prefix):]}={base64.b64encode(value.encode('utf-8', 'surrogateescape')).decode()}"
        for key, value in info.pax_headers.items()
        if key.startswith(prefix) and not key.startswith(prefix + "user.overlay.")
    )
    link = info.linkname if info.issym() else "-"
    return f"/{member} {kind} {info.mode & 0o7777:o} {info.uid}:{info.gid} {device} {link} {' '.join(xattrs)}".rstrip()


def main():
    members, links = {}, []
    with tarfile.open(fileobj=sys.stdin.buffer, mode="r|") if sys.argv[1] == "-" else tarfile.open(sys.argv[1]) as tar:
        for info in tar:
            name = re.sub(r"^(\./|/)*", "", info.name).rstrip("/")
            if info.islnk():
                links.append((name, re.sub(r"^(\./|/)*", "", info.linkname)))
            elif name not in ("", "."):
                members[name] = info
    for name, target in links:
        members[name] = members[target]
    for name in sorted(members):
        print(describe(members[name], name))


main()
