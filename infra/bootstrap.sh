#!/usr/bin/env bash
# Runs the bootstrap task of the stack $STACK, and waits for its success. May be repeated.
set -euo pipefail
: "${STACK:?is not set: the name of the stack whose search domain is made ready, such as STACK=dev}"
errands=$(pulumi stack output errands --json --stack "$STACK")
# An object as JSON, a text as it is, nothing where there is no such member.
member() { node -p 'const found = JSON.parse(process.argv[1])[process.argv[2]] ?? ""; typeof found === "string" ? found : JSON.stringify(found)' "$errands" "$1"; }
task_definition=$(member bootstrap)
if [ -z "$task_definition" ]; then
  echo "error: the stack $STACK has no bootstrap task, as it shares the search domain of another stack" >&2
  echo "remedy: list $STACK in search.tenants of that stack, deploy that one, and run this with its name as STACK" >&2
  exit 2
fi
cluster=$(member cluster)
started=$(aws ecs run-task --cluster "$cluster" --launch-type FARGATE --task-definition "$task_definition" \
  --network-configuration "$(member networkConfiguration)" --output json)
task=$(node -p 'JSON.parse(process.argv[1]).tasks?.[0]?.taskArn ?? ""' "$started")
if [ -z "$task" ]; then
  echo "error: ECS started no bootstrap task: $started" >&2
  exit 1
fi
aws ecs wait tasks-stopped --cluster "$cluster" --tasks "$task"
code=$(aws ecs describe-tasks --cluster "$cluster" --tasks "$task" --query 'tasks[0].containers[0].exitCode' --output text)
echo "bootstrap ended with code $code"
[ "$code" = 0 ]
