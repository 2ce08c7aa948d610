"""Load from wrk: a list of requests, each sent once, and what came of it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

_SCRIPT = """
local paths = {}
for line in io.lines("%(list)s") do paths[#paths + 1] = line end
local place = 0
request = function()
  place = place + 1
  if place > #paths then place = 1 end
  return wrk.format("%(method)s", paths[place], %(headers)s, %(body)s)
end
done = function(summary, latency, requests)
  io.write(string.format(
    '\\nJSON{"requests": %%d, "microseconds": %%d, "not_2xx_3xx": %%d, "socket": %%d, '
    .. '"p50": %%f, "p99": %%f}\\n',
    summary.requests, summary.duration, summary.errors.status,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
"""


@dataclass(frozen=True)
class Load:
    """What a run of wrk saw; times in milliseconds."""

    per_second: float
    p50: float
    p99: float
    errors: int

    def __str__(self) -> str:
        return (
            f"{self.per_second:8.0f}/s  p50 {self.p50:6.2f} ms  p99 {self.p99:6.2f} ms"
            f"  errors {self.errors}"
        )


def load(
    address: str,
    paths: list[str],
    *,
    seconds: int = 6,
    connections: int = 16,
    body: str = "",
    headers: dict[str, str] | None = None,
) -> Load:
    """Send requests for some seconds over kept connections and return what came back."""
    if shutil.which("wrk") is None:
        sys.exit("This benchmark needs wrk (Debian: apt-get install wrk).")
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "paths"
        listed.write_text("\n".join(paths) + "\n", encoding="ascii")
        fields = dict(headers or {})
        if body:
            fields["Content-Type"] = "application/x-www-form-urlencoded"
        script = Path(folder) / "script.lua"
        script.write_text(
            _SCRIPT
            % {
                "list": listed,
                "method": "POST" if body else "GET",
                "headers": "{" + ", ".join(f'["{k}"]="{v}"' for k, v in fields.items()) + "}",
                "body": json.dumps(body) if body else "nil",
            },
            encoding="ascii",
        )
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency"]
        run = subprocess.run(
            [*command, "-s", script, address], capture_output=True, text=True, check=True
        )
    found = json.loads(run.stdout[run.stdout.index("JSON") + 4 :])
    return Load(
        found["requests"] / found["microseconds"] * 1e6,
        found["p50"],
        found["p99"],
        found["not_2xx_3xx"] + found["socket"],
    )
