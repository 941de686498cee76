#!/bin/bash
# build-release.sh FOLDER - turns the tree that this file lies in into a release. Brings packages and builds the browser
# part when they are not there.
set -euo pipefail
project=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=bin/lib/common.sh
. "$project/bin/lib/common.sh"
# shellcheck source=bin/lib/project.sh
. "$project/bin/lib/project.sh"
use_node
bring_packages
bring_web
node "$project/scripts/release.ts" --out "$1" >/dev/null
