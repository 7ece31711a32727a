"""What the daemon's exit code says. 128 + N means: ended by signal N, as shells count."""

FINISHED = 0  # end of input (jsonl), or drained
DEFECT = 1  # an exception nobody foresaw; its traceback is on stderr
USAGE = 2  # the command line is wrong
INIT_FAILED = 3  # INIT_FAILED was sent and says why
WIRE_FAULT = 4  # the client sent bytes that are not the protocol
PEER_GONE = 5  # the client ended without DRAIN, or stopped reading
INTERRUPTED = 130  # SIGINT
READER_GONE = 141  # SIGPIPE: nobody reads a command's output any more
TERMINATED = 143  # SIGTERM
