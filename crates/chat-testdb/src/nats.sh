# Runs a NATS server on behalf of whoever holds the other end of standard input: when that closes, also because its
# process was killed, the server goes. Arguments: the port, and further options of the server.
set -eu
port=$1
shift
pid=
leave() {
    [ -z "$pid" ] || { kill -KILL "$pid" 2>/dev/null && wait "$pid"; } || :
}
trap leave EXIT
trap 'exit 1' INT TERM
while read -r command; do
    case $command in
    start)
        nats-server --addr 127.0.0.1 --port "$port" "$@" >/dev/null 2>&1 &
        pid=$!
        echo started
        ;;
    pid)
        echo "$pid"
        ;;
    kill)
        kill -KILL "$pid"
        wait "$pid" || :
        pid=
        echo killed
        ;;
    esac
done
