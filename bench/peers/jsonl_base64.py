"""The usual way: one JSON line per request with the image in base64, one JSON line back. Standard library."""

import base64
import json
import sys

for line in sys.stdin.buffer:
    request = json.loads(line)
    image = base64.b64decode(request["body_b64"])
    sys.stdout.write(json.dumps({"id": request["id"], "bytes": len(image)}) + "\n")
    sys.stdout.flush()
