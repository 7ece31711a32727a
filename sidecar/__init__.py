"""Human pose for Node.js back ends, as a supervised Python sidecar."""

__version__ = "0.1.0"
