# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What ./run, ./test, bench/run and .ci/run share. Sourced from the root of the tree.

# Colours, empty unless standard output is a terminal that wants them.
bold='' dim='' red='' green='' reset=''
if [[ -t 1 && -z ${NO_COLOR:-} && ${TERM:-dumb} != dumb ]]; then
    bold=$'\e[1m' dim=$'\e[2m' red=$'\e[31m' green=$'\e[32m' reset=$'\e[0m'
fi
export bold dim red green reset

say() {
    printf '%s\n' "$*"
}

heading() {
    printf '\n%s%s%s\n' "$bold" "$*" "$reset"
}

# For what the person at the terminal has to settle: a usage error, a missing tool, a port in use.
die() {
    printf '%s%s:%s %s\n' "$red" "${0##*/}" "$reset" "$*" >&2
    exit 2
}

# packages_missing GROUP...: the packages of .ci/packages that are not installed, one a line.
packages_missing() {
    local groups=" $* " wanted
    wanted=$(awk -v groups="$groups" '!/^#/ && index(groups, " " $1 " ") { print $2 }' .ci/packages |
        paste -sd ' ')
    # dpkg-query fails when it knows none of a name; what it does know is still printed.
    # shellcheck disable=SC2086 # one word a package
    { dpkg-query -W -f '${Package} ${db:Status-Status}\n' $wanted 2>/dev/null || true; } |
        awk -v wanted="$wanted" '
            $2 == "installed" { has[$1] = 1 }
            END { n = split(wanted, w); for (i = 1; i <= n; i++) if (!(w[i] in has)) print w[i] }'
}

# install_packages GROUP...: installs what is missing; does nothing when nothing is.
install_packages() {
    if ! command -v dpkg-query >/dev/null; then
        require_commands
        return
    fi
    local missing log
    missing=$(packages_missing "$@" | paste -sd ' ')
    if [[ -z $missing ]]; then
        return
    fi
    local as_root=()
    if ((EUID != 0)); then
        command -v sudo >/dev/null ||
            die "missing packages, and neither root nor sudo to install them; as root: apt-get install $missing"
        as_root=(sudo)
    fi
    say "installing: $missing"
    log=$(mktemp)
    # The lists of packages may be missing or old: they are fetched only when it does not work without.
    # shellcheck disable=SC2086 # one word a package
    if ! apt_get "${as_root[@]}" install $missing >"$log" 2>&1 &&
        ! { apt_get "${as_root[@]}" update && apt_get "${as_root[@]}" install $missing; } >"$log" 2>&1; then
        tail -n 15 "$log" >&2
        rm -f "$log"
        die "cannot install: $missing"
    fi
    rm -f "$log"
}

# apt_get [sudo] COMMAND...
apt_get() {
    local as_root=()
    if [[ $1 == sudo ]]; then
        as_root=(sudo)
        shift
    fi
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends "$@"
}

# On a system without dpkg nothing is installed; the tools have to be there already.
require_commands() {
    local tool
    for tool in cmake ninja cc pkg-config curl jq; do
        command -v "$tool" >/dev/null ||
            die "$tool is missing, and this is not Debian: please install what .ci/packages names"
    done
}

# build PRESET [TARGET...]: quiet unless it fails or the compiler has something to say.
build() {
    local preset=$1 log status=0
    shift
    mkdir -p build
    log=build/$preset.log
    # Ninja runs CMake again by itself for all that CMake reads, but for the presets.
    if [[ ! -f build/$preset/build.ninja || CMakePresets.json -nt build/$preset/CMakeCache.txt ]]; then
        cmake --preset "$preset" >"$log" 2>&1 || status=$?
    fi
    if ((status == 0)); then
        cmake --build --preset "$preset" -j "$(nproc)" ${1:+--target "$@"} >"$log" 2>&1 || status=$?
    fi
    if ((status != 0)); then
        # Without Ninja's progress and the compiler's command lines.
        grep -v -e '^\[[0-9]*/[0-9]*\] ' -e '^/[^ ]* .* -c ' "$log" | tail -n 60 >&2
        die "cannot build $preset (all of the output: $log)"
    fi
    grep -A 6 'warning:' "$log" >&2 || true
}

venv=build/venv

# What Python programs need, in a folder of its own.
make_venv() {
    local want
    want=$(cat tests/requirements.txt <(python3 --version) | sha256sum)
    if [[ -f $venv/made-from && $(<"$venv/made-from") == "$want" ]]; then
        return
    fi
    rm -rf "$venv"
    {
        python3 -m venv "$venv" &&
            "$venv/bin/pip" install --disable-pip-version-check -r tests/requirements.txt
    } >build/venv.log 2>&1 || {
        tail -n 20 build/venv.log >&2
        die "cannot install tests/requirements.txt into $venv"
    }
    echo "$want" >"$venv/made-from"
}

port_is_free() {
    ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# free_port [NOT...]: a port of 127.0.0.1 that nobody listens on, and none of those named.
free_port() {
    local port tries
    for ((tries = 0; tries < 200; tries++)); do
        # Below the range the kernel hands out for outgoing connections.
        port=$((20000 + RANDOM % 12000))
        if [[ " $* " != *" $port "* ]] && port_is_free "$port"; then
            echo "$port"
            return
        fi
    done
    die "no free port found"
}

# wait_until SECONDS COMMAND...: polls; false when the command did not succeed in time.
wait_until() {
    local deadline=$((${EPOCHREALTIME/[.,]/} + $1 * 1000000))
    shift
    until "$@"; do
        if ((${EPOCHREALTIME/[.,]/} > deadline)); then
            return 1
        fi
        sleep 0.05
    done
}

is_alive() {
    kill -0 "$1" 2>/dev/null
}

is_gone() {
    ! is_alive "$1"
}

# stop_process PID: SIGINT, on which the server waits for nobody, and SIGKILL when that is not enough.
stop_process() {
    kill -INT "$1" 2>/dev/null || return 0
    wait_until 10 is_gone "$1" || kill -KILL "$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
}

# Milliseconds since START, a value of EPOCHREALTIME without its point.
ms_since() {
    echo $(((${EPOCHREALTIME/[.,]/} - $1) / 1000))
}

now() {
    echo "${EPOCHREALTIME/[.,]/}"
}

# The middle line of numbers on standard input.
median() {
    sort -g | awk '{ v[NR] = $1 } END { if (NR) print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'
}

# h2load_counts < REPORT: "requests-a-second requests", or false and why when one of them failed.
h2load_counts() {
    awk '
        /^finished in/ { rate = $4 }
        /^requests:/ { total = $2; failed = $10 + $14 }
        /^status codes:/ { failed += $5 + $7 + $9 }
        END {
            if (total == 0 || failed > 0) {
                printf "%d of %d requests failed\n", failed, total > "/dev/stderr"
                exit 1
            }
            print rate, total
        }'
}
