import { writeSync } from 'node:fs';
import { type Logger as Pino, pino } from 'pino';
import { LazuliError } from '../config/errors.ts';
import { printableJson } from '../config/printable.ts';
import { LogFile } from './log-file.ts';

/** The part of a pino logger that this room needs. */
export interface Logger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export const noLogger: Logger = { info: () => {}, warn: () => {}, error: () => {} };

const levels = ['debug', 'info', 'warn', 'error'];

/**
 * The log of a process: one line of JSON a message, on standard error; `LAZULI_LOG_LEVEL` says from which level on.
 *
 * @param name of the role
 * @throws LazuliError `configuration_invalid` for a level that there isn't
 */
export function processLogger(name: string, env: NodeJS.ProcessEnv = process.env): Logger {
  const level = env.LAZULI_LOG_LEVEL ?? 'info';
  if (!levels.includes(level)) {
    throw new LazuliError('configuration_invalid', `LAZULI_LOG_LEVEL is '${level}'.`, {
      remedy: `Set it to one of ${levels.join(', ')}, or unset it.`,
    });
  }
  // Somebody will look at it on a terminal, and what a bundle holds may be in it.
  const hooks = { streamWrite: printableJson };
  const logger: Pino = pino({ name, level, hooks }, new LogFile((bytes) => writeSync(2, bytes)));
  return logger;
}
