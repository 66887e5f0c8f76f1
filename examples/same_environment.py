"""Stop at once when `!pip` would install into another environment than the one that runs this.

    python examples/same_environment.py

The same three lines as a notebook's first cell keep a Run All from filling the wrong environment.
"""

import ipython_where

pip = ipython_where.environment().shell.pip
if pip.same_environment is False:
    raise SystemExit(f"`!pip` is {pip.path}, which installs into {pip.prefix}")
