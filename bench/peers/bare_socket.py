"""The floor: bytes of a known size up, eight bytes down, no framing at all. Usage: bare_socket.py BYTES"""

import os
import sys

size = int(sys.argv[1])
image = memoryview(bytearray(size))
while True:
    done = 0
    while done < size:
        count = os.readv(0, [image[done:]])
        if not count:
            sys.exit()
        done += count
    os.write(1, b"answered")
