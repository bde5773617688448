#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: live.py FILE: how many objects have a record in a file of the owner store, as its last entries say; see src/rule/journal.h."""
import struct
import sys

NONE = 0xFFFFFFFF
live = set()
with open(sys.argv[1], "rb") as file:
    file.read(48)
    while len(entry := file.read(48)) == 48:
        _, _, fs, ino, born, uid, gid, _ = struct.unpack("<IIQQQIIQ", entry)
        (live.discard if uid == NONE and gid == NONE else live.add)((fs, ino, born))
print(len(live))
