# fish completion for hc, which is httpcli's short name.
complete -c hc -w httpcli
