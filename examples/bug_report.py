"""What to paste into a bug report: this environment and the given modules, as JSON, with credentials masked.

    python examples/bug_report.py numpy pandas > report.json

It imports none of the modules, so it also works when importing them is what fails.
"""

import json
import sys

import ipython_where

report = {
    "environment": ipython_where.environment().to_dict(),
    "modules": [ipython_where.where(name).to_dict() for name in sys.argv[1:]],
}
print(json.dumps(report, indent=2))
