"""The person detectors there are, by the names of their models. Imports nothing heavy: options list them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

RTMDET = "rtmdet-nano"

# Name -> function of torchvision.models.detection that builds its network.
TORCHVISION: Mapping[str, str] = MappingProxyType(
    {
        "fasterrcnn-resnet50": "fasterrcnn_resnet50_fpn",
        "fasterrcnn-resnet50-v2": "fasterrcnn_resnet50_fpn_v2",
        "fasterrcnn-mobilenet": "fasterrcnn_mobilenet_v3_large_fpn",
        "fasterrcnn-mobilenet-320": "fasterrcnn_mobilenet_v3_large_320_fpn",
        "ssdlite320-mobilenet": "ssdlite320_mobilenet_v3_large",
        "retinanet-resnet50": "retinanet_resnet50_fpn",
        "retinanet-resnet50-v2": "retinanet_resnet50_fpn_v2",
        "fcos-resnet50": "fcos_resnet50_fpn",
    }
)

DETECTORS = (RTMDET, *TORCHVISION)
