"""How much a file may ask for. Each is far above what an hour of tracked people needs."""

MAX_FILE_BYTES = 1 << 30
MAX_INFLATED_BYTES = 1 << 32
MAX_PIECE_BYTES = 1 << 28  # one string, one frame, one array
MAX_ELEMENTS = 1 << 26  # of one array
MAX_DIMENSIONS = 8
MAX_TEXT_UNITS = 1 << 16  # characters of one element of a text array
MAX_OPCODES = 1 << 26
MAX_OBJECTS = 1 << 24  # lists, dicts, tuples, arrays, texts: what costs memory beyond the bytes of the file
MAX_DEPTH = 32  # of containers in each other; a tracker's file has 5
MAX_EXPANDED = 1 << 25  # values as a reader meets them, shared ones every time
MAX_NAME_BYTES = 256  # of a module or class
MAX_KEY_PARTS = 4  # of a tuple that is a key
MAX_KEY_INTEGER = 1 << 53
LZMA_MEMORY_BYTES = 1 << 28  # a header may ask for a dictionary of 4 GiB
