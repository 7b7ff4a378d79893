"""Runs a command, with its output in a file. Prints the seconds that it took, and what it and its children used.

Usage: measured_run.py <output file> <command> [<argument> ...]
"""

import json
import resource
import subprocess
import sys
import time

output, command = sys.argv[1], sys.argv[2:]
started = time.monotonic()
with open(output, "wb") as file:
    status = subprocess.run(command, stdout=file, stdin=subprocess.DEVNULL).returncode
seconds = time.monotonic() - started
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(
    json.dumps(
        {
            "status": status,
            "seconds": seconds,
            "processorSeconds": used.ru_utime + used.ru_stime,
            # Peak of the largest process. ru_maxrss is in KiB on Linux, in bytes on macOS.
            "peakMiB": used.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10),
        }
    )
)
