"""Asks for the password of a proxy where only the user was given."""

from __future__ import annotations

from httpcli.model.plan import Plan
from httpcli.terminal.prompt import ask_password


def with_proxy_password(plan: Plan) -> Plan:
    """Return the plan with the password that the user types. Raises UsageError."""
    wire = plan.wire
    unknown = [proxy for proxy in wire.proxies.values() if proxy.password is None]
    proxy = unknown[0]
    password = ask_password(proxy.user, proxy.url.partition("://")[2])
    known = {
        scheme: each._replace(password=password) if each in unknown else each
        for scheme, each in wire.proxies.items()
    }
    return plan._replace(wire=wire._replace(proxies=known))
