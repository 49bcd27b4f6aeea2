"""Exit 0 when the web process in this container can serve pages."""

import os
import sys
import urllib.request

request = urllib.request.Request(
    "http://127.0.0.1:8000/healthz/ready",
    headers={"Host": os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0]},
)
try:
    with urllib.request.urlopen(request, timeout=4) as response:  # noqa: S310
        sys.exit(response.status != 200)
except OSError as fault:
    sys.exit(f"not ready: {fault}")
