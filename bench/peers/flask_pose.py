"""The previous service's shape: Flask in front of one model, pictures in base64, one at a time. Runs in .peer.

Usage: flask_pose.py PORT    prints `ready` when it can answer
"""

import base64
import sys
import threading
import time
from typing import Any

import cv2
import flask  # type: ignore[import-not-found]
import mediapipe as mp
import numpy as np
from werkzeug.serving import WSGIRequestHandler, make_server  # type: ignore[import-not-found]

app = flask.Flask(__name__)
pose = mp.solutions.pose.Pose(static_image_mode=True, model_complexity=1)
one_at_a_time = threading.Lock()
NAMES = [landmark.name.lower() for landmark in mp.solutions.pose.PoseLandmark]


def hybrid() -> Any:
    started = time.perf_counter()
    asked = flask.request.get_json()
    raw = np.frombuffer(base64.b64decode(asked["image_base64"]), np.uint8)
    decoded = cv2.imdecode(raw, cv2.IMREAD_COLOR)
    if decoded is None:
        return {"error": "Failed to decode image"}, 400
    image = cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB)
    height, width = image.shape[:2]
    with one_at_a_time:
        found = pose.process(image).pose_landmarks
    points = found.landmark if found else []
    return flask.jsonify(
        frame_number=asked.get("frame_number", 0),
        keypoints=[
            {"name": name, "x": p.x * width, "y": p.y * height, "z": p.z * width, "confidence": p.visibility}
            for name, p in zip(NAMES, points, strict=False)
        ],
        processing_time_ms=(time.perf_counter() - started) * 1e3,
    )


app.post("/pose/hybrid")(hybrid)
pose.process(np.zeros((360, 640, 3), np.uint8))
WSGIRequestHandler.protocol_version = "HTTP/1.1"  # connections that stay: what is slow is not the handshake
server = make_server("127.0.0.1", int(sys.argv[1]), app, threaded=True)
print("ready", flush=True)
server.serve_forever()
