"""Command line of the embedded servers.

python -m devstack services start|stop|keep
python -m devstack demo [reset]
python -m devstack run -- COMMAND...             COMMAND with throwaway servers
python -m devstack run --durable -- COMMAND...   the same, on servers that write to disk as in production
"""

import os
import signal
import subprocess
import sys

from . import services
from .environment import PROJECT
from .processes import DevstackError
from .servers import servers


def main(arguments: list[str]) -> int:
    match arguments:
        case ["services", "start"]:
            return services.start()
        case ["services", "keep"]:
            return services.keep()
        case ["services", "stop"]:
            return services.halt()
        case ["demo", *rest]:
            from . import demo

            return demo.main(rest)
        case ["run", "--durable", "--", *command] if command:
            return run(command, durable=True)
        case ["run", "--", *command] if command:
            return run(command, durable=False)
    print(__doc__, file=sys.stderr)
    return 2


def run(command: list[str], *, durable: bool) -> int:
    """Run a command with the addresses of throwaway servers in its environment; returns its exit code."""

    def interrupt(number, frame):
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    with servers(throwaway=True, durable=durable) as running:
        child = subprocess.Popen(command, env=os.environ | running.addresses, cwd=PROJECT)
        while True:
            try:
                return child.wait()
            except KeyboardInterrupt:
                if child.poll() is None:
                    child.send_signal(signal.SIGINT)
                try:
                    return child.wait(30)
                except subprocess.TimeoutExpired:
                    child.kill()
                    return 130


try:
    sys.exit(main(sys.argv[1:]))
except DevstackError as error:
    sys.exit(f"devstack: {error}")
except KeyboardInterrupt:
    sys.exit(130)
