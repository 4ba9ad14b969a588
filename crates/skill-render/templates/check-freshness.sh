#!/bin/sh
# Says at the start of a session that the data of skill flux-infra-guide is stale. Whatever happens, the session goes on.
command -v flux-infra-guide >/dev/null 2>&1 || exit 0

# The project's own data wins over the plugin's.
data=.claude/skills/flux-infra-guide/data
if [ -z "${FLUX_INFRA_GUIDE_DATA:-}" ] && [ ! -d "$data" ] && [ -n "${CLAUDE_PLUGIN_ROOT:-}" ]; then
    FLUX_INFRA_GUIDE_DATA="$CLAUDE_PLUGIN_ROOT/skills/flux-infra-guide/data"
    export FLUX_INFRA_GUIDE_DATA
fi

# The clone of the active environment, else this folder.
repository=.
if [ -r .claude/rwenv ]; then
    clone="${RWENV_CONFIG_DIR:-$HOME/.claude/rwenv}/flux-repos/$(head -n 1 .claude/rwenv)"
    [ -d "$clone" ] && repository="$clone"
fi

flux-infra-guide check "$repository" >/dev/null 2>&1
if [ "$?" -eq 1 ]; then
    echo "The data of skill flux-infra-guide is stale: skill flux-infra-guide-regenerate brings it up to date."
fi
exit 0
