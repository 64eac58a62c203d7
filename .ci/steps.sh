# Steps that are timed, and one job beside them. Sourced by .ci/run.
# shellcheck shell=bash disable=SC2154

names=() seconds=() # of the steps that have ended
running=''
background=''

step() { # NAME COMMAND...
    running=$1
    began=$SECONDS
    printf '\n== %s\n' "$1"
    "${@:2}"
    end_step
}

end_step() {
    names+=("$running") seconds+=($((SECONDS - began)))
    running=''
}

in_background() { # NAME COMMAND...: what it prints goes to a file
    background_log=$out/$1.log
    set -m # a process group of its own, so that its children can be ended too
    "${@:2}" >"$background_log" 2>&1 &
    background=$!
    set +m
}

wait_for_background() {
    local code=0
    wait "$background" || code=$?
    background=''
    cat "$background_log"
    return "$code"
}

report() { # when the script ends, however it does
    local code=$? index failed=$running
    if [ -n "$running" ]; then end_step; fi
    if [ -n "$background" ]; then kill -- "-$background" 2>/dev/null || true; fi
    printf '\n== Seconds, the longest first\n'
    for index in ${names[@]+"${!names[@]}"}; do printf '%6d  %s\n' "${seconds[index]}" "${names[index]}"; done | sort -rn
    printf '%6d  in all\n' "$SECONDS"
    if [ "$code" != 0 ]; then printf '\nFAILED: %s (exit code %d)\n' "${failed:-$0}" "$code"; fi
    exit "$code"
}
