"""`python -m data.migrations "what changed"` writes the next revision."""

import sys

from data.migrations import draw

sys.stdout.write(f"{draw(' '.join(sys.argv[1:]) or 'change')}\n")
