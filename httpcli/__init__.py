"""httpcli: an HTTP client for the command line.

The version is a constant: reading it with importlib.metadata would cost more than the rest of
a start.
"""

__version__ = "0.1.0"
