"""Options that say how the origin is reached, and how far to go."""

from __future__ import annotations

from httpcli.flags.flag import Flag, Group, Kind

NETWORK = Group(
    "Network",
    (
        Flag("follow", "Follow redirects.", letters="FL"),
        Flag(
            "max-redirects",
            "How many redirects to follow (default: 30; 0 is no limit).",
            Kind.VALUE,
            value="N",
        ),
        Flag("allow-downgrade", "Follow a redirect from https to http."),
        Flag("trust-redirects", "Send credentials to another origin on a redirect."),
        Flag(
            "timeout",
            "Give up after this long without a byte or a connection (default and 0: never).",
            Kind.VALUE,
            value="TIME",
            more="A number of seconds, or with a unit: 500ms, 10s, 2m.",
        ),
        Flag(
            "connect-timeout",
            "Give up when there is no connection by then (default: --timeout, or 60s).",
            Kind.VALUE,
            value="TIME",
        ),
        Flag(
            "max-time",
            "Give up when all of it takes longer (default: never).",
            Kind.VALUE,
            value="TIME",
        ),
        Flag(
            "max-headers",
            "Refuse a response with more header fields (default: 10000).",
            Kind.VALUE,
            value="N",
        ),
        Flag(
            "verify",
            "Check the server's certificate: yes, no, or the CA file or directory to trust.",
            Kind.VALUE,
            value="yes|no|PATH",
        ),
        Flag("insecure", "The same as --verify=no.", letters="k", sets=("verify", "no")),
        Flag(
            "proxy",
            "Go through a proxy: URL for all, or http:URL, https:URL for one scheme.",
            Kind.MANY,
            value="[SCHEME:]URL",
            more="May be given once a scheme. Without it, http_proxy, https_proxy, all_proxy "
            "and no_proxy of the environment are obeyed.",
        ),
    ),
)
