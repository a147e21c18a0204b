"""The door into Python: hands the papers to the command line."""

import os
import sys

from papers import ALL
from repro.cli import main

if __name__ == "__main__":
    status = main(sys.argv[1:], ALL)
    sys.stdout.flush()
    sys.stderr.flush()
    # Dask's own farewell waits for workers that are already dead, and now and then for ever.
    os._exit(status)
