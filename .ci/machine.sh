# What a new machine lacks: uv, servers that tests talk to, a container engine. Sourced by .ci/run.
# shellcheck shell=bash disable=SC1091,SC2154

containers_folder=../shared/containers # may start an engine where there is none and no registry can be reached

install_uv() {
    # A distribution's own Python refuses packages from pip (PEP 668) unless it is told that this is meant.
    uv --version >/dev/null 2>&1 || python3 -m pip install --quiet --disable-pip-version-check uv 2>/dev/null ||
        python3 -m pip install --quiet --disable-pip-version-check --break-system-packages uv
    uv --version 2>/dev/null || add_scripts_to_path
}

add_scripts_to_path() {
    PATH="$(python3 -c 'import sysconfig; print(sysconfig.get_path("scripts"))'):$HOME/.local/bin:$PATH"
    export PATH
    uv --version
}

prepare_machine() {
    install_servers
    start_engine
}

install_servers() {
    local lacking
    lacking=$(lacking_servers)
    if [ -z "$lacking" ]; then
        echo "PostgreSQL, HAProxy and Redis are there"
    elif ! command -v apt-get >/dev/null || ! may_be_root; then
        miss "these are not installed, and can't be here: $lacking"
    else
        # shellcheck disable=SC2086 # several words
        { as_root apt-get update -qq && as_root apt-get install -qq -y --no-install-recommends $lacking; } >"$out/apt.log" 2>&1 ||
            { tail -20 "$out/apt.log" && miss "these could not be installed: $lacking"; }
    fi
}

lacking_servers() { # as Debian names their packages
    { command -v initdb || ls /usr/lib/postgresql/*/bin/initdb; } >/dev/null 2>&1 || printf 'postgresql '
    PATH=$PATH:/usr/sbin command -v haproxy >/dev/null || printf 'haproxy '
    command -v redis-server >/dev/null || printf 'redis-server '
}

start_engine() { # use_engine has the rest of this shell find it
    : >"$out/engine.sh"
    if ! docker version >/dev/null 2>&1; then
        if [ ! -x "$containers_folder/start-engine" ] || ! may_be_root; then
            miss "no container engine answers"
            return 0
        fi
        "$containers_folder/start-engine" --newer >"$out/engine.sh" || miss "no container engine could be started"
    fi
    use_engine
    if [ -x "$containers_folder/make-base-images" ]; then "$containers_folder/make-base-images" --for .; fi
    docker version --format 'Docker engine {{.Server.Version}}'
}

use_engine() { . "$out/engine.sh"; }

is_ci_on_linux() { [ -n "${CI:-}" ] && [ "$(uname)" = Linux ]; }

miss() { # REASON: tests that need it skip, but not where nobody would see it
    echo "$1" >&2
    ! is_ci_on_linux
}

may_be_root() { [ "$(id -u)" = 0 ] || { is_ci_on_linux && sudo -n true 2>/dev/null; }; }

as_root() {
    if [ "$(id -u)" = 0 ]; then DEBIAN_FRONTEND=noninteractive "$@"; else sudo -n env DEBIAN_FRONTEND=noninteractive "$@"; fi
}
