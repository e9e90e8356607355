"""httpcli: an HTTP client for the command line.

The version stands here, as text: asking importlib.metadata for it would cost
more than the rest of a start (see benchmarks/).
"""

__version__ = "0.1.0"
