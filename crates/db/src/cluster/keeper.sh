# Runs PostgreSQL and sees that it does not outlive the process that wanted it, even when that one is killed with -9.
#   sh -c "$keeper" keeper PGDATA THROWAWAY PROGRAM ARGUMENT…        (THROWAWAY: a directory to remove at the end, or "")
#
# Standard input is a pipe that only the wanting process can write to. It writes "stopped" after an orderly stop. If the
# pipe closes without it, that process is dead, and the keeper stops PostgreSQL in its place. The keeper is detached (a
# child of postgres that it does not know would be taken for one of its own), and this shell becomes postgres itself, so
# that its process id and exit status are PostgreSQL's. Lines that start with # are taken out before it runs.
exec 3<&0 </dev/null
pgdata=$1 throwaway=$2
shift 2

keep() {
    word=
    read -r word <&3
    [ "$word" = stopped ] || stop
    [ -z "$throwaway" ] || rm -rf "$throwaway"
}

# Only a process that the pid file of this directory names is stopped: process ids are reused. The file appears a moment
# after the start and goes at the end. Looked at every 0.1 s: 5 s for it to appear, 20 s for a fast shutdown (INT: roll
# back what is open, write a checkpoint), then 10 s for an immediate one (QUIT). What is thrown away gets QUIT at once.
stop() {
    signal=INT
    [ -z "$throwaway" ] || signal=QUIT
    seen=
    tick=0
    while [ "$tick" -lt 300 ] && kill -0 $$ 2>/dev/null; do
        pid=
        [ ! -f "$pgdata/postmaster.pid" ] || read -r pid <"$pgdata/postmaster.pid"
        if [ "$pid" = $$ ]; then
            seen=yes
            [ "$tick" -lt 200 ] || signal=QUIT
            kill -"$signal" $$
        elif [ -n "$seen" ] || [ "$tick" -ge 50 ]; then
            break
        fi
        sleep 0.1
        tick=$((tick + 1))
    done
}

( keep & )
exec "$@" 3<&-
