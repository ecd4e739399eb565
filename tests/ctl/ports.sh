#!/bin/sh
# Serial and parallel ports: where bytes go, where they come from.
. "$top_srcdir/tests/ctl/lib.sh"

# Standard output, in order and at once; standard input types on COM1.
ends 0 -serial stdio --type 'say one\nsay two\n' --until serial:two
expect "COM1 is on standard output" [ "$(cat .out)" = "$(printf 'one\ntwo')" ]
printf 'say from-outside\noff\n' >input
timeout 20 "$fake" --speed max -serial stdio --wait 'A:\>' <input >.out 2>.err
expect "standard input reaches COM1" [ $? -eq 0 ]
has .out '^from-outside$'
ends 0 -serial null --type 'say one\n' --until serial:one
expect "null prints nothing, and is still listened to" [ ! -s .out ]

# A file is made anew.
echo old >com1
ends 0 -serial file:com1 -serial null --type 'say one\n' --until serial:one
expect "COM1 is in the file" [ "$(cat com1)" = one ]
ends 0 -parallel file:lpt1 --until time:0.1
expect "the printer's file is there" [ -f lpt1 ]

# A FIFO is written without delay: this reader ends the run.
mkfifo pipe
"$fake" -serial file:pipe --type 'say now\n' >/dev/null 2>&1 &
pid=$!
expect "a FIFO's reader sees the line while the guest runs" [ "$(timeout 10 head -n 1 pipe)" = now ]
kill $pid
wait $pid
expect "... which was still running" [ $? -eq 143 ]
ends 0 -serial file:pipe --type 'say now\n' --until serial:now

# A reader that leaves.
mkfifo out
head -n 1 out >/dev/null &
"$fake" --speed max -serial stdio --type 'say 1\nsay 2\nsay 3\n' --until serial:3 >out 2>.err </dev/null
expect "a reader of standard output that leaves does not end the run" [ $? -le 5 ]
wait

# A socket: we listen, a client talks to the guest.
if command -v python3 >/dev/null; then
    "$fake" -serial unix:sock --timeout 15 --wait 'A:\>' >.out 2>.err </dev/null &
    pid=$!
    expect "a client of the socket talks with the guest" python3 -c '
import socket, time
s = socket.socket(socket.AF_UNIX)
for i in range(100):
    try: s.connect("sock"); break
    except OSError: time.sleep(0.05)
time.sleep(0.2)
s.sendall(b"say hello\n")
assert s.makefile("rb").readline() == b"hello\n"
s.sendall(b"off\n")'
    wait $pid
    expect "the guest switched itself off" [ $? -eq 0 ]
    expect "the socket is gone" [ ! -e sock ]
    python3 -c '
import os, socket
s = socket.socket(socket.AF_UNIX); s.bind("sock.new"); s.listen(1); os.rename("sock.new", "sock")
c = s.accept()[0]; open("got", "wb").write(b"".join(iter(lambda: c.recv(100), b"")))' &
    while [ ! -e sock ]; do sleep 0.05; done
    ends 0 -serial unix:sock --type 'say client\n' --until serial:client
    wait
    expect "we are a client where somebody listens" [ "$(cat got)" = client ]
fi

# Much output to a slow reader: all of it arrives.
i=0
while [ $i -lt 30 ]; do
    echo "say $i-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    i=$((i + 1))
done >input
echo off >>input
timeout 20 "$fake" --speed max -serial stdio --wait 'A:\>' <input 2>.err |
    { sleep 0.5; cat; } >.out
expect "a slow reader gets every line" [ "$(wc -l <.out)" -eq 30 ]

finish
