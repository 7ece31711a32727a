"""Reader thread -> scheduler -> work thread -> writer thread. The only place that knows both the wire and poses."""
