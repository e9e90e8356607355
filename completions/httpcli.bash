# bash completion for httpcli and hc; made from the program's table of options.

_httpcli_options=(--method -X --header -H --param --cookie --field --json-field --file --json -j --form -f --multipart --boundary --raw --upload-file -T --chunked --compress -x --expect-continue --ignore-stdin -I --path-as-is --url-encoded --default-scheme --offline --auth -a -u --auth-type -A --ignore-netrc --session --session-read-only --cookie-jar --follow -F -L --max-redirects --allow-downgrade --trust-redirects --timeout --connect-timeout --max-time --max-header-size --max-headers --verify --insecure -k --cert --cert-key --cert-key-pass --ssl --ciphers --pin --server-name --show-cert --proxy --proxy-auth --proxy-header --noproxy --unix-socket --resolve --connect-to --dns-server --ipv4 -4 --ipv6 -6 --interface --local-address --local-port --http1.0 --batch --jobs --rate --fail-early --keep-alive --max-connections --max-connections-per-host --print -p --headers -h --body -b --meta -m --verbose -v --history-print -P --all --pretty --style -s --format-options --sorted --unsorted --response-charset --response-mime --stream -S --raw-body --terminal --show-secrets --output -o --timings --report --print-curl --quiet -q --check-status --fail --expect --select --max-json-size --max-json-values --raw-strings -r --write-out -w --subprotocol --ws-compress --ws-binary --ws-json --ws-wait --ws-max-size --heartbeat --timestamps --events --reconnect --max-events --max-event-size --download -d -O --continue -c --overwrite --skip-existing --newer --remote-time --create-dirs --output-dir --max-size --checksum --retry --retry-delay --retry-max-time --retry-on --retry-unsafe --spool --limit-rate --min-rate --tee --hash --progress --help --manual --version --traceback --debug)
_httpcli_methods=(GET HEAD POST PUT PATCH DELETE OPTIONS)
_httpcli_pages=(echo:/anything echo:/basic-auth/user/password echo:/bytes/1000 echo:/cookies echo:/delay/1 echo:/drip echo:/gzip echo:/redirect/2 echo:/status/404 echo:/stream/3)
_httpcli_subcommands=(config download echo help sessions)
_httpcli_field_names=(Accept: Accept-Encoding: Accept-Language: Authorization: Cache-Control: Content-Disposition: Content-Encoding: Content-Language: Content-Type: Cookie: Expect: Forwarded: From: Host: Idempotency-Key: If-Match: If-Modified-Since: If-None-Match: If-Range: If-Unmodified-Since: Origin: Prefer: Priority: Range: Referer: TE: User-Agent: X-Api-Key: X-Forwarded-For: X-Request-ID: X-Requested-With:)
_httpcli_media_types=(application/graphql application/json application/merge-patch+json application/octet-stream application/problem+json application/x-ndjson application/x-www-form-urlencoded application/xml image/jpeg image/png image/svg+xml multipart/form-data text/csv text/event-stream text/html text/plain text/xml text/yaml)

_httpcli_takes_value() {
    case $1 in
        --method | -X | --header | -H | --param | --cookie | \
        --field | --json-field | --file | --boundary | --raw | --upload-file | \
        -T | --default-scheme | --auth | -a | -u | --auth-type | \
        -A | --session | --session-read-only | --cookie-jar | --max-redirects | --timeout | \
        --connect-timeout | --max-time | --max-header-size | --max-headers | --verify | --cert | \
        --cert-key | --cert-key-pass | --ssl | --ciphers | --pin | --server-name | \
        --proxy | --proxy-auth | --proxy-header | --noproxy | --unix-socket | --resolve | \
        --connect-to | --dns-server | --interface | --local-address | --local-port | --batch | \
        --jobs | --rate | --keep-alive | --max-connections | --max-connections-per-host | --print | \
        -p | --history-print | -P | --pretty | --style | -s | \
        --format-options | --response-charset | --response-mime | --terminal | --output | -o | \
        --report | --expect | --select | --max-json-size | --max-json-values | --write-out | \
        -w | --subprotocol | --ws-wait | --ws-max-size | --heartbeat | --events | \
        --max-events | --max-event-size | --output-dir | --max-size | --checksum | --retry | \
        --retry-delay | --retry-max-time | --retry-on | --limit-rate | --min-rate | --tee | \
        --hash | --progress)
            return 0 ;;
        # Letters in one word: the last one may take a value.
        -[!-]*[XHTauApPsow]) return 0 ;;
    esac
    return 1
}

_httpcli_value() {
    local option=$1 prefix=$2 start=$3
    [[ $option == -[!-]* ]] && option=-${option: -1}
    case $option in
        --method | -X) _httpcli_words "$prefix" "$start" GET HEAD POST PUT PATCH DELETE OPTIONS ;;
        --header | -H) _httpcli_words "$prefix" "$start" Accept: Accept-Encoding: Accept-Language: Authorization: Cache-Control: Content-Disposition: Content-Encoding: Content-Language: Content-Type: Cookie: Expect: Forwarded: From: Host: Idempotency-Key: If-Match: If-Modified-Since: If-None-Match: If-Range: If-Unmodified-Since: Origin: Prefer: Priority: Range: Referer: TE: User-Agent: X-Api-Key: X-Forwarded-For: X-Request-ID: X-Requested-With: ;;
        --upload-file | -T) _httpcli_files "$prefix" "$start" ;;
        --compress | -x) _httpcli_words "$prefix" "$start" deflate gzip br zstd ;;
        --default-scheme) _httpcli_words "$prefix" "$start" http https ;;
        --auth-type | -A) _httpcli_words "$prefix" "$start" basic bearer digest ;;
        --session) _httpcli_sessions "$prefix" "$start" ;;
        --session-read-only) _httpcli_sessions "$prefix" "$start" ;;
        --cookie-jar) _httpcli_files "$prefix" "$start" ;;
        --verify) _httpcli_words "$prefix" "$start" yes no; _httpcli_files "$prefix" "$start" ;;
        --cert) _httpcli_files "$prefix" "$start" ;;
        --cert-key) _httpcli_files "$prefix" "$start" ;;
        --ssl) _httpcli_words "$prefix" "$start" tls1.2 tls1.3 tls1.2..tls1.3 ;;
        --proxy-header) _httpcli_words "$prefix" "$start" Accept: Accept-Encoding: Accept-Language: Authorization: Cache-Control: Content-Disposition: Content-Encoding: Content-Language: Content-Type: Cookie: Expect: Forwarded: From: Host: Idempotency-Key: If-Match: If-Modified-Since: If-None-Match: If-Range: If-Unmodified-Since: Origin: Prefer: Priority: Range: Referer: TE: User-Agent: X-Api-Key: X-Forwarded-For: X-Request-ID: X-Requested-With: ;;
        --unix-socket) _httpcli_files "$prefix" "$start" ;;
        --batch) _httpcli_files "$prefix" "$start" ;;
        --print | -p) _httpcli_words "$prefix" "$start" H B h b m Hh hb HBhb HBhbm ;;
        --history-print | -P) _httpcli_words "$prefix" "$start" H B h b m Hh hb HBhb HBhbm ;;
        --pretty) _httpcli_words "$prefix" "$start" all colors format none ;;
        --style | -s) _httpcli_words "$prefix" "$start" auto pie pie-dark pie-light solarized monokai ;;
        --response-charset) _httpcli_words "$prefix" "$start" utf-8 iso-8859-1 windows-1252 shift_jis euc-kr gb18030 ;;
        --response-mime) _httpcli_words "$prefix" "$start" application/graphql application/json application/merge-patch+json application/octet-stream application/problem+json application/x-ndjson application/x-www-form-urlencoded application/xml image/jpeg image/png image/svg+xml multipart/form-data text/csv text/event-stream text/html text/plain text/xml text/yaml ;;
        --terminal) _httpcli_words "$prefix" "$start" safe raw ;;
        --output | -o) _httpcli_files "$prefix" "$start" ;;
        --events) _httpcli_words "$prefix" "$start" raw json ;;
        --output-dir) _httpcli_files "$prefix" "$start" -d ;;
        --tee) _httpcli_files "$prefix" "$start" ;;
        --hash) _httpcli_words "$prefix" "$start" sha256 sha512 sha1 md5 blake2b ;;
        --progress) _httpcli_words "$prefix" "$start" auto plain json none ;;
    esac
}
# Paths; folders end in a slash. Readline quotes those that are the whole word. After a
# prefix they are quoted here: readline would leave $ and ` as they are.
_httpcli_files() {
    local path
    [[ $1 ]] || compopt -o filenames 2>/dev/null
    while IFS= read -r path; do
        if [[ $1 ]]; then
            [[ -d $path ]] && path+=/
            printf -v path %q "$path"
        fi
        COMPREPLY+=("$1$path")
    done < <(compgen "${3:--f}" -- "$2")
}

_httpcli_words() {
    local prefix=$1 start=$2 word
    shift 2
    for word; do [[ $word == "$start"* ]] && COMPREPLY+=("$prefix$word"); done
}

_httpcli_config() {
    local folder=${HTTPCLI_CONFIG_DIR:-${HTTPIE_CONFIG_DIR:-}}
    printf %s "${folder:-${XDG_CONFIG_HOME:-$HOME/.config}/httpcli}"
}

_httpcli_sessions() {
    local file names=()
    for file in "$(_httpcli_config)"/sessions/*/*.json; do
        [[ -e $file ]] || continue
        file=${file##*/}
        # Readline inserts the name without quotes.
        [[ $file == *[!a-zA-Z0-9_.-]* ]] || names+=("${file%.json}")
    done
    _httpcli_words "$1" "$2" "${names[@]}"
}

_httpcli_profiles() {
    local line names=() form='^[[:space:]]*\[profile\.([A-Za-z0-9_-]+)\]'
    [[ -r $(_httpcli_config)/config.toml ]] || return
    while IFS= read -r line; do
        [[ $line =~ $form ]] && names+=("@${BASH_REMATCH[1]}/")
    done <"$(_httpcli_config)/config.toml"
    _httpcli_words "" "$1" "${names[@]}"
}

_httpcli_item() {
    local name
    case $1 in
        [Aa]ccept:* | [Cc]ontent-[Tt]ype:*)
            name=${1%%:*}
            _httpcli_words "$name:" "${1#*:}" "${_httpcli_media_types[@]}"
            ;;
        *=@* | *@*) _httpcli_files "${1%%@*}@" "${1#*@}" ;;
        *) _httpcli_words "" "$1" "${_httpcli_field_names[@]}" ;;
    esac
}

_httpcli() {
    local line=${COMP_LINE:0:COMP_POINT} words=() word before="" positionals=0 i
    COMPREPLY=()
    read -ra words <<<"$line"
    [[ $line == *[[:space:]] ]] && words+=("")
    local last=$((${#words[@]} - 1))
    local current=${words[last]}
    ((last > 1)) && before=${words[last - 1]}
    for ((i = 1; i < last; i++)); do
        word=${words[i]}
        if [[ $word == -* && $word != - ]]; then
            [[ $word != *=* ]] && _httpcli_takes_value "$word" && ((i++))
        elif [[ " ${_httpcli_methods[*]} " != *" $word "* ]]; then
            ((positionals++))
        fi
    done
    if _httpcli_takes_value "$before"; then
        _httpcli_value "$before" "" "$current"
    elif [[ $current == --*=* ]]; then
        _httpcli_value "${current%%=*}" "${current%%=*}=" "${current#*=}"
    elif [[ $current == -* ]]; then
        _httpcli_words "" "$current" "${_httpcli_options[@]}"
    elif ((positionals)); then
        _httpcli_item "$current"
    else
        case $current in
            @*) _httpcli_profiles "$current" ;;
            *)
                _httpcli_words "" "$current" "${_httpcli_methods[@]}" "${_httpcli_pages[@]}" \
                    http:// https://
                ((last == 1)) && _httpcli_words "" "$current" "${_httpcli_subcommands[@]}"
                ;;
        esac
    fi
    # Readline replaces only the text after the last word break, and the break itself
    # if it is an @.
    local kept=${current##*["${COMP_WORDBREAKS//[[:space:]\"\'\\]/}"]}
    local shown=${current%"$kept"}
    shown=${shown%@}
    for i in "${!COMPREPLY[@]}"; do COMPREPLY[i]=${COMPREPLY[i]#"$shown"}; done
    [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[:/=@] ]] && compopt -o nospace 2>/dev/null
    return 0
}

complete -F _httpcli httpcli hc
