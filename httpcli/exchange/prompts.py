"""Asks a person, before anything is sent, for passwords and passphrases that were not given."""

from __future__ import annotations

from httpcli.core.plan import Mode, Plan, needs_prompt
from httpcli.terminal.prompts import ask_passphrase, ask_password


def prompt_for_secrets(plan: Plan) -> Plan:
    """Return the plan with what the user types. Raises UsageError where nobody can."""
    plan = _with_password(_with_proxy_password(plan))
    return plan if plan.mode is Mode.OFFLINE else _with_passphrase(plan)


def prompt_for_all_secrets(plans: tuple[Plan, ...]) -> tuple[Plan, ...]:
    """Return the plans with what a person has to type; the same is asked for once only."""
    answers: list[tuple[Plan, Plan]] = []
    for plan in plans:
        known = next((each for asked, each in answers if _asks_the_same(asked, plan)), None)
        if known is not None:
            answers.append((plan, _answered_by(plan, known)))
        else:
            answers.append((plan, prompt_for_secrets(plan) if needs_prompt(plan) else plan))
    return tuple(answered for _, answered in answers)


def _asks_the_same(one: Plan, other: Plan) -> bool:
    ours, theirs = one.network, other.network
    return (
        one.send_policy.credentials == other.send_policy.credentials
        and ours.proxies == theirs.proxies
        and (ours.tls and ours.tls.client_certificate)
        == (theirs.tls and theirs.tls.client_certificate)
    )


def _answered_by(plan: Plan, known: Plan) -> Plan:
    network = plan.network._replace(proxies=known.network.proxies)
    if network.tls is not None and known.network.tls is not None:
        network = network._replace(
            tls=network.tls._replace(client_certificate=known.network.tls.client_certificate)
        )
    send_policy = plan.send_policy._replace(credentials=known.send_policy.credentials)
    return plan._replace(network=network, send_policy=send_policy)


def _with_proxy_password(plan: Plan) -> Plan:
    network = plan.network
    unknown = [proxy for proxy in network.proxies.values() if proxy.password is None]
    if not unknown:
        return plan
    proxy = unknown[0]
    password = ask_password(proxy.user, proxy.url.partition("://")[2], "--proxy-auth")
    known = {
        scheme: each._replace(password=password) if each in unknown else each
        for scheme, each in network.proxies.items()
    }
    return plan._replace(network=network._replace(proxies=known))


def _with_password(plan: Plan) -> Plan:
    credentials = plan.send_policy.credentials
    if credentials is None or credentials.password is not None:
        return plan
    answered = credentials._replace(password=ask_password(credentials.user, plan.request.url.host))
    return plan._replace(send_policy=plan.send_policy._replace(credentials=answered))


def _with_passphrase(plan: Plan) -> Plan:
    tls = plan.network.tls
    if (
        tls is None
        or tls.client_certificate is None
        or not tls.client_certificate.needs_passphrase
    ):
        return plan
    passphrase = ask_passphrase(tls.client_certificate.key)
    identity = tls.client_certificate._replace(passphrase=passphrase, needs_passphrase=False)
    return plan._replace(
        network=plan.network._replace(tls=tls._replace(client_certificate=identity))
    )
