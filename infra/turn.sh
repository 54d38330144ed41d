#!/usr/bin/env bash
# In a pipeline of GitHub: waits until all earlier deployments from the same branch have ended. GitHub's own groups let
# one run wait at most, and cancel it when another one comes.
set -euo pipefail
: "${GITHUB_REPOSITORY:?}" "${GITHUB_WORKFLOW_REF:?}" "${GITHUB_REF_NAME:?}" "${GITHUB_RUN_NUMBER:?}"
workflow=${GITHUB_WORKFLOW_REF%%@*}
runs="repos/$GITHUB_REPOSITORY/actions/workflows/${workflow##*/}/runs?branch=$GITHUB_REF_NAME&event=push&per_page=100"
earlier=".workflow_runs[] | select(.run_number < $GITHUB_RUN_NUMBER and .status != \"completed\") | .run_number"
while :; do
  waiting_for=$(gh api "$runs" --jq "$earlier")
  [ -n "$waiting_for" ] || break
  echo "waiting for" $waiting_for
  sleep "${TURN_SECONDS:-30}"
done
echo "it is the turn of $GITHUB_RUN_NUMBER"
