"""Options for the connection: redirects, time limits, TLS, proxies, addresses."""

from __future__ import annotations

from httpcli.options.option import Option, OptionGroup, OptionKind

NETWORK = OptionGroup(
    "Network",
    (
        Option("follow", "Follow redirects.", letters="FL"),
        Option(
            "max-redirects",
            "How many redirects to follow (default: 30; 0 is no limit).",
            OptionKind.VALUE,
            value="N",
        ),
        Option("allow-downgrade", "Follow a redirect from https to http."),
        Option(
            "trust-redirects",
            "Send credentials to another origin on a redirect.",
            details="Also headers with secret names, and bodies with a secret. Another scheme, "
            "host or port is another origin.",
        ),
        Option(
            "timeout",
            "Give up after this long without a byte or a connection (default and 0: never).",
            OptionKind.VALUE,
            value="TIME",
            details="A number of seconds, or with a unit: 500ms, 10s, 2m.",
        ),
        Option(
            "connect-timeout",
            "Give up when there is no connection by then (default: --timeout, or 60s; 0: never).",
            OptionKind.VALUE,
            value="TIME",
        ),
        Option(
            "max-time",
            "Give up when all of it takes longer (default: never).",
            OptionKind.VALUE,
            value="TIME",
        ),
        Option(
            "max-header-size",
            "Refuse a response with longer headers in all (default: 256KiB; 0 is no limit).",
            OptionKind.VALUE,
            value="SIZE",
            details="The status line counts, and so do interim responses (1xx). Trailers may be "
            "as long.",
        ),
        Option(
            "max-headers",
            "Refuse a response with more headers (default: 10000).",
            OptionKind.VALUE,
            value="N",
        ),
        Option(
            "verify",
            "Check the server's certificate: yes, no, or the CA file or directory to trust.",
            OptionKind.VALUE,
            value="yes|no|PATH",
        ),
        Option("insecure", "The same as --verify=no.", letters="k", short_for=("verify", "no")),
        Option(
            "cert",
            "Your certificate, in PEM; only the origin that is typed sees it.",
            OptionKind.VALUE,
            value="FILE",
            details="A redirect elsewhere gets it with --trust-redirects.",
        ),
        Option(
            "cert-key",
            "Its private key, in PEM, where that is not in the same file.",
            OptionKind.VALUE,
            value="FILE",
        ),
        Option(
            "cert-key-pass",
            "The key's passphrase, or @env:NAME, @file:PATH; asked for, without echo, if needed.",
            OptionKind.VALUE,
            value="PASSPHRASE",
        ),
        Option(
            "ssl",
            "The TLS version: tls1, tls1.1, tls1.2, tls1.3, or a range of them.",
            OptionKind.VALUE,
            value="MIN[..MAX]",
            details="A range may be open: tls1.2.. is 1.2 or newer, the default (ssl2.3, auto). "
            "SSLKEYLOGFILE in the environment names a file for the secrets of sessions.",
        ),
        Option(
            "ciphers",
            "The ciphers up to TLS 1.2, as OpenSSL writes them.",
            OptionKind.VALUE,
            value="LIST",
            details="Those of TLS 1.3 cannot be chosen.",
        ),
        Option(
            "pin",
            "Accept only a certificate or public key with this SHA-256, in either form.",
            OptionKind.REPEATABLE,
            value="sha256:HEX|sha256//BASE64",
            details="One of several given is enough. The certificate is verified too, unless "
            "--verify=no. Holds for the host that is typed, on redirects there too, not for "
            "other hosts or proxies.",
        ),
        Option(
            "server-name",
            "The name that TLS asks for (SNI) and that the certificate must have.",
            OptionKind.VALUE,
            value="NAME",
        ),
        Option(
            "show-cert",
            "Show the server's certificates instead of sending the request.",
            conflicts=("offline",),
        ),
        Option(
            "proxy",
            "Go through a proxy: URL for all, http:URL for one scheme, all://HOST:URL for a host.",
            OptionKind.REPEATABLE,
            value="[SCHEME[://HOST]:]URL",
            details="May be given once for each. The proxy's own scheme is http, https, socks4, "
            "socks4a, socks5 or socks5h (with a and h the proxy resolves the host). Without it, "
            "http_proxy, https_proxy, all_proxy and no_proxy of the environment are obeyed.",
        ),
        Option(
            "proxy-auth",
            "Who you are to the proxy; without a password it is asked for.",
            OptionKind.VALUE,
            value="USER[:PASSWORD]",
            details="By reference too: USER:@env:NAME, @file:PATH.",
        ),
        Option(
            "proxy-header",
            "Send a field to the proxy: in the CONNECT for https, in the request for http.",
            OptionKind.REPEATABLE,
            value="'NAME: VALUE'",
            details="A proxy may pass on a field of an http request.",
        ),
        Option(
            "noproxy",
            "Go around the proxy for these hosts, domains, addresses and networks; * is all.",
            OptionKind.VALUE,
            value="LIST",
            details="Commas stand between them. It takes the place of no_proxy.",
        ),
        Option(
            "unix-socket",
            "Connect to the origin by a Unix socket; @NAME is an abstract one.",
            OptionKind.VALUE,
            value="PATH",
            details="A redirect to another origin leaves the socket. The URL "
            "http+unix://%2Frun%2Fapp.sock/path says the same.",
        ),
        Option(
            "resolve",
            "Know the addresses of a host (or of any: *) at a port, and ask nobody.",
            OptionKind.REPEATABLE,
            value="HOST:PORT:ADDR[,ADDR]",
        ),
        Option(
            "connect-to",
            "Connect to HOST2:PORT2 for HOST1:PORT1; Host field and certificate stay HOST1's.",
            OptionKind.REPEATABLE,
            value="HOST1:PORT1:HOST2:PORT2",
            details="An empty HOST1 or PORT1 is any, an empty HOST2 or PORT2 is the URL's.",
        ),
        Option(
            "dns-server",
            "Ask these name servers, not the system's (needs the extra: httpcli[dns]).",
            OptionKind.REPEATABLE,
            value="IP[:PORT]",
        ),
        Option("ipv4", "Connect to IPv4 addresses only.", letters="4", overrides=("ipv6",)),
        Option("ipv6", "Connect to IPv6 addresses only.", letters="6", overrides=("ipv4",)),
        Option(
            "interface",
            "Connect from this network interface, or local address.",
            OptionKind.VALUE,
            value="NAME|ADDR",
        ),
        Option(
            "local-address", "Connect from this local address.", OptionKind.VALUE, value="ADDR"
        ),
        Option(
            "local-port",
            "Connect from this port, or the first free one of a range.",
            OptionKind.VALUE,
            value="N[-M]",
        ),
        Option(
            "http1.0",
            "Speak HTTP/1.0.",
            conflicts=("chunked", "expect-continue"),
            details="Only content of a known length can be sent then.",
        ),
    ),
)
