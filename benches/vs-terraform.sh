#!/usr/bin/env bash
# keyform beside terraform on the same generated configurations of terraform_data, which needs no cloud.
#
#   benches/vs-terraform.sh [--keyform PATH] [--shapes flat,count] [--sizes 100,1000] [--operations plan,apply]
#                           [--runs 3] [--limit SECONDS]
#
# For each shape and size the operations run in the order below, every program in a folder of its own, in pairs:
# first one, then the other. Printed are CPU seconds (user and system) and wall seconds, the least of all runs, and
# terraform's figure divided by keyform's. An operation for which terraform needed more than --limit is not asked of
# it again at a greater size: "-".
#
# Shapes: flat (a block each), count, foreach, chain (each refers to the one before), diamond (layers that meet).

set -euo pipefail
export LC_ALL=C CHECKPOINT_DISABLE=1 TF_CLI_CONFIG_FILE=/dev/null TF_IN_AUTOMATION=1 NO_COLOR=1
unset TF_CLI_ARGS TF_DATA_DIR TF_WORKSPACE TF_LOG

keyform=target/release/keyform
shapes=flat,count,foreach,chain,diamond
sizes=100,1000
operations=version,validate,plan,apply,noop,change,list,show,plandestroy,destroy
runs=3
limit=120

while [ $# -gt 0 ]; do
    case $1 in
        --keyform) keyform=$2; shift ;;
        --shapes) shapes=$2; shift ;;
        --sizes) sizes=$2; shift ;;
        --operations) operations=$2; shift ;;
        --runs) runs=$2; shift ;;
        --limit) limit=$2; shift ;;
        -h | --help) sed -n '2,/^$/s/^# \{0,1\}//p' "$0"; exit 0 ;;
        *) echo "unknown option $1; see --help" >&2; exit 1 ;;
    esac
    shift
done

if [ ! -x "$keyform" ]; then
    echo "there is no $keyform: cargo build --release" >&2
    exit 1
fi
keyform=$(realpath "$keyform")
if ! terraform=$(command -v terraform); then
    echo "SKIPPED: there is no terraform on this machine, so nothing is compared"
    exit 0
fi

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

# generate <shape> <n>: a configuration of n instances, the probe included.
generate() {
    awk -v shape="$1" -v n="$(($2 - 1))" '
        function one(name, input) { printf "resource \"terraform_data\" \"%s\" {\n  input = %s\n}\n", name, input }
        BEGIN {
            half = int(n / 2)
            if (shape == "flat") for (i = 0; i < n; i++) one(sprintf("r%06d", i), "\"value " i "\"")
            if (shape == "chain") for (i = 0; i < n; i++)
                one(sprintf("r%06d", i), i % 500 ? sprintf("terraform_data.r%06d.id", i - 1) : "\"start\"")
            if (shape == "count") {
                printf "resource \"terraform_data\" \"key\" {\n  count = %d\n  input = \"value ${count.index}\"\n}\n", half
                printf "resource \"terraform_data\" \"alias\" {\n  count = %d\n  input = terraform_data.key[count.index].id\n}\n", half
            }
            if (shape == "foreach") {
                printf "locals {\n  keys = { for i in range(%d) : format(\"k%%06d\", i) => i }\n}\n", half
                print "resource \"terraform_data\" \"key\" {\n  for_each = local.keys\n  input = \"value ${each.value}\"\n}"
                print "resource \"terraform_data\" \"alias\" {\n  for_each = local.keys\n  input = terraform_data.key[each.key].id\n}"
            }
            if (shape == "diamond") {
                layers = 5; width = int((n - layers + 1) / layers)
                for (l = 0; l < layers; l++) {
                    for (i = 0; i < width; i++)
                        one(sprintf("l%d_%06d", l, i), l ? sprintf("terraform_data.join%d.id", l - 1) : "\"top\"")
                    if (l == layers - 1) break
                    all = ""
                    for (i = 0; i < width; i++) all = all sprintf("%sterraform_data.l%d_%06d.id", i ? ", " : "", l, i)
                    one("join" l, "[" all "]")
                }
            }
        }'
}

# probe <revision>: the one block that changes.
probe() { printf 'resource "terraform_data" "probe" {\n  input = "revision %s"\n}\n' "$1"; }

# arguments <operation>
arguments() {
    case $1 in
        version) echo version ;;
        validate) echo validate ;;
        plan | noop) echo plan -input=false -lock=false -refresh=false ;;
        apply) echo apply -input=false -auto-approve ;;
        change) echo apply -input=false -auto-approve -refresh=false ;;
        list) echo state list ;;
        show) echo show -json ;;
        plandestroy) echo plan -destroy -input=false -lock=false -refresh=false ;;
        destroy) echo destroy -input=false -auto-approve ;;
        *) echo "unknown operation $1" >&2; exit 1 ;;
    esac
}

# Operations that change the state run once: the second time they would do something else.
times_of() {
    case $1 in
        apply | destroy) echo 1 ;;
        *) echo "$runs" ;;
    esac
}

# measure <program> <folder> <operation>: the least CPU and wall seconds; "- -" when it failed.
measure() {
    local program=$1 folder=$2 operation=$3 best_cpu='' best_wall='' n wall user system
    local TIMEFORMAT='%R %U %S'
    for ((n = 1; n <= $(times_of "$operation"); n++)); do
        if [ "$operation" = change ]; then
            probe "$n" >"$folder/probe.tf"
        fi
        # shellcheck disable=SC2046
        if ! { time (cd "$folder" && "$program" $(arguments "$operation") >"$folder/said" 2>"$folder/complained"); } 2>"$folder/time"; then
            printf '%s %s failed: %s\n' "$program" "$operation" "$(head -c 400 "$folder/complained" | tr '\n' ' ')" >&2
            echo "- -"
            return
        fi
        read -r wall user system <"$folder/time"
        best_cpu=$(awk -v a="$user" -v b="$system" -v c="$best_cpu" 'BEGIN { s = a + b; print (c == "" || s < c) ? s : c }')
        best_wall=$(awk -v a="$wall" -v c="$best_wall" 'BEGIN { print (c == "" || a < c) ? a : c }')
    done
    echo "$best_cpu $best_wall"
}

ratio() { awk -v a="$1" -v b="$2" 'BEGIN { if (a == "-" || b == "-") print "-"; else r = a / (b < 0.001 ? 0.001 : b); printf r < 10 ? "%.1f" : "%.0f", r }'; }

slow=' '
printf '%-9s %7s %-12s %12s %12s %8s %12s %12s %8s\n' shape n operation 'keyform cpu' 'terraform' ratio 'keyform wall' 'terraform' ratio
for shape in ${shapes//,/ }; do
    for n in ${sizes//,/ }; do
        for program in keyform terraform; do
            mkdir -p "$place/$program/$shape-$n"
            generate "$shape" "$n" >"$place/$program/$shape-$n/main.tf"
            probe 0 >"$place/$program/$shape-$n/probe.tf"
            (cd "$place/$program/$shape-$n" && "${!program}" init -input=false >/dev/null)
        done
        for operation in ${operations//,/ }; do
            read -r cpu wall <<<"$(measure "$keyform" "$place/keyform/$shape-$n" "$operation")"
            their_cpu=- their_wall=-
            if [[ $slow != *" $shape-$operation "* ]]; then
                read -r their_cpu their_wall <<<"$(measure "$terraform" "$place/terraform/$shape-$n" "$operation")"
                if [ "$their_wall" != - ] && awk -v a="$their_wall" -v b="$limit" 'BEGIN { exit !(a > b) }'; then
                    slow="$slow$shape-$operation "
                fi
            fi
            printf '%-9s %7d %-12s %12s %12s %8s %12s %12s %8s\n' "$shape" "$n" "$operation" \
                "$cpu" "$their_cpu" "$(ratio "$their_cpu" "$cpu")" "$wall" "$their_wall" "$(ratio "$their_wall" "$wall")"
        done
        rm -rf "$place"/*/"$shape-$n"
    done
done
