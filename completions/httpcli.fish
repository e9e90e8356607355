# fish completion for httpcli; made from the program's table of options.

set -g __httpcli_methods GET HEAD POST PUT PATCH DELETE OPTIONS
set -g __httpcli_pages echo:/anything echo:/basic-auth/user/password echo:/bytes/1000 echo:/cookies echo:/delay/1 echo:/drip echo:/gzip echo:/redirect/2 echo:/status/404 echo:/stream/3
set -g __httpcli_subcommands config download echo help sessions
set -g __httpcli_field_names Accept: Accept-Encoding: Accept-Language: Authorization: Cache-Control: Content-Disposition: Content-Encoding: Content-Language: Content-Type: Cookie: Expect: Forwarded: From: Host: Idempotency-Key: If-Match: If-Modified-Since: If-None-Match: If-Range: If-Unmodified-Since: Origin: Prefer: Priority: Range: Referer: TE: User-Agent: X-Api-Key: X-Forwarded-For: X-Request-ID: X-Requested-With:
set -g __httpcli_media_types application/graphql application/json application/merge-patch+json application/octet-stream application/problem+json application/x-ndjson application/x-www-form-urlencoded application/xml image/jpeg image/png image/svg+xml multipart/form-data text/csv text/event-stream text/html text/plain text/xml text/yaml

function __httpcli_takes_value
    contains -- $argv[1] --method -X --header -H --param --cookie --field --json-field --file --boundary --raw --upload-file -T --default-scheme --auth -a -u --auth-type -A --session --session-read-only --cookie-jar --max-redirects --timeout --connect-timeout --max-time --max-header-size --max-headers --verify --cert --cert-key --cert-key-pass --ssl --ciphers --pin --server-name --proxy --proxy-auth --proxy-header --noproxy --unix-socket --resolve --connect-to --dns-server --interface --local-address --local-port --batch --jobs --rate --keep-alive --max-connections --max-connections-per-host --print -p --history-print -P --pretty --style -s --format-options --response-charset --response-mime --terminal --output -o --report --expect --select --max-json-size --max-json-values --write-out -w --subprotocol --ws-wait --ws-max-size --heartbeat --events --max-events --max-event-size --output-dir --max-size --checksum --retry --retry-delay --retry-max-time --retry-on --limit-rate --min-rate --tee --hash --progress
    or string match -qr -- '^-[^-]*[XHTauApPsow]$' $argv[1]
end

function __httpcli_config
    if test -n "$HTTPCLI_CONFIG_DIR"
        echo $HTTPCLI_CONFIG_DIR
    else if test -n "$HTTPIE_CONFIG_DIR"
        echo $HTTPIE_CONFIG_DIR
    else if test -n "$XDG_CONFIG_HOME"
        echo $XDG_CONFIG_HOME/httpcli
    else
        echo $HOME/.config/httpcli
    end
end

function __httpcli_sessions
    for file in (__httpcli_config)/sessions/*/*.json
        string replace -r '.*/(.*)\.json$' '$1' -- $file
    end
end

function __httpcli_profiles
    set -l file (__httpcli_config)/config.toml
    test -r $file
    and string replace -fr '^\s*\[profile\.([A-Za-z0-9_-]+)\].*' '@$1/' <$file
end

# Print the words before the cursor that are neither options nor values of options.
function __httpcli_positionals
    set -l words (commandline -opc)
    set -l skip 1
    for word in $words
        if test $skip -eq 1
            set skip 0
        else if string match -q -- '-*' $word; and test $word != -
            if not string match -q -- '*=*' $word
                __httpcli_takes_value $word; and set skip 1
            end
        else if not contains -- $word $__httpcli_methods
            echo $word
        end
    end
end

function __httpcli_at_target
    test (count (__httpcli_positionals)) -eq 0
end

function __httpcli_at_item
    not __httpcli_at_target
end

function __httpcli_at_first
    test (count (commandline -opc)) -eq 1
end

function __httpcli_items
    set -l token (commandline -ct)
    set -l field (string match -ri '^(accept|content-type):' -- $token)
    if set -q field[1]
        printf '%s\n' $field[1]$__httpcli_media_types
    else if string match -q -- '*@*' $token
        set -l parts (string split -m 1 @ -- $token)
        for path in $parts[2]*
            test -d $path; and set path $path/
            echo $parts[1]@$path
        end
    else
        printf '%s\n' $__httpcli_field_names
    end
end

complete -c httpcli -f
complete -c httpcli -n __httpcli_at_target -a '$__httpcli_methods' -d method
complete -c httpcli -n __httpcli_at_target -a '$__httpcli_pages http:// https://' -d URL
complete -c httpcli -n __httpcli_at_target -a '(__httpcli_profiles)' -d profile
complete -c httpcli -n __httpcli_at_first -a '$__httpcli_subcommands' -d subcommand
complete -c httpcli -n __httpcli_at_item -a '(__httpcli_items)'
complete -c httpcli -s X -l method -r -a 'GET HEAD POST PUT PATCH DELETE OPTIONS' -d 'The method, case kept; for scripts, where a word could be taken for a URL.'
complete -c httpcli -s H -l header -r -a 'Accept: Accept-Encoding: Accept-Language: Authorization: Cache-Control: Content-Disposition: Content-Encoding: Content-Language: Content-Type: Cookie: Expect: Forwarded: From: Host: Idempotency-Key: If-Match: If-Modified-Since: If-None-Match: If-Range: If-Unmodified-Since: Origin: Prefer: Priority: Range: Referer: TE: User-Agent: X-Api-Key: X-Forwarded-For: X-Request-ID: X-Requested-With:' -d 'A header field; \'Name:\' takes a default away, \'Name;\' sends it empty.'
complete -c httpcli -l param -r -d 'A query parameter, encoded for you.'
complete -c httpcli -l cookie -r -d 'A cookie, sent as it is typed.'
complete -c httpcli -l field -r -d 'A string in the JSON content.'
complete -c httpcli -l json-field -r -d 'A JSON literal in the JSON content: a number keeps its digits.'
complete -c httpcli -l file -r -d 'A file in a form; the item NAME@PATH in explicit form.'
complete -c httpcli -s j -l json -d 'JSON content (the default with data items); sets Accept and Content-Type.'
complete -c httpcli -s f -l form -d 'A form instead of JSON: urlencoded, or multipart where there is a file.'
complete -c httpcli -l multipart -d 'A form as multipart/form-data, with or without files.'
complete -c httpcli -l boundary -r -d 'What separates the parts (default: random).'
complete -c httpcli -l raw -r -d 'The content, literally.'
complete -c httpcli -s T -l upload-file -r -F -d 'The content is that file\'s, standard input\'s (-), or what a GET of the URL gives; PUT unless a method is typed.'
complete -c httpcli -l chunked -d 'Send the content with chunked framing.'
complete -c httpcli -s x -l compress -a 'deflate gzip br zstd' -d 'Compress the content: deflate (default), gzip, br or zstd.'
complete -c httpcli -l expect-continue -d 'Send the content only when the server asks for it (100).'
complete -c httpcli -s I -l ignore-stdin -d 'Never read standard input.'
complete -c httpcli -l path-as-is -d 'Send the path as typed: dot segments stay.'
complete -c httpcli -l url-encoded -d 'The path and query are encoded already: send them as typed.'
complete -c httpcli -l default-scheme -r -a 'http https' -d 'The scheme of a URL without one (default: http).'
complete -c httpcli -l offline -d 'Build the request and print it; connect nowhere.'
complete -c httpcli -s a -s u -l auth -r -d 'Credentials; a user alone is asked for the password, without echo.'
complete -c httpcli -s A -l auth-type -r -a 'basic bearer digest' -d 'The scheme (default: basic); digest answers the server\'s challenge.'
complete -c httpcli -l ignore-netrc -d 'Do not look for the host in $NETRC, ~/.netrc or ~/_netrc.'
complete -c httpcli -l session -r -F -a '(__httpcli_sessions)' -d 'Remember fields, credentials and cookies, and send them again next time.'
complete -c httpcli -l session-read-only -r -F -a '(__httpcli_sessions)' -d 'The same, but a session that is there stays as it is.'
complete -c httpcli -l cookie-jar -r -F -d 'Send the cookies of this file, and keep in it those that the servers set.'
complete -c httpcli -s F -s L -l follow -d 'Follow redirects.'
complete -c httpcli -l max-redirects -r -d 'How many redirects to follow (default: 30; 0 is no limit).'
complete -c httpcli -l allow-downgrade -d 'Follow a redirect from https to http.'
complete -c httpcli -l trust-redirects -d 'Send credentials to another origin on a redirect.'
complete -c httpcli -l timeout -r -d 'Give up after this long without a byte or a connection (default and 0: never).'
complete -c httpcli -l connect-timeout -r -d 'Give up when there is no connection by then (default: --timeout, or 60s; 0: never).'
complete -c httpcli -l max-time -r -d 'Give up when all of it takes longer (default: never).'
complete -c httpcli -l max-header-size -r -d 'Refuse a response with longer headers in all (default: 256KiB; 0 is no limit).'
complete -c httpcli -l max-headers -r -d 'Refuse a response with more headers (default: 10000).'
complete -c httpcli -l verify -r -F -a 'yes no' -d 'Check the server\'s certificate: yes, no, or the CA file or directory to trust.'
complete -c httpcli -s k -l insecure -d 'The same as --verify=no.'
complete -c httpcli -l cert -r -F -d 'Your certificate, in PEM; only the origin that is typed sees it.'
complete -c httpcli -l cert-key -r -F -d 'Its private key, in PEM, where that is not in the same file.'
complete -c httpcli -l cert-key-pass -r -d 'The key\'s passphrase, or @env:NAME, @file:PATH; asked for, without echo, if needed.'
complete -c httpcli -l ssl -r -a 'tls1.2 tls1.3 tls1.2..tls1.3' -d 'The TLS version: tls1, tls1.1, tls1.2, tls1.3, or a range of them.'
complete -c httpcli -l ciphers -r -d 'The ciphers up to TLS 1.2, as OpenSSL writes them.'
complete -c httpcli -l pin -r -d 'Accept only a certificate or public key with this SHA-256, in either form.'
complete -c httpcli -l server-name -r -d 'The name that TLS asks for (SNI) and that the certificate must have.'
complete -c httpcli -l show-cert -d 'Show the server\'s certificates instead of sending the request.'
complete -c httpcli -l proxy -r -d 'Go through a proxy: URL for all, http:URL for one scheme, all://HOST:URL for a host.'
complete -c httpcli -l proxy-auth -r -d 'Who you are to the proxy; without a password it is asked for.'
complete -c httpcli -l proxy-header -r -a 'Accept: Accept-Encoding: Accept-Language: Authorization: Cache-Control: Content-Disposition: Content-Encoding: Content-Language: Content-Type: Cookie: Expect: Forwarded: From: Host: Idempotency-Key: If-Match: If-Modified-Since: If-None-Match: If-Range: If-Unmodified-Since: Origin: Prefer: Priority: Range: Referer: TE: User-Agent: X-Api-Key: X-Forwarded-For: X-Request-ID: X-Requested-With:' -d 'Send a field to the proxy: in the CONNECT for https, in the request for http.'
complete -c httpcli -l noproxy -r -d 'Go around the proxy for these hosts, domains, addresses and networks; * is all.'
complete -c httpcli -l unix-socket -r -F -d 'Connect to the origin by a Unix socket; @NAME is an abstract one.'
complete -c httpcli -l resolve -r -d 'Know the addresses of a host (or of any: *) at a port, and ask nobody.'
complete -c httpcli -l connect-to -r -d 'Connect to HOST2:PORT2 for HOST1:PORT1; Host field and certificate stay HOST1\'s.'
complete -c httpcli -l dns-server -r -d 'Ask these name servers, not the system\'s (needs the extra: httpcli[dns]).'
complete -c httpcli -s 4 -l ipv4 -d 'Connect to IPv4 addresses only.'
complete -c httpcli -s 6 -l ipv6 -d 'Connect to IPv6 addresses only.'
complete -c httpcli -l interface -r -d 'Connect from this network interface, or local address.'
complete -c httpcli -l local-address -r -d 'Connect from this local address.'
complete -c httpcli -l local-port -r -d 'Connect from this port, or the first free one of a range.'
complete -c httpcli -l http1.0 -d 'Speak HTTP/1.0.'
complete -c httpcli -l batch -r -F -d 'Send a request for each line of a file (- is standard input): see docs/batch.md.'
complete -c httpcli -l jobs -r -d 'How many requests of a batch are under way at once (default: 8).'
complete -c httpcli -l rate -r -d 'Begin no more requests of a batch than this: 5/s, 100/m, 1000/h.'
complete -c httpcli -l fail-early -d 'Begin no more requests of a batch after one has failed.'
complete -c httpcli -l keep-alive -r -d 'How long an idle connection is kept for another request (default: 15s).'
complete -c httpcli -l max-connections -r -d 'Have no more connections than this at once (default: no limit but --jobs).'
complete -c httpcli -l max-connections-per-host -r -d 'Have no more than this to one host and port.'
complete -c httpcli -s p -l print -r -a 'H B h b m Hh hb HBhb HBhbm' -d 'What to show: H B request head, body; h b response head, body; m meta.'
complete -c httpcli -s h -l headers -d 'The response\'s head only: --print=h.'
complete -c httpcli -s b -l body -d 'The response\'s body only: --print=b.'
complete -c httpcli -s m -l meta -d 'How long it took, over which connection: --print=m.'
complete -c httpcli -s v -l verbose -d 'The whole exchange: --all --print=HBhb; twice, with meta, trailers, 1xx responses.'
complete -c httpcli -s P -l history-print -r -a 'H B h b m Hh hb HBhb HBhbm' -d 'Without effect, as in HTTPie: --all shows intermediary exchanges as --print says.'
complete -c httpcli -l all -d 'Show intermediary exchanges (redirects) too.'
complete -c httpcli -l pretty -r -a 'all colors format none' -d 'Formatting and colours (default: all on a terminal, none elsewhere).'
complete -c httpcli -s s -l style -r -a 'auto pie pie-dark pie-light solarized monokai' -d 'The colours: auto (the default), pie, solarized, or a style of Pygments.'
complete -c httpcli -l format-options -r -d 'How bodies are formatted, as KEY:VALUE,…: json.indent:2, xml.format:false.'
complete -c httpcli -l sorted -d 'Sort header fields (by name in any case) and JSON keys where they are formatted.'
complete -c httpcli -l unsorted -d 'Leave header fields and JSON keys in their order (the default).'
complete -c httpcli -l response-charset -r -a 'utf-8 iso-8859-1 windows-1252 shift_jis euc-kr gb18030' -d 'Read the response\'s body in this charset, whatever it says.'
complete -c httpcli -l response-mime -r -a 'application/graphql application/json application/merge-patch+json application/octet-stream application/problem+json application/x-ndjson application/x-www-form-urlencoded application/xml image/jpeg image/png image/svg+xml multipart/form-data text/csv text/event-stream text/html text/plain text/xml text/yaml' -d 'Format the response\'s body as this media type, whatever it says.'
complete -c httpcli -s S -l stream -d 'Show each line of a body when it arrives; nothing is held back to format it.'
complete -c httpcli -l raw-body -d 'Leave the body in the coding in which it came (gzip, br, zstd).'
complete -c httpcli -l terminal -r -a 'safe raw' -d 'raw lets the control characters of a body reach the terminal.'
complete -c httpcli -l show-secrets -d 'Show secret fields as they are sent, in a CI job too (where CI is set).'
complete -c httpcli -s o -l output -r -F -d 'Write what is shown (the body) to a file, which is replaced only by a whole one.'
complete -c httpcli -l timings -d 'Show where the time went, for every redirect and try, on stderr.'
complete -c httpcli -l report -r -F -d 'Write a report: json, jsonl (adds a line), junit, har or curl; - for stdout.'
complete -c httpcli -l print-curl -d 'Print the equivalent curl command, send nothing.'
complete -c httpcli -s q -l quiet -d 'Show nothing but errors and warnings; twice, no warnings.'
complete -c httpcli -l check-status -d 'Exit with 3, 4 or 5 on an HTTP status of 3xx, 4xx or 5xx.'
complete -c httpcli -l fail -d 'The same, and the body of such a response is not shown.'
complete -c httpcli -l expect -r -d 'What has to hold; exit with 16 where it does not: status == 200, json.id == 42.'
complete -c httpcli -l select -r -d 'Show what a JMESPath expression selects from a JSON body, in place of the body.'
complete -c httpcli -l max-json-size -r -d 'The longest body that --select and --expect parse (default: 64MiB; 0 is no limit).'
complete -c httpcli -l max-json-values -r -d 'How many values a JSON body may have for them (default: 2000000; 0 is no limit).'
complete -c httpcli -s r -l raw-strings -d 'With --select: strings without quotes; of an array, each value on a line.'
complete -c httpcli -s w -l write-out -r -d 'Write that when it is over, also when it failed: \'%{http_code} %{time_total}\\n\'.'
complete -c httpcli -l subprotocol -r -d 'Offer a WebSocket subprotocol (again for more, the best first).'
complete -c httpcli -l ws-compress -d 'Offer to compress the messages (permessage-deflate).'
complete -c httpcli -l ws-binary -d 'Send bytes, as they come from standard input, not lines of text.'
complete -c httpcli -l ws-json -d 'Send only lines that are JSON; fail at the first one that is not.'
complete -c httpcli -l ws-wait -r -d 'How long to listen after the last message was sent: a time (2s), or until so many messages have come in all.'
complete -c httpcli -l ws-max-size -r -d 'The longest message that is taken or sent (default: 16MiB; 0 is no limit).'
complete -c httpcli -l heartbeat -r -d 'Ask a WebSocket server that has been silent for this long for a sign of life, and give up when none comes in the same time.'
complete -c httpcli -l timestamps -d 'Show when each message came.'
complete -c httpcli -l events -r -a 'raw json' -d 'Server-sent events and messages as they are (raw), or one JSON object a line.'
complete -c httpcli -l reconnect -d 'Connect again when an event stream ends, and go on behind the last event.'
complete -c httpcli -l max-events -r -d 'End after so many server-sent events.'
complete -c httpcli -l max-event-size -r -d 'The largest server-sent event that is accepted (default: 8MiB; 0 is no limit).'
complete -c httpcli -s d -s O -l download -d 'Save the body to a file that is whole or not there; the rest goes to stderr.'
complete -c httpcli -s c -l continue -d 'Resume a partial download; =trust resumes even what nothing proves.'
complete -c httpcli -l overwrite -d 'Replace a file that is there already instead of numbering the new one.'
complete -c httpcli -l skip-existing -d 'Download nothing if the file is there already (and has its --checksum).'
complete -c httpcli -l newer -d 'Download only what is newer on the server than the file that is there.'
complete -c httpcli -l remote-time -d 'Give the file the time of the server\'s.'
complete -c httpcli -l create-dirs -d 'Make the folders that the file goes into.'
complete -c httpcli -l output-dir -r -a '(__fish_complete_directories)' -d 'The folder that the file goes into.'
complete -c httpcli -l max-size -r -d 'Give up on a file that is larger: 500k, 20M, 5G.'
complete -c httpcli -l checksum -r -d 'What proves the file: ALGORITHM:HEX, or a list like SHA256SUMS by its URL or path.'
complete -c httpcli -l retry -r -d 'Try again up to N times what may pass by itself.'
complete -c httpcli -l retry-delay -r -d 'Wait so long between two tries, always.'
complete -c httpcli -l retry-max-time -r -d 'Begin no try later than this after the first (default: 10m; 0: whenever).'
complete -c httpcli -l retry-on -r -d 'Try again on these only: statuses (429, 5xx), dns, connect, timeout, truncated, expect.'
complete -c httpcli -l retry-unsafe -d 'Try again also what may be done twice by it (POST, PATCH).'
complete -c httpcli -l spool -d 'Hold content on disk: a response until it is whole, a body from a pipe to send it again.'
complete -c httpcli -l limit-rate -r -d 'Transfer no more bytes a second, over all connections, up and down: 500kB, 2M.'
complete -c httpcli -l min-rate -r -d 'Give up when fewer bytes a second than this pass for so long (default: 30s).'
complete -c httpcli -l tee -r -F -d 'Keep a copy of the response\'s content in a file, beside what is shown.'
complete -c httpcli -l hash -r -a 'sha256 sha512 sha1 md5 blake2b' -d 'Print the hash of the body that was sent and received (on stderr): sha256, …'
complete -c httpcli -l progress -r -a 'auto plain json none' -d 'How to tell on stderr how far files and uploads are.'
complete -c httpcli -l help -d 'Show this help.'
complete -c httpcli -l manual -d 'Show this help in a pager.'
complete -c httpcli -l version -d 'Show the version.'
complete -c httpcli -l traceback -d 'Show where in the program a failure came from.'
complete -c httpcli -l debug -d 'Tell versions, surroundings and what will be done; implies --traceback. Alone: tell the first two and end.'
