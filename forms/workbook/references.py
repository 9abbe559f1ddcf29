"""How a cell names another question: `${age}`, in a formula as in a text that shows the answer."""

import re

REFERENCE = re.compile(r"\$\{\s*([^}]+?)\s*\}")
"""The name in group 1. It may be no name at all: that is for whoever reads the cell."""
