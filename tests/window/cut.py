#!/usr/bin/env python3
"""An X server that goes away: passes on what a program says to the server on DISPLAY
NUMBER, until it has said so many BYTES; then nothing more.  Prints its own display.
usage: cut.py NUMBER BYTES
"""
import os
import selectors
import socket
import sys

number, left = sys.argv[1], int(sys.argv[2])
FIRST = 6000

listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
for place in range(60, 1000):
    try:
        listener.bind(("127.0.0.1", FIRST + place))
        break
    except OSError:
        continue
listener.listen()
print(f"127.0.0.1:{place}", flush=True)

loop = selectors.DefaultSelector()
loop.register(listener, selectors.EVENT_READ, None)
while True:
    for key, _ in loop.select():
        if key.data is None:
            client, _ = listener.accept()
            server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            server.connect(f"/tmp/.X11-unix/X{number}")
            loop.register(client, selectors.EVENT_READ, (server, True))
            loop.register(server, selectors.EVENT_READ, (client, False))
            continue
        other, counts = key.data
        try:
            data = key.fileobj.recv(65536)
        except OSError:
            data = b""
        if not data:
            for end in (key.fileobj, other):
                loop.unregister(end)
                end.close()
            break
        if counts:
            data = data[:left]
            left -= len(data)
        other.sendall(data)
        if counts and left == 0:
            os._exit(0)
