# Runs a PostgreSQL server in a directory of its own, on behalf of whoever holds the other end of standard input:
# when that closes, also because its process was killed, the server and the directory go.
# Arguments: the directory of PostgreSQL's programs, the port, and further options of the server.
set -eu
bin=$1 port=$2
shift 2
dir=$(mktemp -d "${TMPDIR:-/tmp}/chat-postgres.XXXXXX")
pid=
leave() {
    [ -z "$pid" ] || { kill -QUIT "$pid" 2>/dev/null && wait "$pid"; } || :
    rm -rf "$dir"
}
trap leave EXIT
trap 'exit 1' INT TERM
cd "$dir"
echo secret >password
"$bin/initdb" -D data -U chat --pwfile=password --auth=scram-sha-256 --encoding=UTF8 --no-locale --no-sync \
    >log 2>&1 || { echo "failed $(tail -n 3 log | tr '\n' ' ')"; exit 1; }
while read -r command; do
    case $command in
    start)
        tries=0
        while :; do
            "$bin/postgres" -D data -p "$port" -h 127.0.0.1 -k "" "$@" >>log 2>&1 &
            pid=$!
            # It ends when something is in its way, such as the memory of one that was killed just before.
            while kill -0 "$pid" 2>/dev/null && ! "$bin/pg_isready" -q -h 127.0.0.1 -p "$port" -d postgres; do
                sleep 0.05
            done
            kill -0 "$pid" 2>/dev/null && break
            tries=$((tries + 1))
            [ "$tries" -lt 200 ] || { echo "failed $(tail -n 3 log | tr '\n' ' ')"; exit 1; }
            sleep 0.05
        done
        echo started
        ;;
    room)
        prlimit --pid "$pid" --fsize=unlimited && echo room || echo failed
        ;;
    kill)
        kill -KILL "$pid"
        wait "$pid" || :
        pid=
        echo killed
        ;;
    esac
done
