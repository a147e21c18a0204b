"""The door into Python: hands the papers to the command line."""

import sys

from papers import ALL
from repro.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], ALL))
