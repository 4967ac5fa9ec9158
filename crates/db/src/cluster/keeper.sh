# Runs PostgreSQL and sees that it does not outlive the process that wanted it, even when that one is killed with -9.
#   sh -c "$keeper" keeper PGDATA THROWAWAY PROGRAM ARGUMENT…        (THROWAWAY: a directory to remove at the end, or "")
#
# Standard input is a pipe that only the wanting process can write to. It writes "stopped" after an orderly stop. If the
# pipe closes without it, that process is dead, and the keeper stops PostgreSQL in its place. The keeper is detached (a
# child of postgres that it does not know would be taken for one of its own), and this shell becomes postgres itself, so
# that its process id and exit status are PostgreSQL's.
exec 3<&0 </dev/null
pgdata=$1 throwaway=$2
shift 2

keep() {
    word=
    read -r word <&3
    if [ "$word" != stopped ]; then
        signal=INT # fast: roll back what is open, write a checkpoint
        [ -n "$throwaway" ] && signal=QUIT # immediate: nobody will read it again
        # Only a process that this directory's pid file names is stopped: ids are reused. The file appears a moment
        # after the start and disappears at the end.
        patience=300
        while [ "$patience" -gt 0 ] && kill -0 $$ 2>/dev/null; do
            pid=
            [ -f "$pgdata/postmaster.pid" ] && read -r pid <"$pgdata/postmaster.pid"
            if [ "$pid" = $$ ]; then
                kill -"$signal" $$ 2>/dev/null
                [ "$patience" -lt 100 ] && signal=QUIT
            elif [ "$patience" -lt 250 ]; then
                break
            fi
            sleep 0.1
            patience=$((patience - 1))
        done
    fi
    [ -n "$throwaway" ] && rm -rf "$throwaway"
}

( keep & )
exec "$@" 3<&-
