# bash completion for hc, which is httpcli's short name.
source "${BASH_SOURCE[0]%/*}/httpcli"
