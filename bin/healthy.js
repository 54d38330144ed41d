#!/usr/bin/env node
// The health check of a container: code 0 when the URL answers with success.
const answerMillis = 5_000;
const [url = ''] = process.argv.slice(2);

try {
  const response = await fetch(url, { signal: AbortSignal.timeout(answerMillis) });
  process.exitCode = response.ok ? 0 : 1;
} catch (error) {
  console.error(`${url}: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
