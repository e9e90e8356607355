"""Asks the user for missing passwords and passphrases before anything is sent."""

from __future__ import annotations

from httpcli.core.plan import Mode, Plan, needs_prompt
from httpcli.terminal.prompts import ask_passphrase, ask_password


def prompt_for_secrets(plan: Plan) -> Plan:
    """Return the plan with the typed secrets. Raises UsageError without a terminal."""
    plan = _with_password(_with_proxy_password(plan))
    return plan if plan.mode is Mode.OFFLINE else _with_passphrase(plan)


def prompt_for_all_secrets(plans: tuple[Plan, ...]) -> tuple[Plan, ...]:
    """Return the plans with the typed secrets. Asks once for plans with the same prompts."""
    answered: list[tuple[Plan, Plan]] = []  # each plan before and after its prompts
    for plan in plans:
        earlier = next(
            (after for before, after in answered if _have_same_prompts(before, plan)), None
        )
        if earlier is not None:
            answered.append((plan, _with_answers_of(plan, earlier)))
        else:
            answered.append((plan, prompt_for_secrets(plan) if needs_prompt(plan) else plan))
    return tuple(after for _, after in answered)


def _have_same_prompts(first: Plan, second: Plan) -> bool:
    first_tls, second_tls = first.network.tls, second.network.tls
    return (
        first.send_policy.credentials == second.send_policy.credentials
        and first.network.proxies == second.network.proxies
        and (first_tls and first_tls.client_certificate)
        == (second_tls and second_tls.client_certificate)
    )


def _with_answers_of(plan: Plan, answered: Plan) -> Plan:
    network = plan.network._replace(proxies=answered.network.proxies)
    if network.tls is not None and answered.network.tls is not None:
        certificate = answered.network.tls.client_certificate
        network = network._replace(tls=network.tls._replace(client_certificate=certificate))
    send_policy = plan.send_policy._replace(credentials=answered.send_policy.credentials)
    plan = _hiding(plan, *answered.display.secrets)
    return plan._replace(network=network, send_policy=send_policy)


def _with_proxy_password(plan: Plan) -> Plan:
    """Return the plan with a password for the proxy, which may serve several schemes."""
    network = plan.network
    unanswered = [proxy for proxy in network.proxies.values() if proxy.password is None]
    if not unanswered:
        return plan
    proxy = unanswered[0]
    password = ask_password(proxy.user, proxy.url.partition("://")[2], "--proxy-auth")
    proxies = {
        scheme: proxy._replace(password=password) if proxy in unanswered else proxy
        for scheme, proxy in network.proxies.items()
    }
    plan = _hiding(plan, password, f"{proxy.user}:{password}")
    return plan._replace(network=network._replace(proxies=proxies))


def _with_password(plan: Plan) -> Plan:
    credentials = plan.send_policy.credentials
    if credentials is None or credentials.password is not None:
        return plan
    password = ask_password(credentials.user, plan.request.url.host)
    answered = credentials._replace(password=password)
    plan = _hiding(plan, password, f"{credentials.user}:{password}")
    return plan._replace(send_policy=plan.send_policy._replace(credentials=answered))


def _hiding(plan: Plan, *secrets: str) -> Plan:
    """Return the plan with typed secrets, which are redacted as those given by reference."""
    hidden = plan.display.secrets | {secret for secret in secrets if secret}
    return plan._replace(display=plan.display._replace(secrets=hidden))


def _with_passphrase(plan: Plan) -> Plan:
    tls = plan.network.tls
    certificate = None if tls is None else tls.client_certificate
    if tls is None or certificate is None or not certificate.needs_passphrase:
        return plan
    passphrase = ask_passphrase(certificate.key)
    answered = certificate._replace(passphrase=passphrase, needs_passphrase=False)
    return plan._replace(
        network=plan.network._replace(tls=tls._replace(client_certificate=answered))
    )
