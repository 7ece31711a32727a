"""A module whose import never ends, as over a network file system that hangs."""

import os
import time

os.write(2, b"now: imports\n")
time.sleep(600)
