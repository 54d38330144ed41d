#!/usr/bin/env node
import { launch } from './launch.js';

await launch(['test/bench/main.ts', ...process.argv.slice(2)]);
