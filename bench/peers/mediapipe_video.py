"""MediaPipe Pose over a video, end to end: decode, infer, count. Runs in .peer (scripts/setup-peer).

Prints one JSON line: frames, frames with a pose, seconds (process start and model load left out).
"""

import json
import sys
import time

import cv2
import mediapipe as mp
import numpy as np

with mp.solutions.pose.Pose(static_image_mode=False, model_complexity=1) as pose:
    pose.process(np.zeros((360, 640, 3), np.uint8))
    started = time.perf_counter()
    video = cv2.VideoCapture(sys.argv[1])
    frames = found = 0
    while True:
        ok, image = video.read()
        if not ok:
            break
        frames += 1
        found += pose.process(cv2.cvtColor(image, cv2.COLOR_BGR2RGB)).pose_landmarks is not None
    print(json.dumps({"frames": frames, "found": found, "seconds": time.perf_counter() - started}))
