"""Types LINE and Tab into an interactive shell on a pseudo-terminal, and waits
for WANT in what the shell writes: complete_tty.py SHELL SCRIPT LINE WANT."""
import os
import pty
import select
import signal
import sys
import time

shell, script, line, want = sys.argv[1:]
start = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], f". '{script}'"),
    "zsh": (["zsh", "-f", "-i"], f"fpath=('{os.path.dirname(script)}' $fpath); "
            "autoload -Uz compinit && compinit -u -D"),
}[shell]
try:
    pid, fd = pty.fork()
except OSError as e:
    print(e)
    sys.exit(77)
if pid == 0:
    os.environ.update(TERM="dumb", PS1="$ ", HISTFILE="/dev/null")
    os.execvp(start[0][0], start[0])


def read_until(text, seconds):
    seen, end = "", time.monotonic() + seconds
    while text not in seen and time.monotonic() < end:
        if select.select([fd], [], [], 0.1)[0]:
            try:
                seen += os.read(fd, 4096).decode(errors="replace")
            except OSError:
                break
    return seen


os.write(fd, (start[1] + "; echo rea''dy\n").encode())
seen = read_until("ready", 20)
time.sleep(0.3)
os.write(fd, (line + "\t").encode())
seen += read_until(want, 10)
os.kill(pid, signal.SIGKILL)
os.close(fd)
os.waitpid(pid, 0)
print(seen)
sys.exit(want not in seen)
