#!/usr/bin/env python3
"""Discs for tests of the BIOS: mkcd.py KIND PROGRAM OUT.

PROGRAM is a boot sector with what it loads behind itself.  KIND is how the disc
starts it: plain, 1200, 1440, 2880, disk; or what is wrong with the disc.
Source: "El Torito" Bootable CD-ROM Format Specification 1.0; ECMA-119, 8.
"""
import struct
import sys

SECTORS, CATALOG, IMAGE = 1600, 19, 20
SPT = {1: 15, 2: 18, 3: 36, 4: 18}
MEDIA = {"plain": 0, "1200": 1, "1440": 2, "2880": 3, "disk": 4}


def image(media, program):
    """As many sectors as such a disk has; each ends with its number."""
    if media == 0:
        return program
    data = bytearray(SPT[media] * 160 * 512)
    for n in range(len(data) // 512):
        struct.pack_into("<HH", data, n * 512 + 508, n & 0xffff, 0xcd00)
    data[:len(program)] = program
    if media == 4:  # one partition, which ends at cylinder 79, head 1, sector 18
        data[446:462] = struct.pack("<8B2I", 0x80, 0, 2, 0, 6, 1, 18, 79, 1, SPT[4] * 160 - 1)
    return bytes(data)


def catalog(media, seg, count, lba, key=0xaa55, platform=0, boot=0x88):
    head = bytearray(struct.pack("<BBH24sHH", 1, platform, 0, b"TEST", 0, key))
    total = sum(struct.unpack("<16H", head)) & 0xffff
    struct.pack_into("<H", head, 28, -total & 0xffff)
    return bytes(head) + struct.pack("<BBHBBHI", boot, media, seg, 0, 0, count, lba)


def main():
    kind, source, out = sys.argv[1:]
    with open(source, "rb") as f:
        program = f.read().rstrip(b"\0")
    program += bytes(-len(program) % 512)
    media = MEDIA.get(kind, 0)
    whole = len(program) // 512
    # The program's own loader knows tracks of 18 sectors; else the BIOS loads all.
    if media not in (2, 4):
        program = program[:445] + b"\1" + program[446:]
    count = 1 if media in (2, 4) else whole
    entry = dict(media=media, seg=0, count=count, lba=IMAGE)
    entry.update({"huge": dict(count=0xffff), "none": dict(count=0), "low": dict(seg=0x40),
                  "high": dict(seg=0x9f00), "wrap": dict(seg=0xffff),
                  "lba": dict(lba=0xfffffff0), "media": dict(media=9), "key": dict(key=0x55aa),
                  "platform": dict(platform=2), "idle": dict(boot=0),
                  "nopart": dict(media=4)}.get(kind, {}))
    disc = bytearray(SECTORS * 2048)
    for n in range(SECTORS):
        struct.pack_into("<I", disc, n * 2048, n)
    disc[16 * 2048:17 * 2048] = (b"\1CD001\1" + bytes(2041))
    record = b"\0CD001\1EL TORITO SPECIFICATION".ljust(0x47, b"\0")
    record += struct.pack("<I", 0x7fffffff if kind == "catalog" else CATALOG)
    if kind != "record":
        disc[17 * 2048:17 * 2048 + len(record)] = record
    disc[18 * 2048:18 * 2048 + 7] = b"\xffCD001\1"
    data = catalog(**entry)
    if kind == "sum":
        data = data[:4] + b"!" + data[5:]
    disc[CATALOG * 2048:CATALOG * 2048 + len(data)] = data
    data = image(media, program)
    if kind == "nopart":
        data = data[:446] + bytes(64) + data[510:]
    disc[IMAGE * 2048:IMAGE * 2048 + len(data)] = data
    if kind == "cut":
        del disc[17 * 2048:]
    with open(out, "wb") as f:
        f.write(disc)


main()
