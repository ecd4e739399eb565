"""Prints size and SHA-256 of a PNG's pixels from a row on: png_hash.py FILE [ROW].

The bytes of the file depend on the version of zlib, its pixels do not.
"""
import hashlib
import struct
import sys
import zlib


def paeth(a, b, c):
    p = a + b - c
    pa, pb, pc = abs(p - a), abs(p - b), abs(p - c)
    return a if pa <= pb and pa <= pc else b if pb <= pc else c


def unfilter(kind, line, above, step):
    for i in range(len(line)):
        a = line[i - step] if i >= step else 0
        c = above[i - step] if i >= step else 0
        b = above[i]
        line[i] = (line[i] + (0, a, b, (a + b) // 2, paeth(a, b, c))[kind]) & 255
    return line


def pixels(data):
    at, packed, palette = 8, b"", b""
    while at < len(data):
        size, = struct.unpack(">I", data[at : at + 4])
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        if kind == b"IHDR":
            width, height, depth, color = struct.unpack(">IIBB", body[:10])
        elif kind == b"PLTE":
            palette = body
        elif kind == b"IDAT":
            packed += body
        at += size + 12
    samples = {0: 1, 2: 3, 3: 1, 6: 4}[color]
    length = (width * samples * depth + 7) // 8
    raw, above, rows = zlib.decompress(packed), bytearray(length), []
    for y in range(height):
        start = y * (length + 1)
        above = unfilter(raw[start], bytearray(raw[start + 1 : start + 1 + length]), above,
                         max(1, samples * depth // 8))
        rows.append(bytes(above))
    return width, height, palette, rows


width, height, palette, rows = pixels(open(sys.argv[1], "rb").read())
first = int(sys.argv[2]) if len(sys.argv) > 2 else 0
print("%dx%d %s" % (width, height, hashlib.sha256(palette + b"".join(rows[first:])).hexdigest()[:16]))
