"""Run by the peer's own interpreter: MediaPipe Pose in video mode over frames given as one array.

    .peer/bin/python peer_video_mode.py FRAMES.npy OUT.npz

FRAMES is uint8 (N, H, W, 3), RGB. OUT holds `keypoints` (N, 33, 4) and `world` (N, 33, 3), NaN where nobody was found.
"""

import sys

import mediapipe
import numpy as np

frames = np.load(sys.argv[1], mmap_mode="r")
height, width = frames.shape[1:3]
keypoints = np.full((len(frames), 33, 4), np.nan)
world = np.full((len(frames), 33, 3), np.nan)
with mediapipe.solutions.pose.Pose(static_image_mode=False, model_complexity=1) as pose:
    for index, frame in enumerate(frames):
        result = pose.process(np.ascontiguousarray(frame))
        if result.pose_landmarks is not None:
            keypoints[index] = [
                (p.x * width, p.y * height, p.z * width, p.visibility) for p in result.pose_landmarks.landmark
            ]
            world[index] = [(p.x, p.y, p.z) for p in result.pose_world_landmarks.landmark]
np.savez(sys.argv[2], keypoints=keypoints, world=world)
