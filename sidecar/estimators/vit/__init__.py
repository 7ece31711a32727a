"""The plain vision transformer under ViTPose and HMR2.0: one backbone, four sizes, one layout of keys."""
