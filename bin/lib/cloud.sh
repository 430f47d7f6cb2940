# shellcheck shell=bash
# Which cloud a script talks to. Needs ROOT, messages.sh and python.sh. Sets LOCAL_CLOUD_PORT.

LOCAL_CLOUD_PORT=${LOCAL_CLOUD_PORT:-4566}
export LOCAL_CLOUD_PORT

case $LOCAL_CLOUD_PORT in
  0* | *[!0-9]* | ??????*) is_port=no ;;
  *) [ "$LOCAL_CLOUD_PORT" -le 65535 ] && is_port=yes || is_port=no ;;
esac
[ "$is_port" = yes ] || usage_error "LOCAL_CLOUD_PORT must be a port from 1 to 65535, not '$LOCAL_CLOUD_PORT'"

# use_cloud yes|no [REGION]: makes every AWS call of this script go to the local cloud (yes) or to AWS (no), in REGION
# or, if it is not given, in that of the stage. A stage that does not exist is wrong usage.
use_cloud() {
  local region=${2:-}
  [ -n "$region" ] || region=$(run_cli parameter ${stage:+--stage "$stage"} region) || exit
  export AWS_REGION=$region AWS_DEFAULT_REGION=$region
  [ "$1" = yes ] || return 0
  local credentials=$ROOT/.local-cloud/$LOCAL_CLOUD_PORT/credentials
  [ -f "$credentials" ] || fail "no local cloud has been started on port $LOCAL_CLOUD_PORT: run ./deploy-api-gateway.sh --local"
  # shellcheck disable=SC1090  # two assignments, written by local-cloud.sh
  . "$credentials"
  export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_ENDPOINT_URL="http://127.0.0.1:$LOCAL_CLOUD_PORT"
  export AWS_EC2_METADATA_DISABLED=true NO_PROXY="127.0.0.1${NO_PROXY:+,$NO_PROXY}"
  unset AWS_PROFILE AWS_SESSION_TOKEN AWS_SECURITY_TOKEN
}
