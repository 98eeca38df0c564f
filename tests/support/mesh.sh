# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# A mesh of simulated nodes: the simulated internet, the nodes, and the means to measure and to
# observe. To be sourced.

MESH=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=run.sh
source "$MESH/run.sh"
# shellcheck source=topology.sh
source "$MESH/topology.sh"
# shellcheck source=measure.sh
source "$MESH/measure.sh"
# shellcheck source=snapshot.sh
source "$MESH/snapshot.sh"
# shellcheck source=registry.sh
source "$MESH/registry.sh"
# shellcheck source=node.sh
source "$MESH/node.sh"
