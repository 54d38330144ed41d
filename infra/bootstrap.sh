#!/usr/bin/env bash
# Runs the bootstrap task of the stack $STACK, and waits for its success. May be repeated.
set -euo pipefail
errands=$(pulumi stack output errands --json --stack "$STACK")
member() { node -p "JSON.stringify(JSON.parse(process.argv[1]).$1)" "$errands" | sed -e 's/^"//' -e 's/"$//'; }
cluster=$(member cluster)
task=$(aws ecs run-task --cluster "$cluster" --launch-type FARGATE --task-definition "$(member bootstrap)" \
  --network-configuration "$(member networkConfiguration)" --query 'tasks[0].taskArn' --output text)
aws ecs wait tasks-stopped --cluster "$cluster" --tasks "$task"
code=$(aws ecs describe-tasks --cluster "$cluster" --tasks "$task" --query 'tasks[0].containers[0].exitCode' --output text)
echo "bootstrap ended with code $code"
[ "$code" = 0 ]
