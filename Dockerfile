# syntax=docker/dockerfile:1
# One image for all roles: `docker run lazuli run query`. Pin the base by digest when building:
#   docker build --build-arg NODE_IMAGE=node:24-bookworm-slim@sha256:<digest> --build-arg COMMIT=$(git rev-parse HEAD) .
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The image's own Node runs everything: the copies of Node for machines without one are left out.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
  && rm -rf node_modules/node-linux-* node_modules/node-darwin-* node_modules/.cache

# The Kinesis Client Library, for ingest workers that share a stream: fetched here, so that none does so at run time.
FROM ${NODE_IMAGE} AS library
WORKDIR /library
RUN apt-get update && apt-get install -y --no-install-recommends maven
COPY cli/engines/kinesis-client/pom.xml ./
RUN mvn -q -B dependency:copy-dependencies -DoutputDirectory=jars

FROM ${NODE_IMAGE}
RUN apt-get update && apt-get install -y --no-install-recommends openjdk-17-jre-headless \
  && rm -rf /var/lib/apt/lists/*
ARG COMMIT=unknown
ENV NODE_ENV=production LAZULI_COMMIT=${COMMIT}
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=library /library/jars ./.engines/kinesis-client-3.1.3
COPY package.json package-lock.json LICENSE ./
COPY bin ./bin
COPY core ./core
COPY plugins ./plugins
COPY ingest ./ingest
COPY transform ./transform
COPY exports ./exports
COPY query ./query
COPY cli ./cli
RUN mkdir -p /var/lib/lazuli && chown node:node /var/lib/lazuli
USER node
VOLUME /var/lib/lazuli
EXPOSE 8000 8001 8002 8003 8005
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "cli/main.ts"]
CMD ["run", "query"]
