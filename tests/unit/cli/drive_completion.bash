# Plays readline for the completion of bash. Usage: bash drive_completion.bash SCRIPT LINE
# Sets the COMP_ variables as bash does for the cursor at the end of LINE, calls the function that SCRIPT registers,
# and prints the candidates sorted, one a line, in brackets. A function stands in for the program.
dbfleet() {
    local arguments="$*"
    case $arguments in
    *'__complete -- REVISION '*) printf 'head\nheads\t1 of 1\na:b\na:c\n' ;;
    *'__complete -- TARGET '*) printf 'eu-1\teu\neu-2\todd one\nodd name\n' ;;
    *'-c x.yaml'*' __complete -- SELECTOR '*) printf 'canary\n' ;;
    esac
}

split_as_readline_does() { # sets COMP_WORDS
    local line=$1 word= character i
    COMP_WORDS=()
    for ((i = 0; i < ${#line}; i++)); do
        character=${line:i:1}
        case $character in
        ' ') [[ -n $word ]] && COMP_WORDS+=("$word"); word= ;;
        [=:]) [[ -n $word ]] && COMP_WORDS+=("$word"); COMP_WORDS+=("$character"); word= ;;
        *) word+=$character ;;
        esac
    done
    if [[ -n $word || $line == *' ' ]]; then COMP_WORDS+=("$word"); fi
}

set -u
source "$1"
compopt() { COMPREPLY+=("compopt $*"); }
COMP_LINE=$2
COMP_POINT=${#2}
COMP_WORDBREAKS=$' \t\n"\'><=;|&(:'
split_as_readline_does "$2"
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_dbfleet dbfleet "${COMP_WORDS[COMP_CWORD]}" ""
for candidate in ${COMPREPLY[@]+"${COMPREPLY[@]}"}; do echo "[$candidate]"; done | LC_ALL=C sort | tr -d '\n'
