/** The part of a pino logger that this room needs. */
export interface Logger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export const noLogger: Logger = { info: () => {}, warn: () => {}, error: () => {} };
