"""Call a module of the frontend that needs no page, in the Node that comes with Playwright."""

import json
import subprocess
from typing import Any

from playwright._impl._driver import compute_driver_executable

from tests.e2e.launcher import ROOT

FRONTEND = ROOT / "custom_components" / "inkling" / "frontend"
# Modules have no package.json beside them, so Node is handed their text with its imports made absolute.
PROGRAM = """
import { register } from "node:module";
register("data:text/javascript," + encodeURIComponent(`
  export async function load(url, context, next) {
    return next(url, url.endsWith(".js") ? { ...context, format: "module" } : context);
  }`));
const { module, body } = JSON.parse(process.argv[1]);
const found = await import(module);
const answer = new Function("m", `return (${body})`)(found);
process.stdout.write(JSON.stringify(answer ?? null));
"""


def evaluate(module: str, expression: str, zone: str = "UTC") -> Any:  # noqa: ANN401 - JSON
    """Return what an expression is worth, in which `m` is a module of the frontend."""
    node = str(compute_driver_executable()[0])
    question = json.dumps({"module": (FRONTEND / module).as_uri(), "body": expression})
    command = [node, "--input-type=module", "--no-warnings", "--eval", PROGRAM, question]
    done = subprocess.run(command, capture_output=True, check=False, text=True, env={"TZ": zone})
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
