"""Asks a person, before anything is sent, for passwords and passphrases that were not given."""

from __future__ import annotations

from httpcli.core.plan import Mode, Plan, needs_prompt
from httpcli.terminal.prompts import ask_passphrase, ask_password


def with_answers(plan: Plan) -> Plan:
    """Return the plan with what the user types. Raises UsageError where nobody can."""
    plan = _with_password(_with_proxy_password(plan))
    return plan if plan.mode is Mode.OFFLINE else _with_passphrase(plan)


def all_with_answers(plans: tuple[Plan, ...]) -> tuple[Plan, ...]:
    """Return the plans with what a person has to type; the same is asked for once only."""
    answers: list[tuple[Plan, Plan]] = []
    for plan in plans:
        known = next((each for asked, each in answers if _asks_the_same(asked, plan)), None)
        if known is not None:
            answers.append((plan, _answered_by(plan, known)))
        else:
            answers.append((plan, with_answers(plan) if needs_prompt(plan) else plan))
    return tuple(answered for _, answered in answers)


def _asks_the_same(one: Plan, other: Plan) -> bool:
    ours, theirs = one.wire, other.wire
    return (
        one.journey.credentials == other.journey.credentials
        and ours.proxies == theirs.proxies
        and (ours.tls and ours.tls.identity) == (theirs.tls and theirs.tls.identity)
    )


def _answered_by(plan: Plan, known: Plan) -> Plan:
    wire = plan.wire._replace(proxies=known.wire.proxies)
    if wire.tls is not None and known.wire.tls is not None:
        wire = wire._replace(tls=wire.tls._replace(identity=known.wire.tls.identity))
    journey = plan.journey._replace(credentials=known.journey.credentials)
    return plan._replace(wire=wire, journey=journey)


def _with_proxy_password(plan: Plan) -> Plan:
    wire = plan.wire
    unknown = [proxy for proxy in wire.proxies.values() if proxy.password is None]
    if not unknown:
        return plan
    proxy = unknown[0]
    password = ask_password(proxy.user, proxy.url.partition("://")[2], "--proxy-auth")
    known = {
        scheme: each._replace(password=password) if each in unknown else each
        for scheme, each in wire.proxies.items()
    }
    return plan._replace(wire=wire._replace(proxies=known))


def _with_password(plan: Plan) -> Plan:
    credentials = plan.journey.credentials
    if credentials is None or credentials.password is not None:
        return plan
    answered = credentials._replace(password=ask_password(credentials.user, plan.request.url.host))
    return plan._replace(journey=plan.journey._replace(credentials=answered))


def _with_passphrase(plan: Plan) -> Plan:
    tls = plan.wire.tls
    if tls is None or tls.identity is None or not tls.identity.locked:
        return plan
    passphrase = ask_passphrase(tls.identity.key)
    identity = tls.identity._replace(passphrase=passphrase, locked=False)
    return plan._replace(wire=plan.wire._replace(tls=tls._replace(identity=identity)))
