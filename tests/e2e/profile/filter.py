#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""filter.py ALONE MERGED CALLS: compares two seccomp filters, as crun keeps them, for all calls of the three ABIs of x86-64: what the first one allows the
second allows or traps, and all else it answers alike. CALLS has lines of ABI, number, six arguments, and the answer wanted of MERGED."""
import struct
import sys

ARCH = {'x86-64': (0xc000003e, 0), 'x32': (0xc000003e, 0x40000000), 'i386': (0x40000003, 0)}
NAMES = {0x7fff0000: 'allow', 0x7fc00000: 'notify'}
IO_URING_SETUP, ENOSYS = 425, 0x50026


def load(path):
    with open(path, 'rb') as file:
        return list(struct.iter_unpack('<HBBI', file.read()))


def run(program, abi, number, args):
    arch, bit = ARCH[abi]
    data = struct.pack('<iIQ6Q', number | bit, arch, 0, *(a & (1 << 64) - 1 for a in args))
    at = a = 0
    while True:
        code, yes, no, k = program[at]
        at += 1
        if code == 0x06:
            return k
        if code == 0x20:
            a = struct.unpack_from('<I', data, k)[0]
        elif code == 0x54:
            a &= k
        elif code == 0x05:
            at += k
        else:
            at += yes if {0x15: a == k, 0x25: a > k, 0x35: a >= k, 0x45: a & k != 0}[code] else no


def main():
    alone, merged = load(sys.argv[1]), load(sys.argv[2])
    wrong, seen = [], set()
    vectors = [(0,) * 6, (-1,) * 6, (16, 3, 9, 0, 0, 0), (1, 0x7f0000, 9, 0, 0, 0), (15, 5, 17, 10, 0, 0), (0x10000000,) * 6, (0x20000,) * 6,
               (0x410000 | 64,) * 6]
    for abi in ARCH:
        for number in list(range(0, 480)) + list(range(512, 550)):
            for args in vectors:
                a, b = run(alone, abi, number, args), run(merged, abi, number, args)
                seen.add((abi, NAMES.get(b, 'deny')))
                fine = b == a or a == 0x7fff0000 and (b == 0x7fc00000 or number == IO_URING_SETUP and b == ENOSYS)
                if not fine:
                    wrong.append(f'{abi} {number} {args}: {a:#x} alone, {b:#x} merged')
    for line in open(sys.argv[3]):
        abi, number, *args, wanted = line.split()
        answer = run(merged, abi, int(number), [int(a, 0) for a in args])
        if NAMES.get(answer, 'deny') != wanted:
            wrong.append(f'{line.strip()}: {answer:#x}')
    wrong += [f'{abi}: nothing is answered with {name}' for abi in ARCH for name in ('allow', 'notify', 'deny') if (abi, name) not in seen]
    print('\n'.join(wrong[:40]))
    return bool(wrong)


sys.exit(main())
