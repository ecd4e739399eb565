"""Writes right seals into a trace that was changed: reseal.py <OLD >NEW."""
import hashlib
import re
import sys

text = b""
for line in sys.stdin.buffer.read().splitlines(keepends=True):
    sealed = re.fullmatch(rb"(@\d+ (?:check|end .*?) .*)[0-9a-f]{32}\n", line)
    if sealed:
        line = sealed.group(1)
        line += hashlib.sha256(text + line).hexdigest()[:32].encode() + b"\n"
    text += line
sys.stdout.buffer.write(text)
