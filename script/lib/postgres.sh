# shellcheck shell=bash
# A throwaway PostgreSQL for a script: a few megabytes in a temporary directory, reached through a socket in it (no port
# to collide on, nobody else can connect), gone when the script ends. Source script/env.sh first.

# postgres_start DIRECTORY: starts it there and sets POSTGRES_DIR. Durability is off: nothing in it is worth keeping.
postgres_start() {
    POSTGRES_DIR=$1
    POSTGRES_BIN=$(postgres_bin) || die "no PostgreSQL programs found; run script/bootstrap"
    mkdir -p "$POSTGRES_DIR/socket"
    # PostgreSQL refuses to run as root, so root lends the directory to the account that Debian's package made.
    [ "$(id -u)" != 0 ] || chown -R postgres "$POSTGRES_DIR"
    as_postgres "$POSTGRES_BIN/initdb" --pgdata="$POSTGRES_DIR/data" --username=postgres --auth=trust \
        --encoding=UTF8 --locale=C --no-sync >"$POSTGRES_DIR/initdb.log"
    as_postgres "$POSTGRES_BIN/pg_ctl" start --pgdata="$POSTGRES_DIR/data" --log="$POSTGRES_DIR/server.log" --silent \
        --wait --options="-c listen_addresses='' -c unix_socket_directories='$POSTGRES_DIR/socket' -c fsync=off"
}

postgres_stop() {
    [ -f "${POSTGRES_DIR:-/nowhere}/data/postmaster.pid" ] || return 0
    as_postgres "$POSTGRES_BIN/pg_ctl" stop --pgdata="$POSTGRES_DIR/data" --mode=immediate --silent
}

as_postgres() {
    if [ "$(id -u)" = 0 ]; then (cd / && setpriv --reuid=postgres --regid=postgres --init-groups "$@"); else "$@"; fi
}

# sql ROLE DATABASE OPTION…: psql on it, silent, stopping at the first error.
sql() {
    local role=$1 database=$2
    shift 2
    "$POSTGRES_BIN/psql" --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --host="$POSTGRES_DIR/socket" \
        --username="$role" --dbname="$database" "$@" >/dev/null
}
