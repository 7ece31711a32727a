"""How much a checkpoint may ask for. Each is far above the largest model we know (2.7 GB, 900 tensors)."""

MAX_PICKLE_BYTES = 1 << 28  # the index of a torch file
MAX_MEMBERS = 1 << 16  # of its archive
MAX_HEADER_BYTES = 1 << 26  # the index of a safetensors file
MAX_TENSORS = 1 << 16
MAX_DIMENSIONS = 8
MAX_KEY_LENGTH = 512
