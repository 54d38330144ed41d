#!/usr/bin/env bash
# Prints the image of the commit that is checked out, by its digest. Unless the repository of images $REPOSITORY has it,
# it is built on $NODE_IMAGE and pushed there: tags never move, so a commit has one image.
set -euo pipefail
cd "$(dirname "$0")/.."
: "${REPOSITORY:?is not set: the repository of images, such as 111122223333.dkr.ecr.us-east-1.amazonaws.com/lazuli}"
commit=$(git rev-parse HEAD)
registry=${REPOSITORY%%/*}
# `None` where there is no such image.
digest() {
  aws ecr batch-get-image --repository-name "${REPOSITORY#*/}" --image-ids "imageTag=$commit" \
    --query 'images[0].imageId.imageDigest' --output text
}
found=$(digest)
if [ "$found" = None ]; then
  : "${NODE_IMAGE:?is not set: the base by its digest, such as node:24-bookworm-slim@sha256:...}"
  if [ -n "$(git status --porcelain)" ]; then
    echo "error: what is checked out is not the commit $commit: there are changes" >&2
    exit 1
  fi
  aws ecr get-login-password | docker login --username AWS --password-stdin "$registry" >&2
  docker build --platform linux/amd64 --provenance=false --build-arg "NODE_IMAGE=$NODE_IMAGE" \
    --build-arg "COMMIT=$commit" --tag "$REPOSITORY:$commit" . >&2
  docker push "$REPOSITORY:$commit" >&2
  found=$(digest)
fi
case "$found" in
  sha256:*) echo "$REPOSITORY@$found" ;;
  *)
    echo "error: the registry tells no digest of $REPOSITORY:$commit: $found" >&2
    exit 1
    ;;
esac
