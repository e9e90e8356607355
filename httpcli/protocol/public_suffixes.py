"""Domains below which anybody may register names, as Mozilla's list has them; loaded when asked.

The list has 10,000 rules with wildcards and exceptions and changes every week: the
library carries it, so that an upgrade brings today's.
"""

from __future__ import annotations

from functools import cache

from publicsuffixlist import PublicSuffixList

_ENCODED = "xn--"


def is_listed(domain: str) -> bool:
    """Tell whether a domain, in lower case, is a public suffix: ``co.uk``, ``github.io``.

    A top-level domain that the list does not know is one too.
    """
    return _rules(encoded=_ENCODED in domain).is_public(domain)


@cache
def _rules(*, encoded: bool) -> PublicSuffixList:
    # The rules in Punycode cost 60 ms more, and few hosts are written so.
    return PublicSuffixList(accept_encoded_idn=encoded)
